"""Small contracts for small documents."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report

VISIT: dict[str, Any] = {
    "name": "visit",
    "code": "SW90",
    "system": "social_work",
    "title": {"zh": "探访表", "en": "Visits"},
    "grain": {"zh": "一次探访一行", "en": "one row per visit"},
    "owner": {"role": {"zh": "科", "en": "section"}, "email": "a@example.org"},
    "cadence": "monthly",
    "units": ["4413"],
    "period_kind": "month",
    "source": {"kind": "file_drop", "connection": "drop", "pattern": r"(?P<period>\d{4}-\d{2})\.csv"},
    "format": {"kind": "delimited"},
    "replaces": "period",
}
"""A contract that lacks nothing but its columns."""

VISITS: list[dict[str, Any]] = [
    {"name": "visit_code", "header": "探访编号", "required": True, "key": True},
    {"name": "town_name", "header": "镇（街道）", "required": True},
    {"name": "visit_persons", "header": "探访人次", "type": "integer", "unit": "人次", "required": True},
    {"name": "spent_yuan", "header": "支出（元）", "type": "decimal", "unit": "元"},
    {"name": "remark", "header": "备注"},
]


def make_report(columns: list[dict[str, Any]] | None = None, **fields: Any) -> Report:
    """Makes a report with few columns. Keyword arguments replace fields of the contract."""
    return Report.model_validate(VISIT | {"columns": columns or VISITS} | fields)
