"""Deletes what the landing keeps of a report: its records, and the bytes that no other report has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from loaders.arrival import ReleaseDecision
from loaders.landing.landed_files import landed_path, sync_folder
from loaders.landing.records import CorruptRecord, read_records


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """The files that a purge deletes: landed files, and records of arrivals and decisions."""

    landed_files: tuple[Path, ...]
    records: tuple[Path, ...]

    def execute(self) -> None:
        """Deletes the files. Bytes go first: what a process that died has left is still named by its record."""
        for path in (*self.landed_files, *self.records):
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in (*self.landed_files, *self.records)}:
            sync_folder(folder)


def plan_purge(folder: Path, reports: Collection[str], hashes_of_others: Collection[str]) -> PurgePlan:
    """Finds the files of a report by all its names.

    Args:
        folder: the landing.
        reports: the names of the report.
        hashes_of_others: the SHA-256 of files that other reports have in the ledger. Those of other records stay as well.
    """
    own: dict[Path, str] = {}
    shared = set(hashes_of_others)
    for path, record in read_records(folder):
        if isinstance(record, CorruptRecord | ReleaseDecision):
            continue
        if record.report in reports:
            own[path] = record.sha256
        else:
            shared.add(record.sha256)
    landed = (landed_path(folder, sha256) for sha256 in sorted({*own.values()} - shared))
    return PurgePlan(tuple(path for path in landed if path.exists()), tuple(own))
