"""The stage `land`: keeps bytes as they came, and beside them the records that rebuild the ledger from the landing alone.

ab/cd/abcd…                   bytes under their SHA-256, read-only
arrivals/2026-11/….json       one file per arrival: what a source showed at one place, and when it came
decisions/2026-11/….json      one file per decision of a person about a document or a release
incoming/                     what is being written now
"""

from __future__ import annotations

from loaders.landing.inspection import Discrepancy, DiscrepancyKind, inspect
from loaders.landing.landed_files import (
    ContentMismatch,
    DocumentTooLarge,
    FileState,
    LandingBatch,
    LandingError,
    land,
    landed_path,
    state_of,
)
from loaders.landing.purge import PurgePlan, plan_purge
from loaders.landing.records import (
    CorruptRecord,
    Record,
    read_records,
    record_path,
    with_present_name,
    write_record,
    write_records,
)

__all__ = [
    "ContentMismatch",
    "CorruptRecord",
    "Discrepancy",
    "DiscrepancyKind",
    "DocumentTooLarge",
    "FileState",
    "LandingBatch",
    "LandingError",
    "PurgePlan",
    "Record",
    "inspect",
    "land",
    "landed_path",
    "plan_purge",
    "read_records",
    "record_path",
    "state_of",
    "with_present_name",
    "write_record",
    "write_records",
]
