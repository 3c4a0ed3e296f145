"""Checks every file of a landing: which are missing, altered, unknown or left over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from loaders.arrival import Arrival, ContainerArrival, Declaration, ReleaseDecision
from loaders.landing.bucket_store import object_name
from loaders.landing.landed_files import FileState
from loaders.landing.records import ARRIVALS, DECISIONS, CorruptRecord, Record, read_records, record_name, with_present_name
from loaders.landing.store import LandingStore, open_store
from loaders.setting_values.landing_address import LandingAddress

_FOLDERS_OF_RECORDS = (f"{ARRIVALS}/", f"{DECISIONS}/")


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
    landing: LandingAddress, known: Collection[Record], present_names: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Discrepancy]:
    """Compares a landing with all that the ledger has of its records; `present_names` maps a former name of a report."""
    answers = {record.answers_sha256 for record in known if isinstance(record, Arrival) and record.answers_sha256}
    wanted = {record.sha256 for record in known if not isinstance(record, Declaration | ReleaseDecision)} | answers
    store = open_store(landing)
    yield from _check_landed_files(store, wanted)
    yield from _check_records(landing, known, present_names)
    for name in store.unfinished():
        yield Discrepancy(DiscrepancyKind.TEMPORARY, name, "is being written, or was left by a process that died")


def _check_landed_files(store: LandingStore, wanted: Collection[str]) -> Iterator[Discrepancy]:
    for sha256, state in store.states(sorted(wanted)):
        if state is not FileState.INTACT:
            description = "is not there" if state is FileState.MISSING else "holds other bytes than its name says"
            yield Discrepancy(DiscrepancyKind(state), object_name(sha256), description, sha256)
    expected = {object_name(sha256) for sha256 in wanted}
    for name in sorted(store.sizes()):
        if name not in expected and not name.startswith(_FOLDERS_OF_RECORDS):
            yield Discrepancy(DiscrepancyKind.EXTRA, name, "no document of the ledger has these bytes")


def _check_records(landing: LandingAddress, known: Collection[Record], present_names: Mapping[str, str]) -> Iterator[Discrepancy]:
    expected = {record_name(record): record for record in known}
    documents = {_subject(record) for record in known}
    for path_in_landing, kept in read_records(landing):
        found = with_present_name(kept, present_names)
        # The name of the file has the report's name in it, as it was then.
        wanted = path_in_landing if found is kept or isinstance(found, CorruptRecord) else record_name(found)
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
