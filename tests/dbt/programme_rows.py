"""A quarter of the programme in one town, small enough to be counted by hand, as rows of its reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import psycopg

from loaders.contract import Column, ColumnType, load_reports
from loaders.raw_schema import key_name
from loaders.settings import PROJECT_ROOT
from tests.dbt import raw_rows

CONTRACTS = load_reports(PROJECT_ROOT / "expectations")

TOWN, VILLAGE, OTHER_TOWN = "441302112", "441302112210", "441322117"
HERE = {"county_name": "惠城区", "town_name": "芦洲镇"}
THERE = {"county_name": "博罗县", "town_name": "龙华镇"}


def fill(connection: psycopg.Connection[Any]) -> None:
    """All reports of January to March 2023."""
    _organizations(connection)
    _villages(connection)
    _demands(connection)
    _luzhou(connection)
    _people(connection)
    _stations(connection)


def _load(connection: psycopg.Connection[Any], report: str, unit: str, period: str, rows: Sequence[raw_rows.Row]) -> None:
    """Rows as a load would leave them: what the contract requires is there; what is not counted here has a plain value."""
    required = [column for column in CONTRACTS[report].columns if column.required]
    plain = {key_name(column) if column.is_personal else column.name: _plain(column, period) for column in required}
    raw_rows.load(connection, report, unit, period, [plain | dict(row) for row in rows])


def _plain(column: Column, period: str) -> object:
    values = {
        ColumnType.INTEGER: 0,
        ColumnType.DECIMAL: 0,
        ColumnType.BOOLEAN: False,
        ColumnType.DATE: _day("01-01"),
        ColumnType.DATETIME: _day("01-01"),
        ColumnType.MONTH: period,
        ColumnType.QUARTER: period,
        ColumnType.YEAR: period[:4],
        ColumnType.DIVISION_CODE: TOWN,
    }
    return values.get(column.type, "某")


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2023-{text}")


def _organizations(connection: psycopg.Connection[Any]) -> None:
    names = {
        "A": ("惠州市书法家协会", "其他", "正常"),
        "B": ("惠州市民营企业家联合会", "行业协会商会", "正常"),
        "D": ("惠州市种德慈善会", "公益慈善类", "正常"),
        "R": ("惠州市心连心公益救捞队", "公益慈善类", "正常"),
        "X": ("惠州市从前商会", "行业协会商会", "注销"),
    }
    register = [
        {"uscc": code, "organization_name": name, "industry": industry, "status": status, "registrar_code": "4413",
         "registered_capital_yuan": 100_000}
        for code, (name, industry, status) in names.items()
    ]  # fmt: skip
    _load(connection, "social_organization", "4413", "2023-03", register)
    graded = {"uscc": "B", "year": "2023", "grade": "4A", "total_score": 800, "programme_full_score": 50, "programme_score": 40}
    _load(connection, "organization_grading", "4413", "2023-03", [graded])
    team = {"place": "东江大桥", "event_type": "溺水救捞", "callout_count": 1, "called_at": _day("02-11"), "is_free": True}
    calls = [
        {**team, "callout_code": "R1", "organization_name": "市心连心公益救捞队", "rescued_persons": 0, "recovered_persons": 1},
        {**team, "callout_code": "R2", "organization_name": "蓝天救援志愿者协会", "rescued_persons": 0, "recovered_persons": 1},
    ]
    _load(connection, "rescue", "4413", "2023-02", calls)


def _villages(connection: psycopg.Connection[Any]) -> None:
    pair = {"uscc": "B", "village_code": VILLAGE, "village_name": "芦村", **HERE, "paired_date": dt.date(2022, 5, 1)}
    _load(connection, "pairing", "441302", "2023-03", [{**pair, "status": "结对中"}])
    given = {"uscc": "B", "village_code": VILLAGE, "occurred_date": _day("02-01")}
    inputs = [
        {**given, "input_code": "I1", "input_type": "资金", "amount_yuan": 60_000},
        {**given, "input_code": "I2", "input_type": "物资折价", "amount_yuan": 5_000},
    ]
    _load(connection, "pairing_input", "441302", "2023-02", inputs)
    project = {
        "project_code": "P1", "project_name": "芦村惠民综合服务中心", "project_type": "惠民综合服务中心", "village_code": VILLAGE,
        **HERE, "organization_name": "市民营企业家联合会", "started_date": _day("01-05"), "progress": "在建",
    }  # fmt: skip
    _load(connection, "village_project", "441302", "2023-02", [project | {"period_month": "2023-02"}])
    done = {**project, "period_month": "2023-03", "completed_date": _day("03-20"), "progress": "完工"}
    _load(connection, "village_project", "441302", "2023-03", [done])


def _demands(connection: psycopg.Connection[Any]) -> None:
    rows = [
        {"demand_code": "N1", **HERE, "village_code": VILLAGE, "demand_type": "产业", "fund_needed_yuan": 200_000,
         "fund_secured_yuan": 30_000, "registered_date": _day("01-11"), "match_status": "待对接"},
        {"demand_code": "N2", **HERE, "demand_type": "文化", "registered_date": _day("01-01"), "match_status": "已签约",
         "matched_date": _day("01-31"), "matched_uscc": "A"},
        {"demand_code": "N3", **THERE, "demand_type": "产业", "registered_date": _day("01-01"), "match_status": "终止"},
    ]  # fmt: skip
    _load(connection, "demand_project", "441302", "2023-03", rows)


def _luzhou(connection: psycopg.Connection[Any]) -> None:
    town = {"town_name": "芦洲镇"}
    records = [
        {"record_code": "T1", **town, "record_type": "派驻部门", "dept_name": "一局"},
        {"record_code": "T2", **town, "record_type": "派驻部门", "dept_name": "二局"},
        {"record_code": "T3", **town, "record_type": "调研", "dept_name": "市民政局", "visit_date": _day("01-20"),
         "leader_post": "主要负责同志", "issue_count": 4},
    ]  # fmt: skip
    _load(connection, "task_force", "4413", "2023-01", records)
    enterprise = {"enterprise_name": "瑞和农业发展有限公司", **town, "organization_name": "惠州市民营企业家联合会"}
    for quarter, signed, invested, area in (("2022Q4", "2023-01-09", 0, 0), ("2023Q1", "2023-01-09", 800_000, 120)):
        row = {**enterprise, "period_quarter": quarter, "signed_date": dt.date.fromisoformat(signed)}
        amounts = {"invested_cumulative_yuan": invested, "area_cumulative_mu": area}
        _load(connection, "enterprise", "4413", quarter, [row | amounts])
    trainees = [
        {"batch_code": "B1", **town, "resident_id_key": key, "is_disabled": key < "e", "provider": "书法家协会",
         "start_date": _day("03-01")}
        for key in "abcdef"
    ]  # fmt: skip
    _load(connection, "skills_trainee", "4413", "2023-03", trainees)
    couplets = {"activity_code": "C1", "activity_type": "送春联", "held_date": _day("01-18"), "organization_name": "市书法家协会"}
    counts = {"session_count": 2, "couplet_pairs": 210, "attendance_persons": 300}
    _load(connection, "cultural_activity", "4413", "2023-01", [couplets | counts | town])


def _people(connection: psycopg.Connection[Any]) -> None:
    aid = {**HERE, "amount_yuan": 1_000, "paid_date": _day("02-02"), "brand": "大爱救心"}
    rows = [{**aid, "aid_code": f"M{key}", "resident_id_key": key} for key in "abcd"]
    _load(connection, "medical_aid", "4413", "2023-02", rows)
    grant = {**HERE, "amount_yuan": 3_000, "brand": "助学圆梦", "year": "2023"}
    days = {"p": "01-02", "q": "01-02", "r": "01-03", "s": "02-02", "t": "02-03", "u": "02-03"}
    grants = [{**grant, "grant_code": f"G{key}", "resident_id_key": key, "paid_date": _day(day)} for key, day in days.items()]
    _load(connection, "student_grant", "4413", "2023-03", grants)
    brand = {"organization_name": "惠州市种德慈善会", "founded_date": dt.date(2020, 1, 1), "status": "运行"}
    brands = [{**brand, "brand_name": name, "spent_cumulative_yuan": 20_000} for name in ("大爱救心", "助学圆梦")]
    _load(connection, "charity_brand", "4413", "2023Q1", brands)
    spent = {
        "expense_code": "E1",
        "project_code": "ZX",
        "project_name": "助学圆梦",
        "paid_date": _day("02-03"),
        "amount_yuan": 18_000,
    }
    _load(connection, "charity_expense", "4413", "2023-02", [spent])
    gift = {"donation_code": "D1", "donated_date": _day("01-01"), "donor_uscc": "D", "amount_yuan": 30_000, "project_code": "ZX"}
    _load(connection, "donation", "4413", "2023-01", [gift])


def _stations(connection: psycopg.Connection[Any]) -> None:
    raw_rows.load(
        connection, "station", "441302", "2023-03", [raw_rows.station("S1", TOWN, dt.date(2021, 1, 1), worker_persons=9)]
    )
    workers = [{"worker_code": code, "station_code": "S1", "hired_date": dt.date(2021, 1, 1)} for code in ("W1", "W2")]
    _load(connection, "social_worker", "441302", "2023-03", workers)
    visits = [raw_rows.visit(f"V{number}", TOWN, _day("03-02"), 2) for number in range(5)]
    _load(connection, "home_visit", "441302", "2023-03", visits)
    case = {"case_code": "K1", "station_code": "S1", "opened_date": _day("02-01")}
    _load(connection, "casework", "441302", "2023-02", [{**case, "period_month": "2023-02", "status": "跟进中"}])
    closed = {**case, "period_month": "2023-03", "status": "已结案", "closed_date": _day("03-30")}
    _load(connection, "casework", "441302", "2023-03", [closed])
    services = {"period_month": "2023-03", "station_code": "S1", "service_persons": 50, "volunteer_persons": 3}
    _load(connection, "station_service", "441302", "2023-03", [services])
    alive = {**HERE, "town_code": TOWN, "organization_name": "芦村红白理事会", "filing_code": "F1"}
    _load(connection, "community_organization", "441302", "2023Q1", [{**alive, "founded_date": dt.date(2021, 3, 1)}])
    flags = ["has_community", "has_residents", "has_social_worker", "has_organization", "has_volunteer", "has_fund"]
    activity = {"activity_code": "L1", "station_code": "S1", "held_date": _day("03-05"), "service_persons": 30}
    _load(connection, "linked_service", "441302", "2023-03", [activity | dict.fromkeys(flags, True)])
