"""The stage `land`: keeps bytes as they came, and beside them the records that rebuild the ledger from the landing alone.

ab/cd/abcd…                   bytes under their SHA-256, read-only
arrivals/2026-11/….json       one file per arrival: what a source showed at one place, and when it came
decisions/2026-11/….json      one file per decision of a person about a document or a release
incoming/                     what is being written now (in a folder; a bucket shows nothing before it is whole)

A landing is a folder, or a prefix of a bucket; `open_store` opens either by its address.
"""

from __future__ import annotations

from loaders.landing.inspection import Discrepancy, DiscrepancyKind, inspect
from loaders.landing.landed_files import ContentMismatch, DocumentTooLarge, FileState, LandingBatch, LandingError
from loaders.landing.purge import PurgePlan, plan_purge
from loaders.landing.records import (
    CorruptRecord,
    Record,
    read_records,
    record_name,
    with_present_name,
    write_record,
    write_records,
)
from loaders.landing.store import (
    LandingStore,
    fetch_landed,
    land,
    landed_path,
    landed_place,
    open_batch,
    open_store,
    readable_states,
    state_of,
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
    "LandingStore",
    "PurgePlan",
    "Record",
    "fetch_landed",
    "inspect",
    "land",
    "landed_path",
    "landed_place",
    "open_batch",
    "open_store",
    "plan_purge",
    "read_records",
    "readable_states",
    "record_name",
    "state_of",
    "with_present_name",
    "write_record",
    "write_records",
]
