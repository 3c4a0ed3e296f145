"""Deletes what the landing keeps of a report: its records, and the bytes that no other report has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from loaders.arrival import ReleaseDecision
from loaders.landing.bucket_store import object_name
from loaders.landing.records import CorruptRecord, read_records
from loaders.landing.store import open_store
from loaders.setting_values.landing_address import LandingAddress


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """The files that a purge deletes, by their names in the landing: landed files, and records of arrivals and decisions."""

    landing: LandingAddress
    landed_files: tuple[str, ...]
    records: tuple[str, ...]

    def execute(self) -> None:
        """Deletes the files. Bytes go first: what a process that died has left is still named by its record."""
        open_store(self.landing).delete((*self.landed_files, *self.records))


def plan_purge(landing: LandingAddress, reports: Collection[str], hashes_of_others: Collection[str]) -> PurgePlan:
    """Finds the files of a report by all its names.

    Args:
        landing: the landing.
        reports: the names of the report.
        hashes_of_others: the SHA-256 of files that other reports have in the ledger. Those of other records stay as well.
    """
    own: dict[str, str] = {}
    shared = set(hashes_of_others)
    for name, record in read_records(landing):
        if isinstance(record, CorruptRecord | ReleaseDecision):
            continue
        if record.report in reports:
            own[name] = record.sha256
        else:
            shared.add(record.sha256)
    landed = (object_name(sha256) for sha256 in sorted({*own.values()} - shared))
    kept = open_store(landing).sizes()
    return PurgePlan(landing, tuple(name for name in landed if name in kept), tuple(own))
