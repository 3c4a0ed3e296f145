"""CH03: expenses of the federation: aid and grants by month and county, other work of the brands, administration."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period, PeriodKind
from sample_city.charity.spending.brands import ADMINISTRATION, BRANDS, EYES, OTHER_AID, STUDENTS
from sample_city.charity.spending.medical_aid import Aid
from sample_city.charity.spending.student_grants import Grant
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import NULL
from sample_city.faults.fault import Fault, FaultPlan
from sample_city.reference.geography import CITY_CODE, COUNTY_LABELS
from sample_city.reference.timetable import FULL_SPAN

WORK, OFFICE = "慈善活动支出", "管理费用"
_PROJECTS = {brand.name: brand.project_code for brand in BRANDS}
_PAUSED = Period.parse("2022Q4")
"""The quarter in which the brand for recruits' eyes was paused."""
_OFFICE_COSTS = (("人员经费", 38_000), ("办公费", 4_600), ("差旅费", 2_300), ("审计费", 1_500))
_OFFICE_FOR_PEOPLE = Fault(
    "administration_with_beneficiaries", {"expense_type": OFFICE, "beneficiary_persons": 12}, [("beneficiary_persons", NULL)]
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-01"): (_OFFICE_FOR_PEOPLE,),
    (CITY_CODE, "2021-06"): (fault_kinds.WRONG_UTF8,),
    (CITY_CODE, "2021-10"): (fault_kinds.DUPLICATE_ROW, fault_kinds.FUTURE_DATE),
    (CITY_CODE, "2022-02"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-07"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2022-12"): (fault_kinds.OUT_OF_RANGE, _OFFICE_FOR_PEOPLE),
    (CITY_CODE, "2023-05"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-09"): (fault_kinds.TYPE_FAULT,),
}


@dataclass(frozen=True, slots=True)
class Expense:
    """A payment for a project."""

    paid: dt.date
    project_code: str
    project_name: str
    kind: str
    yuan: int
    persons: int | None = None
    area: str | None = None
    remark: str | None = None


def plan_expenses(city: City, aid: Sequence[Aid], grants: Sequence[Grant]) -> list[Expense]:
    """Plans all expenses of the three years, ordered by day."""
    planned = [*_aid_batches(aid), *_grant_batches(grants), *_eyes(city), *_other_work(city), *_administration(city)]
    return sorted(planned, key=lambda expense: (expense.paid, expense.project_code))


def build_expenses(city: City, expenses: Sequence[Expense]) -> None:
    """Writes a CSV per month."""
    report = city.contracts["charity_expense"]
    writer = DocumentWriter(city, report, FormTemplate("慈善项目支出明细表", "慈善项目支出明细表"), _FAULT_PLAN)
    for month in city.span.months():
        first, last = month.start, month.end
        mine = [expense for expense in expenses if first <= expense.paid <= last]
        rows = (
            {
                "period_month": str(month),
                "expense_code": f"ZC{month.year}{month.ordinal:02d}{number:03d}",
                "project_code": expense.project_code,
                "project_name": expense.project_name,
                "expense_type": expense.kind,
                "paid_date": expense.paid,
                "amount_yuan": expense.yuan,
                "beneficiary_persons": expense.persons,
                "area_name": expense.area,
                "remark": expense.remark,
            }
            for number, expense in enumerate(mine, start=1)
        )
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _aid_batches(aid: Sequence[Aid]) -> Iterator[Expense]:
    """Yields one expense per brand, county and month of aid, on the month's last day of payment."""
    batches: dict[tuple[Period, str, str], list[Aid]] = defaultdict(list)
    for payment in aid:
        month = Period.containing(payment.paid, PeriodKind.MONTH)
        batches[month, payment.patient.brand, payment.patient.home.county_label].append(payment)
    for (_, brand, county), paid in batches.items():
        code, name = (_PROJECTS[brand], brand) if brand in _PROJECTS else OTHER_AID
        persons = len({payment.patient.resident_id for payment in paid})
        yield Expense(paid[-1].paid, code, name, WORK, sum(payment.yuan for payment in paid), persons, county, "救助金")


def _grant_batches(grants: Sequence[Grant]) -> Iterator[Expense]:
    batches: dict[tuple[Period, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        batches[Period.containing(grant.paid, PeriodKind.MONTH), grant.student.home.county_label].append(grant)
    for (_, county), paid in batches.items():
        yuan = sum(grant.yuan for grant in paid)
        yield Expense(paid[-1].paid, STUDENTS.project_code, STUDENTS.name, WORK, yuan, len(paid), county, "助学金")


def _eyes(city: City) -> Iterator[Expense]:
    """Yields expenses for eye operations of recruits, by county. There are none in the quarter of the pause."""
    rng = city.stream("charity_expense", "eyes")
    for month in FULL_SPAN.months():
        if month.start < EYES.founded or _PAUSED.start <= month.start <= _PAUSED.end:
            continue
        for county in rng.permutation(list(COUNTY_LABELS.values()))[:2].tolist():
            persons = int(rng.integers(3, 12))
            day = month.start + dt.timedelta(days=int(rng.integers(5, 27)))
            yield Expense(day, EYES.project_code, EYES.name, WORK, persons * 4_200, persons, county, "视力矫正")


def _other_work(city: City) -> Iterator[Expense]:
    """Yields expenses of the older brands for calls, courses and examinations, besides aid and grants."""
    rng = city.stream("charity_expense", "work")
    for month in FULL_SPAN.months()[1::3]:
        for brand in BRANDS:
            if brand is not EYES:
                day = month.start + dt.timedelta(days=int(rng.integers(8, 25)))
                yuan = 100 * int(rng.integers(30, 200))
                yield Expense(day, brand.project_code, brand.name, WORK, yuan, None, None, "宣传和筛查活动")


def _administration(city: City) -> Iterator[Expense]:
    rng = city.stream("charity_expense", "administration")
    for month in FULL_SPAN.months():
        for remark, yuan in _OFFICE_COSTS:
            day = month.start + dt.timedelta(days=int(rng.integers(9, 26)))
            yield Expense(day, *ADMINISTRATION, OFFICE, round(yuan * rng.uniform(0.9, 1.15)), remark=remark)


def is_paused(brand_name: str, quarter: Period) -> bool:
    """Decides whether a brand is paused in a quarter."""
    return brand_name == EYES.name and quarter == _PAUSED
