"""CA12: all projects in towns and villages as they stand at the end of each month, a row for each county above its own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sample_city import planting
from sample_city.city import City
from sample_city.civil_affairs.project_plan import Project, plan_projects
from sample_city.defects import CROSS_REPORT, GREATER, NOT_AFTER_PERIOD, NOT_NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.standard_faults import Fault, Record

_IN_USE_AFTER_DAYS = 45
_PLANTED: Kinds = {
    (CITY_CODE, "2021-09"): (planting.OUT_OF_RANGE,),
    (CITY_CODE, "2021-12"): (planting.LATE,),
    (CITY_CODE, "2022-02"): (planting.SAME_FILE_TWICE,),
    (CITY_CODE, "2022-06"): (
        planting.UNKNOWN_TOWN,
        Fault(
            "completed_before_it_started",
            {"progress": "完工", "started_date": dt.date(2022, 5, 20), "completed_date": dt.date(2022, 3, 2)},
            [("completed_date", GREATER)],
        ),
    ),
    (CITY_CODE, "2022-10"): (planting.MISSING,),
    (CITY_CODE, "2023-03"): (
        Fault(
            "completed_next_month",
            {"progress": "完工", "started_date": dt.date(2022, 12, 5), "completed_date": dt.date(2023, 4, 20)},
            [("completed_date", NOT_AFTER_PERIOD)],
        ),
        planting.DUPLICATE_ROW,
    ),
    (CITY_CODE, "2023-06"): (planting.CORRECTED,),
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
    (CITY_CODE, "2023-10"): (planting.UNREADABLE,),
}


def build_projects(city: City) -> None:
    """Send a workbook for each month; lengths and money of the named projects are the city's facts."""
    look = Look(
        "惠州市镇村帮扶项目建设进度表", "镇村帮扶项目建设进度表", group_of=lambda record: record["county_name"], unit_line="万元"
    )
    desk = Desk(city, city.contracts["village_project"], look, _PLANTED)
    projects = plan_projects(city)
    for month in city.span.months():
        rows = [_row(project, str(month), month.end) for project in projects if project.registered <= month.end]
        desk.send(Sending(CITY_CODE, month, records_of(desk.report, rows)))
    desk.close()


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
