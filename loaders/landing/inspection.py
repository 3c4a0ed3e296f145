"""Checks every file of a landing: which are missing, altered, unknown or left over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from loaders.arrival import Arrival, ContainerArrival, Declaration, ReleaseDecision
from loaders.landing.landed_files import FileState, landed_path, state_of
from loaders.landing.records import ARRIVALS, DECISIONS, CorruptRecord, Record, read_records, record_path, with_present_name

_OTHER_FOLDERS = frozenset({ARRIVALS, DECISIONS, "incoming"})


class DiscrepancyKind(StrEnum):
    """The kind of a discrepancy."""

    MISSING = "missing"
    ALTERED = "altered"
    EXTRA = "extra"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A file of the landing that does not match the ledger; `path` is relative to the landing.

    `sha256` names landed bytes; `record` is the ledger's where a record is concerned.
    """

    kind: DiscrepancyKind
    path: str
    description: str
    sha256: str | None = None
    record: Record | None = None


def inspect(
    folder: Path, known: Collection[Record], present_names: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Discrepancy]:
    """Compares a landing with all that the ledger has of its records; `present_names` maps a former name of a report."""
    answers = {record.answers_sha256 for record in known if isinstance(record, Arrival) and record.answers_sha256}
    wanted = {record.sha256 for record in known if not isinstance(record, Declaration | ReleaseDecision)} | answers
    yield from _check_landed_files(folder, wanted)
    yield from _check_records(folder, known, present_names)
    for path in sorted((folder / "incoming").glob("*")):
        yield Discrepancy(
            DiscrepancyKind.TEMPORARY, _relative_path(folder, path), "is being written, or was left by a process that died"
        )


def _check_landed_files(folder: Path, wanted: Collection[str]) -> Iterator[Discrepancy]:
    for sha256 in sorted(wanted):
        state = state_of(folder, sha256)
        if state is not FileState.INTACT:
            description = "is not there" if state is FileState.MISSING else "holds other bytes than its name says"
            yield Discrepancy(DiscrepancyKind(state), _relative_path(folder, landed_path(folder, sha256)), description, sha256)
    for path in sorted(folder.glob("**/*")):
        relative = path.relative_to(folder)
        if path.is_dir() or relative.parts[0] in _OTHER_FOLDERS:
            continue
        if path.name not in wanted or path != landed_path(folder, path.name):
            yield Discrepancy(DiscrepancyKind.EXTRA, str(relative), "no document of the ledger has these bytes")


def _check_records(folder: Path, known: Collection[Record], present_names: Mapping[str, str]) -> Iterator[Discrepancy]:
    expected = {_path_of(folder, record): record for record in known}
    documents = {_subject(record) for record in known}
    for path, kept in read_records(folder):
        found = with_present_name(kept, present_names)
        path_in_landing = _relative_path(folder, path)
        # The name of the file has the report's name in it, as it was then.
        wanted = path_in_landing if found is kept or isinstance(found, CorruptRecord) else _path_of(folder, found)
        record = expected.pop(wanted, None)
        if isinstance(found, CorruptRecord):
            yield Discrepancy(DiscrepancyKind.ALTERED, path_in_landing, f"cannot be read: {found}", record=record)
        elif record is not None and not _has_same_content(found, record):
            yield Discrepancy(DiscrepancyKind.ALTERED, path_in_landing, "says something else than the ledger", record=record)
        elif record is None and _subject(found) not in documents:
            # A process that died before its ledger row was committed leaves a record, and the next run writes another.
            yield Discrepancy(
                DiscrepancyKind.EXTRA, path_in_landing, f"the ledger does not know {_subject(found)[1]} with these bytes"
            )
    for path_in_landing, record in expected.items():
        yield Discrepancy(
            DiscrepancyKind.MISSING, path_in_landing, f"the record of {_subject(record)[1]} is not there", record=record
        )


def _subject(record: Record) -> tuple[str, str, str]:
    """Returns what a record is about: a document's report, place and bytes, or a draft."""
    if isinstance(record, ReleaseDecision):
        return "release", f"draft {record.draft_id}", record.values_digest
    return record.report, record.uri, record.sha256


def _has_same_content(found: Record, record: Record) -> bool:
    if isinstance(found, ContainerArrival) and isinstance(record, ContainerArrival):
        # A ledger that was rebuilt has another pull, and the size at the source is not always known to it.
        return replace(found, cursor_to=None, size=None) == replace(record, cursor_to=None, size=None)
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


def _path_of(folder: Path, record: Record) -> str:
    return _relative_path(folder, record_path(folder, record))


def _relative_path(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder))
