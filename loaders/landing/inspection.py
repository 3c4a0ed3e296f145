"""Looks at every file of a landing: what is missing, altered, known to nobody, or left over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loaders.arrival import Arrival
from loaders.landing.files import FileState, landed_path, state_of
from loaders.landing.records import ARRIVALS, DECISIONS, Record, RecordDamaged, place_of, read_records

_APART = frozenset({ARRIVALS, DECISIONS, "incoming"})


class Kind(StrEnum):
    """What is wrong with a file of the landing."""

    MISSING = "missing"
    ALTERED = "altered"
    EXTRA = "extra"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class Finding:
    """One file that is not as it should be; `path` is relative to the landing.

    `sha256` names landed bytes; `record` is the ledger's where a record is concerned.
    """

    kind: Kind
    path: str
    what: str
    sha256: str | None = None
    record: Record | None = None


def inspect(folder: Path, known: Collection[Record]) -> Iterator[Finding]:
    """Compare a landing with what the ledger knows: all its arrivals and decisions."""
    wanted = {record.sha256 for record in known}
    yield from _of_bytes(folder, wanted)
    yield from _of_records(folder, known)
    for path in sorted((folder / "incoming").glob("*")):
        yield Finding(Kind.TEMPORARY, _below(folder, path), "is being written, or was left by a process that died")


def _of_bytes(folder: Path, wanted: Collection[str]) -> Iterator[Finding]:
    for sha256 in sorted(wanted):
        state = state_of(folder, sha256)
        if state is not FileState.WHOLE:
            what = "is not there" if state is FileState.MISSING else "holds other bytes than its name says"
            yield Finding(Kind(state), _below(folder, landed_path(folder, sha256)), what, sha256)
    for path in sorted(folder.glob("**/*")):
        below = path.relative_to(folder)
        if path.is_dir() or below.parts[0] in _APART:
            continue
        if path.name not in wanted or path != landed_path(folder, path.name):
            yield Finding(Kind.EXTRA, str(below), "no document of the ledger has these bytes")


def _of_records(folder: Path, known: Collection[Record]) -> Iterator[Finding]:
    expected = {_below(folder, place_of(folder, record)): record for record in known}
    documents = {(record.report, record.uri, record.sha256) for record in known}
    for path, found in read_records(folder):
        place = _below(folder, path)
        record = expected.pop(place, None)
        if isinstance(found, RecordDamaged):
            yield Finding(Kind.ALTERED, place, f"cannot be read: {found}", record=record)
        elif record is not None and not _says_the_same(found, record):
            yield Finding(Kind.ALTERED, place, "says something else than the ledger", record=record)
        elif record is None and (found.report, found.uri, found.sha256) not in documents:
            # A process that died before its ledger row was there for good leaves a record, and the next run writes another.
            yield Finding(Kind.EXTRA, place, f"the ledger does not know {found.uri} with these bytes")
    for place, record in expected.items():
        yield Finding(Kind.MISSING, place, f"the record of {record.uri} is not there", record=record)


def _says_the_same(found: Record, record: Record) -> bool:
    if isinstance(found, Arrival) and isinstance(record, Arrival):
        return (found.report, found.uri, found.sha256, found.modified_at, found.byte_size, found.arrived_at) == (
            record.report,
            record.uri,
            record.sha256,
            record.modified_at,
            record.byte_size,
            record.arrived_at,
        )
    return found == record


def _below(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder))
