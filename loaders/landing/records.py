"""Records beside the landed bytes, from which the ledger can be rebuilt: arrivals, decisions, declarations; a JSON file each.

A record is on the disk before its row is committed to the ledger. It is never overwritten, because another warehouse, or this one
after a restored backup, may use the same numbers again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.landing.landed_files import FOLDER_MODE, explain_disk_errors, sync_folder
from loaders.period import Period

ARRIVALS, DECISIONS = "arrivals", "decisions"
_VERSION = 1
_MODE = 0o640
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


def write_record(folder: Path, record: Record, *, overwrite: bool = False) -> Path:
    """Writes a record durably. An existing one stays as it is unless `overwrite` is set.

    Returns:
        Where it is.

    Raises:
        LandingError: the disk is full.
    """
    return write_records(folder, [record], overwrite=overwrite)[0]


def write_records(folder: Path, records: Iterable[Record], *, overwrite: bool = False) -> list[Path]:
    """Writes records durably, and flushes their folders once; raises as `write_record` does. Returns where they are."""
    paths: list[Path] = []
    changed: dict[Path, None] = {}
    with explain_disk_errors(folder):
        for record in records:
            path = record_path(folder, record)
            if not path.parent.exists():
                path.parent.mkdir(parents=True, mode=FOLDER_MODE, exist_ok=True)
                changed |= dict.fromkeys((path.parent.parent, path.parent.parent.parent))
            if overwrite or not path.exists():
                _write(folder / "incoming", path, _to_json(record).encode())
                changed[path.parent] = None
            paths.append(path)
        for one in changed:
            sync_folder(one)
    return paths


def _write(incoming: Path, path: Path, content: bytes) -> None:
    """Flushes the bytes of a record and renames it; its folder is flushed by the caller."""
    incoming.mkdir(exist_ok=True, mode=FOLDER_MODE)
    descriptor, name = tempfile.mkstemp(dir=incoming)
    try:
        os.write(descriptor, content)
        os.fchmod(descriptor, _MODE)
        os.fsync(descriptor)
        Path(name).replace(path)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


def record_path(folder: Path, record: Record) -> Path:
    """Returns the path of a record, by month, time and content, so that no two records share one."""
    kind, moment = (ARRIVALS, record.arrived_at) if isinstance(record, Arrival | ContainerArrival) else (DECISIONS, record.at)
    if moment is None:
        raise ValueError("a decision has a time once it is in the ledger")
    moment = moment.astimezone(dt.UTC)
    subject = f"draft-{record.draft_id}" if isinstance(record, ReleaseDecision) else f"{record.report}-{record.sha256[:12]}"
    return folder / kind / f"{moment:%Y-%m}" / f"{moment:%Y%m%dT%H%M%S.%f}Z-{subject}.json"


def read_records(folder: Path) -> Iterator[tuple[Path, Record | CorruptRecord]]:
    """Yields every record below a landing folder, oldest first, or the error of one that cannot be read."""
    paths = [path for kind in (ARRIVALS, DECISIONS) for path in (folder / kind).glob("*/*") if path.is_file()]
    for path in sorted(paths, key=lambda path: path.name):
        yield path, _read(path)


def with_present_name(record: Record | CorruptRecord, present_names: Mapping[str, str]) -> Record | CorruptRecord:
    """Returns a record under the name that its report has now; records on the disk keep the name that it had then."""
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


def _read(path: Path) -> Record | CorruptRecord:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("version") != _VERSION:
            raise ValueError("its version is not known")
        kind = _KINDS[content.pop("kind")]
        values = {name: _value(name, value) for name, value in content.items()}
        record = kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        return CorruptRecord(f"{path.name}: {type(error).__name__}: {error}")
    return record


def _value(name: str, value: Any) -> Any:
    if name in _TIMES:
        return dt.datetime.fromisoformat(value)
    if name == "period" and value is not None:
        return Period.parse(value)
    if name == "until" and value is not None:
        return dt.date.fromisoformat(value)
    return tuple(value) if name == "documents" else value
