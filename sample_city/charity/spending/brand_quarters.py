"""CH06: the charity brands by quarter, as sums of the expenses and of the registers of beneficiaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city.charity.spending.brands import BRANDS, EYES, STUDENTS, Brand
from sample_city.charity.spending.expenses import Expense, is_paused
from sample_city.charity.spending.medical_aid import Aid
from sample_city.charity.spending.student_grants import Grant
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE

_CUMULATIVE_TOO_SMALL = Fault(
    "cumulative_below_quarter", {"spent_yuan": 500_000, "spent_cumulative_yuan": 200_000}, [("spent_cumulative_yuan", GREATER)]
)
_NOT_AS_IN_THE_ACCOUNTS = Fault(
    "spent_as_in_the_accounts", {"spent_yuan": 100}, [("spent_yuan", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021Q2"): (fault_kinds.DUPLICATE_ROW,),
    (CITY_CODE, "2021Q4"): (fault_kinds.LATE,),
    (CITY_CODE, "2022Q1"): (_NOT_AS_IN_THE_ACCOUNTS,),
    (CITY_CODE, "2022Q2"): (_CUMULATIVE_TOO_SMALL,),
    (CITY_CODE, "2022Q3"): (fault_kinds.USCC_WRONG, fault_kinds.FUTURE_DATE),
    (CITY_CODE, "2023Q1"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2023Q2"): (fault_kinds.CORRECTED,),
}


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The records that the brands' figures are computed from."""

    expenses: Sequence[Expense]
    aid: Sequence[Aid]
    grants: Sequence[Grant]

    def spent(self, brand: Brand, quarter: Period) -> int:
        """Sums the payments for the brand in the quarter."""
        return self.spent_to_date(brand, quarter) - self._spent_until(brand, quarter.start)

    def spent_to_date(self, brand: Brand, quarter: Period) -> int:
        """Sums all payments for the brand until the end of the quarter."""
        return self._spent_until(brand, quarter.end + dt.timedelta(days=1))

    def persons(self, brand: Brand, quarter: Period) -> int:
        """Counts the different beneficiaries of the brand since 2021."""
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


def build_brand_quarters(city: City, ledgers: Ledgers) -> None:
    """Writes a workbook per full quarter of the span."""
    report = city.contracts["charity_brand"]
    money = ("spent_yuan", "spent_cumulative_yuan")
    template = FormTemplate("惠州市公益慈善品牌项目表（{period}）", "公益慈善品牌项目表", totals=money, unit_line="万元")
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for quarter in city.span.quarters():
        writer.write(Submission(CITY_CODE, quarter, complete_records(report, _rows(ledgers, quarter))))
    writer.write_truth()


def _rows(ledgers: Ledgers, quarter: Period) -> Iterator[Record]:
    for brand in BRANDS:
        if brand.founded > quarter.end:
            continue
        yield {
            "period_quarter": str(quarter),
            "brand_name": brand.name,
            "organization_name": brand.organization.name,
            "uscc": brand.organization.uscc,
            "founded_date": brand.founded,
            "spent_yuan": ledgers.spent(brand, quarter),
            "spent_cumulative_yuan": ledgers.spent_to_date(brand, quarter),
            "beneficiary_cumulative_persons": brand.earlier_persons + ledgers.persons(brand, quarter),
            "status": "暂停" if is_paused(brand.name, quarter) else "运行",
        }
