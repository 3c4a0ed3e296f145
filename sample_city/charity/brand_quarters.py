"""CH06: the charity brands, quarter by quarter, as the accounts and the registers of those helped add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city import planting
from sample_city.charity.brands import BRANDS, EYES, STUDENTS, Brand
from sample_city.charity.expenses import Expense, is_paused
from sample_city.charity.medical_aid import Aid
from sample_city.charity.student_grants import Grant
from sample_city.city import City
from sample_city.defects import CROSS_REPORT, GREATER
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.standard_faults import Fault, Record

_CUMULATIVE_TOO_SMALL = Fault(
    "cumulative_below_quarter", {"spent_yuan": 500_000, "spent_cumulative_yuan": 200_000}, [("spent_cumulative_yuan", GREATER)]
)
_NOT_AS_IN_THE_ACCOUNTS = Fault(
    "spent_as_in_the_accounts", {"spent_yuan": 100}, [("spent_yuan", CROSS_REPORT)], in_place=True, is_warning=True
)
_PLANTED: Kinds = {
    (CITY_CODE, "2021Q2"): (planting.DUPLICATE_ROW,),
    (CITY_CODE, "2021Q4"): (planting.LATE,),
    (CITY_CODE, "2022Q1"): (_NOT_AS_IN_THE_ACCOUNTS,),
    (CITY_CODE, "2022Q2"): (_CUMULATIVE_TOO_SMALL,),
    (CITY_CODE, "2022Q3"): (planting.USCC_WRONG, planting.FUTURE_DATE),
    (CITY_CODE, "2023Q1"): (planting.MISSING_COLUMN,),
    (CITY_CODE, "2023Q2"): (planting.CORRECTED,),
}


@dataclass(frozen=True, slots=True)
class Books:
    """What the brands' figures are drawn from."""

    expenses: Sequence[Expense]
    aid: Sequence[Aid]
    grants: Sequence[Grant]

    def spent(self, brand: Brand, quarter: Period) -> int:
        """All that was paid for the brand in the quarter."""
        return self.spent_to_date(brand, quarter) - self._spent_until(brand, quarter.start)

    def spent_to_date(self, brand: Brand, quarter: Period) -> int:
        """All that was ever paid for the brand, to the quarter's end."""
        return self._spent_until(brand, quarter.end + dt.timedelta(days=1))

    def persons(self, brand: Brand, quarter: Period) -> int:
        """How many different people the brand has helped since 2021."""
        last = quarter.end
        if brand is EYES:
            done = (e for e in self.expenses if e.project_code == brand.project_code and e.paid <= last)
            return sum(expense.persons or 0 for expense in done)
        if brand is STUDENTS:
            return len({grant.student.resident_id for grant in self.grants if grant.paid <= last})
        return len({aid.patient.resident_id for aid in self.aid if aid.paid <= last and aid.patient.brand == brand.name})

    def _spent_until(self, brand: Brand, day: dt.date) -> int:
        mine = (expense.yuan for expense in self.expenses if expense.project_code == brand.project_code and expense.paid < day)
        return brand.earlier_yuan + sum(mine)


def build_brand_quarters(city: City, books: Books) -> None:
    """Send a workbook for each quarter that lies in the span as a whole."""
    report = city.contracts["charity_brand"]
    money = ("spent_yuan", "spent_cumulative_yuan")
    look = Look("惠州市公益慈善品牌项目表（{period}）", "公益慈善品牌项目表", totals=money, unit_line="万元")
    desk = Desk(city, report, look, _PLANTED)
    for quarter in city.span.quarters():
        desk.send(Sending(CITY_CODE, quarter, records_of(report, _rows(books, quarter))))
    desk.close()


def _rows(books: Books, quarter: Period) -> Iterator[Record]:
    for brand in BRANDS:
        if brand.founded > quarter.end:
            continue
        yield {
            "period_quarter": str(quarter),
            "brand_name": brand.name,
            "organization_name": brand.organization.name,
            "uscc": brand.organization.uscc,
            "founded_date": brand.founded,
            "spent_yuan": books.spent(brand, quarter),
            "spent_cumulative_yuan": books.spent_to_date(brand, quarter),
            "beneficiary_cumulative_persons": brand.earlier_persons + books.persons(brand, quarter),
            "status": "暂停" if is_paused(brand.name, quarter) else "运行",
        }
