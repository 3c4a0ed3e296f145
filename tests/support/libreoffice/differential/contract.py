"""The contract of the generated workbooks: columns of every type that number formats affect."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report
from tests.support.documents.contracts import make_report

COLUMNS: list[dict[str, Any]] = [
    {"name": "line_number", "header": "序号", "type": "integer", "required": True},
    {"name": "place_name", "header": "名称", "required": True},
    {"name": "item_code", "header": "编号", "names_no_person": True},
    {"name": "remark", "header": "备注", "names_no_person": True},
    {"name": "visit_persons", "header": "人数", "type": "integer", "unit": "人"},
    {"name": "amount_yuan", "header": "金额（元）", "type": "decimal", "shape": [18, 4], "unit": "元"},
    {"name": "input_yuan", "header": "投入（万元）", "type": "decimal", "shape": [18, 4], "unit": "元"},
    {"name": "done_pct", "header": "完成率（%）", "type": "decimal", "shape": [18, 4], "unit": "%"},
    {"name": "measure", "header": "数值", "type": "decimal", "shape": [18, 4]},
    {"name": "start_date", "header": "日期", "type": "date"},
    {"name": "report_month", "header": "月份", "type": "month"},
    {"name": "checked_at", "header": "时间", "type": "datetime"},
    {"name": "is_open", "header": "是否开放", "type": "boolean"},
    {"name": "kind", "header": "类别", "type": "choice", "choices": ["甲类", "乙类"]},
]
TEXTS = ("item_code", "remark")
NUMBERS = ("visit_persons", "amount_yuan", "input_yuan", "done_pct", "measure")
DAYS = ("start_date", "report_month", "checked_at")
NAMES = [column["name"] for column in COLUMNS]
HEADERS = [column["header"] for column in COLUMNS]
KIND_OF = {column["name"]: column.get("type", "text") for column in COLUMNS}
CHOICES = ("甲类", "乙类")


def contract() -> Report:
    """Makes the contract: a log of events, so that no row replaces another."""
    return make_report(
        COLUMNS, replaces="nothing", period_kind=None, reject_limit_pct=100, format={"kind": "workbook"}, **_SOURCE
    )


_SOURCE = {"cadence": "ad_hoc", "source": {"kind": "file_drop", "connection": "drop", "pattern": r".*"}}
