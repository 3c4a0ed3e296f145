"""Contracts that the reading tests are read under."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.reading.document import read_document
from loaders.reading.request import ReadRequest
from loaders.table import Reading

VISITS: list[dict[str, Any]] = [
    {"name": "visit_code", "header": "探访编号", "required": True, "key": True},
    {"name": "town_name", "header": "镇（街道）", "required": True},
    {"name": "visit_persons", "header": "探访人次", "type": "integer", "unit": "人次", "required": True},
    {"name": "spent_yuan", "header": "支出（元）", "type": "decimal", "unit": "元"},
    {"name": "remark", "header": "备注"},
]


def make_report(columns: list[dict[str, Any]] | None = None, **fields: Any) -> Report:
    """A report with few columns; any field may be given."""
    content: dict[str, Any] = {
        "report": "visit",
        "code": "SW99",
        "system": "social_work",
        "title": {"zh": "探访表", "en": "Visits"},
        "grain": {"zh": "一次探访一行", "en": "one row per visit"},
        "owner": {"role": {"zh": "科", "en": "section"}, "email": "a@example.org"},
        "cadence": "monthly",
        "period_kind": "month",
        "source": {"kind": "file_drop", "connection": "drop", "pattern": "x"},
        "format": {"kind": "delimited"},
        "replaces": "period",
        "columns": columns or VISITS,
        **fields,
    }
    return Report.model_validate(content)


@pytest.fixture
def report() -> Callable[..., Report]:
    return make_report


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Read bytes under a contract, in this process."""

    def read(content: bytes, report: Report, **said: Any) -> Reading:
        path = tmp_path / "document"
        path.write_bytes(content)
        return read_document(ReadRequest(path, report, **said))

    return read
