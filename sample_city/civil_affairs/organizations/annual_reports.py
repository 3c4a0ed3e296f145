"""CA17: annual reports of social organizations, and the results of their inspections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from loaders.period import Period
from sample_city.city import City, Organization
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.people import Rng

_RESULTS = ("合格", "基本合格", "不合格", "未年检", "未报")
_RESULT_SHARES = (0.87, 0.06, 0.01, 0.03, 0.03)
_INSPECTED = 3
_DISSOLVED = frozenset({"注销", "撤销"})
_FIGURES = {
    "check_result": "合格",
    "income_yuan": Decimal(100_000),
    "donation_income_yuan": Decimal(20_000),
    "expense_yuan": Decimal(90_000),
    "public_benefit_expense_yuan": Decimal(30_000),
}
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021"): (
        fault_kinds.USCC_WRONG,
        fault_kinds.OUT_OF_RANGE,
        Fault("donations_above_income", {**_FIGURES, "donation_income_yuan": Decimal(120_000)}, [("income_yuan", GREATER)]),
        Fault("organization_not_registered", {}, [("uscc", CROSS_REPORT)], is_warning=True),
    ),
    (CITY_CODE, "2022"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023"): (
        fault_kinds.DUPLICATE_ROW,
        Fault("public_benefit_above_expense", {**_FIGURES, "expense_yuan": Decimal(25_000)}, [("expense_yuan", GREATER)]),
        Fault("unreported_with_figures", {**_FIGURES, "check_result": "未报"}, [("income_yuan", NULL)]),
    ),
}


def build_annual_reports(city: City) -> None:
    """Writes a workbook per full year of the span, with all organizations founded by the middle of it."""
    writer = DocumentWriter(
        city,
        city.contracts["annual_report"],
        FormTemplate("惠州市社会组织年度工作报告（年检）汇总表", "年检汇总表", unit_line="万元"),
        _FAULT_PLAN,
    )
    for year in _years(city):
        rows = list(_rows(city, year))
        writer.write(Submission(CITY_CODE, year, complete_records(writer.report, rows)))
    writer.write_truth()


def _years(city: City) -> Iterator[Period]:
    span = city.span
    for number in range(span.first.year, span.last.year + 1):
        year = Period.parse(str(number))
        if span.first.start <= year.start and year.end <= span.last.end:
            yield year


def _rows(city: City, year: Period) -> Iterator[Record]:
    rng = city.stream("annual_report", str(year))
    for organization in city.organizations:
        if organization.founded <= dt.date(year.year, 6, 30) and organization.status not in _DISSOLVED:
            yield {"year": year.year, **_report_of(rng, organization)}


def _report_of(rng: Rng, organization: Organization) -> Record:
    result = int(rng.choice(len(_RESULTS), p=_RESULT_SHARES))
    common = {"uscc": organization.uscc, "organization_name": organization.name, "check_result": _RESULTS[result]}
    income, donated, spent, helped, saved = rng.random(5).tolist()
    if result >= _INSPECTED:
        return common
    yuan = int(20_000 * (1 + 80 * income**4)) // 100 * 100
    expense = int(yuan * (0.7 + 0.4 * spent)) // 100 * 100
    return {
        **common,
        "net_assets_yuan": Decimal(int(yuan * (1.5 * saved - 0.1)) // 100 * 100),
        "income_yuan": Decimal(yuan),
        "donation_income_yuan": Decimal(int(yuan * donated * (0.9 if organization.is_charity else 0.3)) // 100 * 100),
        "expense_yuan": Decimal(expense),
        "staff_persons": 2 + yuan // 90_000,
        "public_benefit_expense_yuan": Decimal(int(expense * helped * (0.95 if organization.is_charity else 0.4)) // 100 * 100),
    }
