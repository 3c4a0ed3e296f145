"""Small contracts for tests of sources."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report
from tests.documents.contracts import VISIT


def report(source: dict[str, Any], **changes: Any) -> Report:
    """A contract of one column that takes its documents from `source`."""
    facts: dict[str, Any] = {
        "report": "home_visit",
        "source": source,
        "format": {"kind": "records"},
        "replaces": "nothing",
        "columns": [{"name": "id", "header": "编号"}],
    }
    return Report.model_validate(VISIT | facts | changes)


def file_drop(**changes: Any) -> Report:
    """A monthly report of CSV files, a folder a month and a file a unit."""
    pattern = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_[^/]*\.csv"
    source = {"kind": "file_drop", "connection": "drop", "folder": "visits", "pattern": pattern, "settle_seconds": 0.3}
    return report(source | changes, format={"kind": "delimited"})
