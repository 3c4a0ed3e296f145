"""CA12: all projects in towns and villages at the end of each month, with a heading per county."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sample_city.city import City
from sample_city.civil_affairs.villages.project_plan import Project, plan_projects
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NOT_AFTER_PERIOD, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE

_IN_USE_AFTER_DAYS = 45
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-09"): (fault_kinds.OUT_OF_RANGE,),
    (CITY_CODE, "2021-12"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-02"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-06"): (
        fault_kinds.UNKNOWN_TOWN,
        Fault(
            "completed_before_it_started",
            {"progress": "完工", "started_date": dt.date(2022, 5, 20), "completed_date": dt.date(2022, 3, 2)},
            [("completed_date", GREATER)],
        ),
    ),
    (CITY_CODE, "2022-10"): (fault_kinds.MISSING,),
    (CITY_CODE, "2023-03"): (
        Fault(
            "completed_next_month",
            {"progress": "完工", "started_date": dt.date(2022, 12, 5), "completed_date": dt.date(2023, 4, 20)},
            [("completed_date", NOT_AFTER_PERIOD)],
        ),
        fault_kinds.DUPLICATE_ROW,
    ),
    (CITY_CODE, "2023-06"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-09"): (
        Fault(
            "completed_no_day_said",
            {"progress": "投入使用", "started_date": dt.date(2023, 1, 9), "completed_date": None},
            [("completed_date", NOT_NULL)],
        ),
        Fault(
            "money_raised_falls",
            {"funds_raised_yuan": Decimal(100)},
            [("funds_raised_yuan", CROSS_REPORT)],
            in_place=True,
            is_warning=True,
        ),
    ),
    (CITY_CODE, "2023-10"): (fault_kinds.UNREADABLE,),
}


def build_projects(city: City) -> None:
    """Writes a workbook per month. Lengths and funds of the known projects are the numbers in the facts."""
    template = FormTemplate(
        "惠州市镇村帮扶项目建设进度表", "镇村帮扶项目建设进度表", group_of=lambda record: record["county_name"], unit_line="万元"
    )
    writer = DocumentWriter(city, city.contracts["village_project"], template, _FAULT_PLAN)
    projects = plan_projects(city)
    for month in city.span.months():
        rows = [_row(project, str(month), month.end) for project in projects if project.registered <= month.end]
        writer.write(Submission(CITY_CODE, month, complete_records(writer.report, rows)))
    writer.write_truth()


def _row(project: Project, month: str, day: dt.date) -> Record:
    has_started, is_completed = project.started <= day, project.completed <= day
    is_in_use = (day - project.completed).days > _IN_USE_AFTER_DAYS
    village = project.village
    return {
        "period_month": month,
        "project_code": project.code,
        "project_name": project.name,
        "project_type": project.kind,
        "county_name": project.town.county_label,
        "town_name": project.town.name,
        "village_name": village.name if village else None,
        "village_code": village.code if village else None,
        "organization_name": project.organization,
        "funds_raised_yuan": project.raised_by(day),
        "goods_value_yuan": project.goods_value_yuan if has_started else None,
        "scale_quantity": project.scale[0],
        "scale_unit": project.scale[1],
        "started_date": project.started if has_started else None,
        "completed_date": project.completed if is_completed else None,
        "progress": "投入使用" if is_in_use else "完工" if is_completed else "在建" if has_started else "未开工",
    }
