"""Records beside the landed bytes, from which the ledger can be rebuilt: arrivals, decisions, declarations; a JSON file each.

A record is safe before its row is committed to the ledger. It is never overwritten, because another warehouse, or this one
after a restored backup, may use the same numbers again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.landing.store import open_store
from loaders.period import Period
from loaders.setting_values.landing_address import LandingAddress

ARRIVALS, DECISIONS = "arrivals", "decisions"
_VERSION = 1
_TIMES = frozenset({"modified_at", "arrived_at", "effective_at", "at"})

DocumentRecord = Arrival | ContainerArrival | Decision | Declaration | IssueDecision
Record = DocumentRecord | ReleaseDecision
_KINDS: dict[str, type[Record]] = {
    "arrival": Arrival,
    "container": ContainerArrival,
    "decision": Decision,
    "declaration": Declaration,
    "issue": IssueDecision,
    "release": ReleaseDecision,
}


class CorruptRecord(ValueError):
    """A record that cannot be read; the message says which."""


def write_record(address: LandingAddress, record: Record, *, overwrite: bool = False) -> str:
    """Writes a record durably. An existing one stays as it is unless `overwrite` is set.

    Returns:
        Its name in the landing.

    Raises:
        LandingError: the disk is full, or the bucket cannot be used.
    """
    return write_records(address, [record], overwrite=overwrite)[0]


def write_records(address: LandingAddress, records: Iterable[Record], *, overwrite: bool = False) -> list[str]:
    """Writes records durably, all before it returns; raises as `write_record` does. Returns their names in the landing."""
    contents: dict[str, bytes] = {}
    for record in records:
        contents.setdefault(record_name(record), _to_json(record).encode())
    open_store(address).write_all(contents, overwrite=overwrite)
    return list(contents)


def record_name(record: Record) -> str:
    """Returns the name of a record in the landing, by month, time and content, so that no two records share one."""
    kind, moment = (ARRIVALS, record.arrived_at) if isinstance(record, Arrival | ContainerArrival) else (DECISIONS, record.at)
    if moment is None:
        raise ValueError("a decision has a time once it is in the ledger")
    moment = moment.astimezone(dt.UTC)
    subject = f"draft-{record.draft_id}" if isinstance(record, ReleaseDecision) else f"{record.report}-{record.sha256[:12]}"
    return f"{kind}/{moment:%Y-%m}/{moment:%Y%m%dT%H%M%S.%f}Z-{subject}.json"


def read_records(address: LandingAddress) -> Iterator[tuple[str, Record | CorruptRecord]]:
    """Yields every record of a landing with its name there, oldest first, or the error of one that cannot be read."""
    store = open_store(address)
    names = [name for name in store.sizes() if is_record_name(name)]
    for name, content in store.read_all(sorted(names, key=lambda name: name.rpartition("/")[2])):
        yield name, _parse(name, content)


def is_record_name(name: str) -> bool:
    """Returns whether a file of a landing is where records are: `arrivals/2026-11/….json`."""
    return name.startswith((f"{ARRIVALS}/", f"{DECISIONS}/")) and name.count("/") == 2


def with_present_name(record: Record | CorruptRecord, present_names: Mapping[str, str]) -> Record | CorruptRecord:
    """Returns a record under the name that its report has now; records in the landing keep the name that it had then."""
    if isinstance(record, CorruptRecord | ReleaseDecision) or record.report not in present_names:
        return record
    return dataclasses.replace(record, report=present_names[record.report])


def _to_json(record: Record) -> str:
    content: dict[str, Any] = {
        "version": _VERSION,
        "kind": next(name for name, kind in _KINDS.items() if isinstance(record, kind)),
    }
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC).isoformat()
        content[field.name] = str(value) if isinstance(value, Period | dt.date) else value
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _parse(name: str, stored: bytes | OSError) -> Record | CorruptRecord:
    try:
        if isinstance(stored, OSError):
            raise stored
        content = json.loads(stored.decode("utf-8"))
        if content.pop("version") != _VERSION:
            raise ValueError("its version is not known")
        kind = _KINDS[content.pop("kind")]
        values = {name: _value(name, value) for name, value in content.items()}
        record = kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        return CorruptRecord(f"{name.rpartition('/')[2]}: {type(error).__name__}: {error}")
    return record


def _value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return dt.datetime.fromisoformat(value)
    if name == "period" and value is not None:
        return Period.parse(value)
    if name == "until" and value is not None:
        return dt.date.fromisoformat(value)
    return tuple(value) if name == "documents" else value
