"""Small contracts for tests of sources."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report
from tests.support.documents.contracts import VISIT


def report(source: dict[str, Any], **changes: Any) -> Report:
    """Makes a contract with one column and this `source`."""
    facts: dict[str, Any] = {
        "name": "home_visit",
        "source": source,
        "format": {"kind": "records"},
        "replaces": "nothing",
        "columns": [{"name": "id", "header": "编号"}],
    }
    return Report.model_validate(VISIT | facts | changes)


def file_drop(**changes: Any) -> Report:
    """Makes a contract of a monthly report in CSV files: one folder per month, one file per unit."""
    pattern = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_[^/]*\.csv"
    source = {"kind": "file_drop", "connection": "drop", "folder": "visits", "pattern": pattern, "settle_seconds": 0.3}
    return report(source | changes, format={"kind": "delimited"})
