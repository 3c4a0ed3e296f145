"""CH03: what the federation paid: the aid and the grants by month and county, the brands' other work, its administration."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period, PeriodKind
from sample_city import planting
from sample_city.charity.brands import ADMINISTRATION, BRANDS, EYES, OTHER_AID, STUDENTS
from sample_city.charity.medical_aid import Aid
from sample_city.charity.student_grants import Grant
from sample_city.city import City
from sample_city.defects import NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE, COUNTY_LABELS
from sample_city.pages import Look
from sample_city.standard_faults import Fault
from sample_city.timetable import WHOLE

WORK, OFFICE = "慈善活动支出", "管理费用"
_PROJECTS = {brand.name: brand.project_code for brand in BRANDS}
_PAUSED = Period.parse("2022Q4")
"""When the brand that examines the eyes of recruits rested."""
_OFFICE_COSTS = (("人员经费", 38_000), ("办公费", 4_600), ("差旅费", 2_300), ("审计费", 1_500))
_OFFICE_FOR_PEOPLE = Fault(
    "administration_with_beneficiaries", {"expense_type": OFFICE, "beneficiary_persons": 12}, [("beneficiary_persons", NULL)]
)
_PLANTED: Kinds = {
    (CITY_CODE, "2021-01"): (_OFFICE_FOR_PEOPLE,),
    (CITY_CODE, "2021-06"): (planting.WRONG_UTF8,),
    (CITY_CODE, "2021-10"): (planting.DUPLICATE_ROW, planting.FUTURE_DATE),
    (CITY_CODE, "2022-02"): (planting.LATE,),
    (CITY_CODE, "2022-07"): (planting.MISSING_COLUMN,),
    (CITY_CODE, "2022-12"): (planting.OUT_OF_RANGE, _OFFICE_FOR_PEOPLE),
    (CITY_CODE, "2023-05"): (planting.CORRECTED,),
    (CITY_CODE, "2023-09"): (planting.TYPE_FAULT,),
}


@dataclass(frozen=True, slots=True)
class Expense:
    """Money paid for a project."""

    paid: dt.date
    project_code: str
    project_name: str
    kind: str
    yuan: int
    persons: int | None = None
    area: str | None = None
    remark: str | None = None


def plan_expenses(city: City, aid: Sequence[Aid], grants: Sequence[Grant]) -> list[Expense]:
    """All expenses of the three years, in the order of their days."""
    planned = [*_aid_batches(aid), *_grant_batches(grants), *_eyes(city), *_other_work(city), *_administration(city)]
    return sorted(planned, key=lambda expense: (expense.paid, expense.project_code))


def build_expenses(city: City, expenses: Sequence[Expense]) -> None:
    """Send a CSV for each month."""
    report = city.contracts["charity_expense"]
    desk = Desk(city, report, Look("慈善项目支出明细表", "慈善项目支出明细表"), _PLANTED)
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
        desk.send(Sending(CITY_CODE, month, records_of(report, rows)))
    desk.close()


def _aid_batches(aid: Sequence[Aid]) -> Iterator[Expense]:
    """Aid is paid out by brand and county once it is approved; the accounts show each month's sum, on its last day of payment."""
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
    """Recruits whose eyes were put right, county by county, but for the quarter of the pause."""
    rng = city.stream("charity_expense", "eyes")
    for month in WHOLE.months():
        if month.start < EYES.founded or _PAUSED.start <= month.start <= _PAUSED.end:
            continue
        for county in rng.permutation(list(COUNTY_LABELS.values()))[:2].tolist():
            persons = int(rng.integers(3, 12))
            day = month.start + dt.timedelta(days=int(rng.integers(5, 27)))
            yield Expense(day, EYES.project_code, EYES.name, WORK, persons * 4_200, persons, county, "视力矫正")


def _other_work(city: City) -> Iterator[Expense]:
    """What the older brands spend on calls, courses and examinations besides the money that they hand out."""
    rng = city.stream("charity_expense", "work")
    for month in WHOLE.months()[1::3]:
        for brand in BRANDS:
            if brand is not EYES:
                day = month.start + dt.timedelta(days=int(rng.integers(8, 25)))
                yuan = 100 * int(rng.integers(30, 200))
                yield Expense(day, brand.project_code, brand.name, WORK, yuan, None, None, "宣传和筛查活动")


def _administration(city: City) -> Iterator[Expense]:
    rng = city.stream("charity_expense", "administration")
    for month in WHOLE.months():
        for remark, yuan in _OFFICE_COSTS:
            day = month.start + dt.timedelta(days=int(rng.integers(9, 26)))
            yield Expense(day, *ADMINISTRATION, OFFICE, round(yuan * rng.uniform(0.9, 1.15)), remark=remark)


def is_paused(brand_name: str, quarter: Period) -> bool:
    """Whether a brand rested for a quarter."""
    return brand_name == EYES.name and quarter == _PAUSED
