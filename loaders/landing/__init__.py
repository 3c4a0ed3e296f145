"""The stage `land`: bytes as they came, and beside them what is needed to rebuild the ledger from the landing alone.

ab/cd/abcd…                   bytes under their SHA-256, read-only
arrivals/2026-11/….json       one file per arrival: what a source showed at one place, and when it came
decisions/2026-11/….json      one file per decision of a person about a document
incoming/                     what is being written now
"""

from __future__ import annotations

from loaders.landing.files import (
    DocumentTooLarge,
    FileState,
    LandingError,
    OtherBytes,
    land,
    landed_path,
    state_of,
)
from loaders.landing.inspection import Finding, Kind, inspect
from loaders.landing.records import Record, RecordDamaged, keep, place_of, read_records

__all__ = [
    "DocumentTooLarge",
    "FileState",
    "Finding",
    "Kind",
    "LandingError",
    "OtherBytes",
    "Record",
    "RecordDamaged",
    "inspect",
    "keep",
    "land",
    "landed_path",
    "place_of",
    "read_records",
    "state_of",
]
