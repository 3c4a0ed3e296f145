"""CH04: payments of medical aid, as encrypted workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city.charity.spending import brands
from sample_city.charity.spending.beneficiaries import (
    birth_date,
    draw_bank_accounts,
    draw_choices,
    draw_homes,
    draw_unique_resident_ids,
)
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import GREATER
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE, Town
from sample_city.reference.people import Rng, draw_names
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight

_PAID_AGAIN = 0.22
_OTHER = "其他"
_ILLNESSES = {
    brands.PATIENTS.name: ("恶性肿瘤", "尿毒症", "脑卒中", "白血病", "器官移植术后"),
    brands.HEARTS.name: ("先天性心脏病", "冠心病", "风湿性心脏病"),
    brands.HEARING.name: ("重度听力损失", "人工耳蜗植入"),
    brands.THALASSAEMIA.name: ("重型地中海贫血",),
    brands.AUTISM.name: ("孤独症谱系障碍",),
    _OTHER: ("重度烧伤", "多发性骨折", "脊髓损伤"),
}
_WEIGHTS = (0.62, 0.13, 0.08, 0.08, 0.06, 0.03)
_OF_CHILDREN = frozenset({brands.THALASSAEMIA.name, brands.AUTISM.name})
_CLIENT_TYPES = ("低保", "特困", "低保边缘", "支出型困难", "孤儿", "其他困难群众")
_CLIENT_WEIGHTS = (0.34, 0.1, 0.2, 0.2, 0.01, 0.15)
_HOSPITALS = (
    "惠州市中心人民医院",
    "惠州市第一人民医院",
    "惠州市第三人民医院",
    "惠州市中医医院",
    "博罗县人民医院",
    "惠东县人民医院",
)
_BANKS = ("中国农业银行惠州分行", "惠州农村商业银行", "中国邮政储蓄银行惠州市分行", "中国建设银行惠州市分行")
_ABOVE_COST = Fault("aid_above_cost", {"self_paid_yuan": 3_000, "amount_yuan": 9_000}, [("self_paid_yuan", GREATER)])
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-03"): (fault_kinds.RESIDENT_ID_WRONG, _ABOVE_COST),
    (CITY_CODE, "2021-07"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2021-12"): (fault_kinds.UNKNOWN_TOWN, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2022-04"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2022-09"): (fault_kinds.FUTURE_DATE, _ABOVE_COST),
    (CITY_CODE, "2023-03"): (fault_kinds.LATE,),
    (CITY_CODE, "2023-08"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-10"): (fault_kinds.OUT_OF_RANGE,),
    (CITY_CODE, "2023-11"): (fault_kinds.RESIDENT_ID_WRONG, fault_kinds.TYPE_FAULT),
}


@dataclass(frozen=True, slots=True)
class Patient:
    """A beneficiary of medical aid."""

    name: str
    resident_id: str
    home: Town
    village: str
    client_type: str
    illness: str
    hospital: str
    bank: str
    account: str
    brand: str


@dataclass(frozen=True, slots=True)
class Aid:
    """A payment to a patient."""

    patient: Patient
    approved: dt.date
    paid: dt.date
    self_paid_yuan: int
    yuan: int


def plan_aid(city: City, taken: set[str]) -> list[Aid]:
    """Plans payments to the number of patients in the facts. They add up to the facts' sum; some patients are paid twice."""
    rng = city.stream("medical_aid", "plan")
    patients = _patients(city, rng, taken)
    again = rng.choice(len(patients), size=round(_PAID_AGAIN * len(patients))).tolist()
    paid_to = [*patients, *(patients[place] for place in again)]
    hundreds, rest = divmod(city.facts.medical_aid_yuan, 100)
    amounts = [100 * share for share in apportion(rng.lognormal(0, 0.55, len(paid_to)).clip(0.25, 4), hundreds)]
    amounts[0] += rest
    days = _pay_days(rng, len(paid_to))
    waited = rng.integers(3, 22, size=len(paid_to)).tolist()
    shares = rng.uniform(1.4, 6, size=len(paid_to)).tolist()
    planned = [
        Aid(patient, day - dt.timedelta(days=wait), day, round(yuan * share), yuan)
        for patient, day, wait, yuan, share in zip(paid_to, days, waited, amounts, shares, strict=True)
    ]
    return sorted(planned, key=lambda aid: (aid.paid, aid.patient.resident_id))


def build_medical_aid(city: City, payments: Sequence[Aid]) -> None:
    """Writes a workbook per month."""
    report = city.contracts["medical_aid"]
    template = FormTemplate("惠州市大病医疗救助台账（{period}）", "大病医疗救助台账", totals=("amount_yuan",))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for month in city.span.months():
        first, last = month.start, month.end
        mine = [aid for aid in payments if first <= aid.paid <= last]
        rows = (_row(aid, month, number) for number, aid in enumerate(mine, start=1))
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _row(aid: Aid, month: Period, number: int) -> Record:
    patient = aid.patient
    return {
        "period_month": str(month),
        "aid_code": f"YL{month.year}{month.ordinal:02d}-{number:04d}",
        "person_name": patient.name,
        "resident_id": patient.resident_id,
        "birth_date": birth_date(patient.resident_id),
        "county_name": patient.home.county_label,
        "town_name": patient.home.name,
        "village_name": patient.village,
        "client_type": patient.client_type,
        "disease": patient.illness,
        "hospital": patient.hospital,
        "self_paid_yuan": aid.self_paid_yuan,
        "amount_yuan": aid.yuan,
        "approved_date": aid.approved,
        "paid_date": aid.paid,
        "bank": patient.bank,
        "bank_account": patient.account,
        "brand": patient.brand,
    }


def _patients(city: City, rng: Rng, taken: set[str]) -> list[Patient]:
    count = city.facts.medical_aid_persons
    helped_by = sorted(draw_choices(rng, tuple(_ILLNESSES), _WEIGHTS, count), key=lambda brand: brand in _OF_CHILDREN)
    children = sum(brand in _OF_CHILDREN for brand in helped_by)
    numbers = [
        *draw_unique_resident_ids(rng, count - children, (1938, 2003), taken),
        *draw_unique_resident_ids(rng, children, (2006, 2019), taken),
    ]
    facts = zip(
        draw_names(rng, count),
        numbers,
        draw_homes(rng, count),
        draw_choices(rng, _CLIENT_TYPES, _CLIENT_WEIGHTS, count),
        draw_choices(rng, _HOSPITALS, (5, 4, 2, 2, 1, 1), count),
        draw_choices(rng, _BANKS, (4, 4, 2, 1), count),
        draw_bank_accounts(rng, count),
        helped_by,
        rng.integers(1_000, size=count).tolist(),
        strict=True,
    )
    return [
        Patient(
            name,
            number,
            home,
            home.villages[draw % len(home.villages)].label,
            client,
            _ILLNESSES[brand][draw % len(_ILLNESSES[brand])],
            hospital,
            bank,
            account,
            brand,
        )
        for name, number, home, client, hospital, bank, account, brand, draw in facts
    ]


def _pay_days(rng: Rng, count: int) -> list[dt.date]:
    """Draws working days of the three years, with a slight increase per year."""
    months = FULL_SPAN.months()
    days = [month.start + dt.timedelta(days=offset) for month in months for offset in range((month.end - month.start).days + 1)]
    weights = [
        weight * (1 + place / 60) for place, month in enumerate(months) if month_weight(month) for weight in day_weights(month)
    ]
    places = rng.choice(len(days), size=count, p=[weight / sum(weights) for weight in weights])
    return [days[place] for place in places.tolist()]
