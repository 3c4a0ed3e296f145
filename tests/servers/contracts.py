"""Small contracts for tests of sources."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report


def report(source: dict[str, Any], **changes: Any) -> Report:
    """A contract of one column that takes its documents from `source`."""
    facts: dict[str, Any] = {
        "report": "home_visit",
        "code": "SW04",
        "system": "social_work",
        "title": {"zh": "入户探访", "en": "Home visits"},
        "grain": {"zh": "一次探访一行", "en": "one row per visit"},
        "owner": {"role": {"zh": "社工", "en": "social workers"}, "email": "visits@example.org"},
        "cadence": "monthly",
        "period_kind": "month",
        "source": source,
        "format": {"kind": "records"},
        "replaces": "nothing",
        "columns": [{"name": "id", "header": "编号"}],
    }
    return Report.model_validate(facts | changes)


def file_drop(**changes: Any) -> Report:
    """A monthly report of CSV files, a folder a month and a file a unit."""
    pattern = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_[^/]*\.csv"
    source = {"kind": "file_drop", "connection": "drop", "folder": "visits", "pattern": pattern, "settle_seconds": 0.3}
    return report(source | changes, format={"kind": "delimited"})
