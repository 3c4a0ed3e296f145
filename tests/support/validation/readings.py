"""A small report and readings of it, made by the validation tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from loaders.contract import Report
from loaders.model import ROW, SHEET, FoundTable, Issue, Reading
from loaders.period import Period
from tests.support.documents.contracts import VISIT

KEY = b"a key that only these tests know"
CONTRACT: dict[str, Any] = VISIT | {
    "source": {"kind": "file_drop", "connection": "drop", "pattern": r"(?P<unit>\d+)/(?P<period>\d{4}-\d{2})\.xlsx"},
    "format": {"kind": "workbook"},
    "reject_limit_pct": 100,
    "columns": [{"name": "visit_code", "header": "编号", "required": True, "key": True}, {"name": "remark", "header": "备注"}],
}


def make_report(*columns: dict[str, Any], **fields: Any) -> Report:
    """A report whose first column is the key `visit_code`, unless `columns` bring a key of their own."""
    own_key = any(column.get("key") for column in columns)
    given = list(columns) if own_key else [CONTRACT["columns"][0], *columns]
    return Report.model_validate(CONTRACT | {"columns": given or CONTRACT["columns"]} | fields)


def make_rule(
    expect: str, where: dict[str, list[str]] | None = None, severity: str = "error", **arguments: Any
) -> dict[str, Any]:
    """A rule of a contract."""
    meaning = {"zh": "应当如此", "en": "it is so"}
    return {"expect": expect, "arguments": arguments, "where": where or {}, "severity": severity, "meaning": meaning}


def make_reading(
    report: Report,
    rows: Sequence[dict[str, str | None]],
    *,
    sheet: str = "表1",
    first_row: int = 4,
    scales: dict[str, Decimal] | None = None,
    issues: Sequence[Issue] = (),
    absent: Sequence[str] = (),
    unit_text: str | None = None,
    stated: Period | None = None,
) -> Reading:
    """What a reader would have found: one table, columns from A on; keys are numbered where a row says none."""
    table = {
        SHEET: pa.array([sheet] * len(rows), pa.string()),
        ROW: pa.array(range(first_row, first_row + len(rows)), pa.int32()),
    }
    for column in report.columns:
        texts = [row.get(column.name) for row in rows]
        if column.name == "visit_code":
            texts = [row.get("visit_code", f"V{number}") for number, row in enumerate(rows)]
        table[column.name] = pa.array(texts, pa.string())
    letters = {column.name: chr(65 + place) for place, column in enumerate(report.columns) if column.name not in absent}
    last_row = first_row + max(len(rows), 1) - 1
    found = FoundTable(sheet, (first_row - 1, first_row - 1), first_row, last_row, letters, scales or {})
    return Reading(
        pa.table(table), len(rows) + 3, {"title": 3}, (found,), unit_text=unit_text, period=stated, issues=tuple(issues)
    )
