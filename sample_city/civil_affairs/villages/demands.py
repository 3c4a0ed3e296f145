"""CA07: the register of demands, sent each month and, since November 2023, each Friday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from loaders.period import Period
from sample_city.city import City
from sample_city.civil_affairs.organizations.good_standing import NOT_REGISTERED
from sample_city.civil_affairs.villages.demand_plan import FIRST_DAY, Demand, plan_demands
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NOT_AFTER_PERIOD, NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE

_FIRST_WEEKLY = Period.parse("2023-11")
_FRIDAY = 4
_OPEN: Record = {
    "match_status": "待对接",
    "matched_organization_name": None,
    "matched_uscc": None,
    "matched_date": None,
    "completed_date": None,
    "fund_secured_yuan": None,
}
_SIGNED_BY_NOBODY = Fault(
    "signed_without_organization",
    {**_OPEN, "match_status": "已签约", "matched_organization_name": "待定", "matched_date": dt.date(2022, 8, 1)}
    | {"registered_date": dt.date(2022, 7, 1)},
    [("matched_uscc", NOT_NULL)],
)
_MATCHED_TOO_EARLY = Fault(
    "matched_before_registered",
    {**_OPEN, "match_status": "对接中", "registered_date": dt.date(2022, 5, 20), "matched_date": dt.date(2022, 5, 2)},
    [("matched_date", GREATER)],
)
_MONEY_FOR_AN_OPEN_ONE = Fault(
    "open_with_money",
    {**_OPEN, "fund_needed_yuan": Decimal(90_000), "fund_secured_yuan": Decimal(80_000)},
    [("fund_secured_yuan", NULL)],
)
_REGISTERED_LATER = Fault(
    fault_kinds.FUTURE_DATE, {**_OPEN, "registered_date": dt.date(2024, 2, 20)}, [("registered_date", NOT_AFTER_PERIOD)]
)
_MORE_THAN_ASKED = Fault(
    "secured_above_needed",
    {**_OPEN, "match_status": "对接中", "fund_needed_yuan": Decimal(50_000), "fund_secured_yuan": Decimal(500_000)},
    [("fund_needed_yuan", GREATER)],
    in_place=True,
    is_warning=True,
)
_NOT_REGISTERED = Fault(
    "organization_is_registered",
    {**_OPEN, "match_status": "已签约", "registered_date": dt.date(2023, 6, 1), "matched_date": dt.date(2023, 7, 3)}
    | {"matched_organization_name": "惠州市惠民商会（筹）", "matched_uscc": NOT_REGISTERED},
    [("matched_uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2022-03"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-07"): (_MATCHED_TOO_EARLY, fault_kinds.UNKNOWN_TOWN),
    (CITY_CODE, "2022-10"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2023-01"): (fault_kinds.MISSING,),
    (CITY_CODE, "2023-04"): (_SIGNED_BY_NOBODY, fault_kinds.DUPLICATE_ROW, _MONEY_FOR_AN_OPEN_ONE),
    (CITY_CODE, "2023-07"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-11-10"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2023-11-24"): (_REGISTERED_LATER, fault_kinds.UNKNOWN_TOWN),
    (CITY_CODE, "2023-12-15"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-12-29"): (_SIGNED_BY_NOBODY, fault_kinds.DUPLICATE_ROW, _MORE_THAN_ASKED, _NOT_REGISTERED),
}


def build_demands(city: City) -> None:
    """Writes the full register each time."""
    report = city.contracts["demand_project"]
    template = FormTemplate("惠州市“百千万工程”帮扶需求项目信息库", "帮扶需求项目信息库", unit_line="万元")
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    demands = plan_demands(city)
    for month, sent_on in _submissions(city.span.months()):
        day = sent_on or month.end
        rows = (_row(demand, day) for demand in demands if demand.registered <= day)
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows), sent_on))
    writer.write_truth()


def _submissions(months: Sequence[Period]) -> Iterator[tuple[Period, dt.date | None]]:
    """Yields each month since the register began, and from November 2023 each Friday of it."""
    for month in months:
        if month >= _FIRST_WEEKLY:
            days = (month.start + dt.timedelta(days=offset) for offset in range((month.end - month.start).days + 1))
            yield from ((month, day) for day in days if day.weekday() == _FRIDAY)
        elif month.end > FIRST_DAY:
            yield month, None


def _row(demand: Demand, day: dt.date) -> Record:
    status = demand.status(day)
    row: Record = {
        "demand_code": demand.code,
        "requester": demand.requester,
        "county_name": demand.town.county_label,
        "town_name": demand.town.name,
        "village_name": demand.village.label if demand.village else None,
        "village_code": demand.village.code if demand.village else None,
        "demand_type": demand.kind,
        "project_name": demand.name,
        "content": f"{demand.name}，惠及周边村民",
        "fund_needed_yuan": Decimal(demand.needed_yuan),
        "registered_date": demand.registered,
        "match_status": status,
        "contact_name": demand.contact_name,
        "contact_phone": demand.contact_phone,
    }
    if demand.helper is None or status in {"待对接", "对接中"}:
        return row
    return row | {
        "matched_organization_name": demand.helper.name,
        "matched_uscc": demand.helper.uscc,
        "matched_date": demand.matched,
        "completed_date": demand.completed if status == "已完成" else None,
        "fund_secured_yuan": Decimal(demand.secured_yuan),
    }
