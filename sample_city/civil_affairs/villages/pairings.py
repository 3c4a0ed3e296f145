"""CA05 and CA06: the register of pairings by month, and the inputs of the organizations into their villages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.civil_affairs.villages.pairing_plan import Pairing
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, IN_SET, NOT_AFTER_PERIOD, NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight

_ENDED_BEFORE_PAIRED = Fault(
    "ended_before_paired",
    {"status": "已结束", "paired_date": dt.date(2021, 6, 1), "ended_date": dt.date(2021, 5, 1)},
    [("ended_date", GREATER)],
)
_ENDED_WITHOUT_A_DAY = Fault("ended_without_date", {"status": "已结束", "ended_date": None}, [("ended_date", NOT_NULL)])
_GOES_ON_AND_ENDED = Fault(
    "goes_on_and_ended",
    {"status": "结对中", "paired_date": dt.date(2021, 2, 1), "ended_date": dt.date(2022, 3, 1)},
    [("ended_date", NULL)],
)
_PAIRED_LATER = Fault(
    fault_kinds.FUTURE_DATE,
    {"status": "结对中", "paired_date": dt.date(2024, 3, 1), "ended_date": None},
    [("paired_date", NOT_AFTER_PERIOD)],
)
_OTHER_NAME = Fault(
    "organization_name_as_registered",
    {"organization_name": "惠州市惠民商会（筹）"},
    [("organization_name", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_PAIRING_FAULTS: FaultPlan = {
    (CITY_CODE, "2021-02"): (fault_kinds.LATE,),
    (CITY_CODE, "2021-07"): (_ENDED_BEFORE_PAIRED, fault_kinds.UNKNOWN_TOWN),
    (CITY_CODE, "2021-11"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2022-04"): (fault_kinds.DUPLICATE_ROW, _ENDED_WITHOUT_A_DAY),
    (CITY_CODE, "2022-08"): (fault_kinds.MISSING,),
    (CITY_CODE, "2022-12"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-05"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-09"): (_GOES_ON_AND_ENDED, _PAIRED_LATER),
    (CITY_CODE, "2023-12"): (fault_kinds.USCC_WRONG, fault_kinds.UNKNOWN_TOWN, _ENDED_WITHOUT_A_DAY, _OTHER_NAME),
}
_GOODS_OUT_OF_BUDGET = Fault(
    "goods_from_public_money",
    {"input_type": "物资折价", "fund_source": "财政", "is_duplicated_in_charity": False},
    [("fund_source", IN_SET)],
)
_DONATED_AND_OWN = Fault(
    "duplicate_without_donation",
    {"input_type": "资金", "fund_source": "自有", "is_duplicated_in_charity": True},
    [("fund_source", IN_SET)],
)
_NOT_PAIRED = Fault(
    "input_belongs_to_a_pairing",
    {"village_name": "东湖社区", "village_code": "441302001001"},
    [("uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_INPUT_FAULTS: FaultPlan = {
    (CITY_CODE, "2021-05"): (_GOODS_OUT_OF_BUDGET,),
    (CITY_CODE, "2021-10"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-03"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2022-06"): (fault_kinds.OUT_OF_RANGE, fault_kinds.USCC_WRONG),
    (CITY_CODE, "2022-09"): (_NOT_PAIRED,),
    (CITY_CODE, "2022-11"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-03"): (_DONATED_AND_OWN, fault_kinds.FUTURE_DATE),
    (CITY_CODE, "2023-08"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-12"): (fault_kinds.DUPLICATE_ROW, fault_kinds.TYPE_FAULT),
}
_GOODS_YUAN, _SERVICES_YUAN = 3_420_000, 1_150_000
_COUNTS = {"资金": 250, "物资折价": 120, "服务折价": 50}
_STEP_YUAN = 100
_SOURCES = {
    "资金": (("自有", "会员企业", "慈善捐赠", "财政", "福彩公益金"), (0.3, 0.4, 0.2, 0.05, 0.05)),
    "物资折价": (("自有", "会员企业", "慈善捐赠", "其他"), (0.3, 0.4, 0.25, 0.05)),
    "服务折价": (("自有", "会员企业", "其他"), (0.7, 0.2, 0.1)),
}
_PROJECTS = {
    "资金": ("村道硬底化", "产业扶持资金", "公共活动场所修缮", "“一老一小”服务点建设", "农产品展销"),
    "物资折价": ("路灯和护栏捐赠", "农机具捐赠", "图书和体育器材捐赠", "慰问物资"),
    "服务折价": ("农技指导", "义诊服务", "法律咨询", "文艺下乡"),
}


def build_pairings(city: City, pairings: Sequence[Pairing]) -> None:
    """Writes the register of each month."""
    report = city.contracts["pairing"]
    template = FormTemplate("惠州市社会组织结对帮扶台账", "社会组织结对帮扶台账")
    writer = DocumentWriter(city, report, template, _PAIRING_FAULTS)
    for month in city.span.months():
        rows = (_register_row(pairing, month) for pairing in pairings if pairing.paired <= month.end)
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _register_row(pairing: Pairing, month: Period) -> Record:
    has_ended = pairing.ended is not None and pairing.ended <= month.end
    return {
        "period_month": str(month),
        "uscc": pairing.organization.uscc,
        "organization_name": pairing.organization.name,
        "village_name": pairing.village.label,
        "village_code": pairing.village.code,
        "town_name": pairing.town.name,
        "county_name": pairing.town.county_label,
        "paired_date": pairing.paired,
        "ended_date": pairing.ended if has_ended else None,
        "status": "已结束" if has_ended else "暂停" if pairing.is_paused else "结对中",
        "agreement_code": pairing.agreement,
        "contact_name": pairing.contact_name,
        "contact_phone": pairing.contact_phone,
    }


def build_pairing_inputs(city: City, pairings: Sequence[Pairing]) -> None:
    """Writes the inputs of each month. The money of the three years is the sum in the facts; goods and services are extra."""
    report = city.contracts["pairing_input"]
    template = FormTemplate("惠州市社会组织结对帮扶投入明细表", "结对帮扶投入明细表", totals=("amount_yuan",), unit_line="万元")
    writer = DocumentWriter(city, report, template, _INPUT_FAULTS)
    inputs = sorted(_plan_inputs(city, pairings), key=lambda row: row["input_code"])
    for month in city.span.months():
        rows = (row for row in inputs if row["period_month"] == str(month))
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _plan_inputs(city: City, pairings: Sequence[Pairing]) -> Iterator[Record]:
    """Plans money, goods and services over months and pairings. All amounts but one are whole hundreds of yuan."""
    rng = city.stream("pairing_input", "plan")
    numbers = dict.fromkeys((str(month) for month in FULL_SPAN.months()), 0)
    for kind, total in (("资金", city.facts.pairing_fund_yuan), ("物资折价", _GOODS_YUAN), ("服务折价", _SERVICES_YUAN)):
        counts = apportion([month_weight(month) for month in FULL_SPAN.months()], _COUNTS[kind])
        amounts = iter(_amounts(rng, total, _COUNTS[kind]))
        for month, count in zip(FULL_SPAN.months(), counts, strict=True):
            for _ in range(count):
                day = _day(rng, month)
                numbers[str(month)] += 1
                code = f"TR{month.year}{month.ordinal:02d}{numbers[str(month)]:03d}"
                yield _input_row(rng, kind, code, day, next(amounts), _helper_on(rng, pairings, day))


def _amounts(rng: Rng, total: int, count: int) -> list[int]:
    steps = [1 + step for step in apportion(np.exp(rng.normal(0, 0.8, count)), total // _STEP_YUAN - count)]
    amounts = [step * _STEP_YUAN for step in steps]
    amounts[-1] += total % _STEP_YUAN
    return amounts


def _day(rng: Rng, month: Period) -> dt.date:
    """Draws a working day from the fourth of the month: the first pairing begins before it."""
    weights = np.array(day_weights(month)[3:])
    return month.start + dt.timedelta(days=3 + int(rng.choice(len(weights), p=weights / weights.sum())))


def _helper_on(rng: Rng, pairings: Sequence[Pairing], day: dt.date) -> Pairing:
    active = [pairing for pairing in pairings if pairing.is_active(day)]
    return active[int(rng.integers(len(active)))]


def _input_row(rng: Rng, kind: str, code: str, day: dt.date, yuan: int, pairing: Pairing) -> Record:
    sources, chances = _SOURCES[kind]
    source = str(rng.choice(sources, p=chances))
    return {
        "period_month": f"{day:%Y-%m}",
        "input_code": code,
        "uscc": pairing.organization.uscc,
        "organization_name": pairing.organization.name,
        "village_name": pairing.village.label,
        "village_code": pairing.village.code,
        "project_name": f"{pairing.village.label}{rng.choice(_PROJECTS[kind])}",
        "input_type": kind,
        "fund_source": source,
        "amount_yuan": Decimal(yuan),
        "occurred_date": day,
        "is_duplicated_in_charity": source == "慈善捐赠" and rng.random() < 0.6,
    }
