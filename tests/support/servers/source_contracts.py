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


def signed_register(path: str, key: str = "id", page_size: int = 500) -> dict[str, Any]:
    """Makes the source of the register that `tests.support.servers.api` serves: signed, in numbered pages, with a total."""
    names = ("X-App-Key", "X-Timestamp", "X-Nonce", "X-Signature")
    values = ("{key}", "{timestamp_ms}", "{nonce}", "{signature}")
    return {
        "kind": "http_api",
        "connection": "register",
        "request": {"path": path, "query": {"updatedSince": "{since}"}},
        "auth": {
            "kind": "hmac",
            "canonical": "{method}\n{path}\n{query_sorted}\n{key}\n{timestamp_ms}\n{nonce}",
            "headers": dict(zip(names, values, strict=True)),
        },
        "paging": {"kind": "page_number", "page": "page", "size": "pageSize", "page_size": page_size},
        "success": {"path": "code", "values": [0]},
        "records": "data.records",
        "total": "data.total",
        "key": key,
        "updated_field": "updatedAt",
    }
