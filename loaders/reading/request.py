"""What is asked of a reader: a file, the contract to read it under, and what its place said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from loaders.contract import Report
from loaders.period import Period


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One document to be read under the contract of its report."""

    path: Path
    report: Report
    period: Period | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CellsRequest:
    """One document whose every cell is to be shown, under no contract."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RecogniseRequest:
    """One document and the reports that it may be."""

    path: Path
    reports: tuple[Report, ...]
    password: str | None = field(default=None, repr=False)


Request = ReadRequest | CellsRequest | RecogniseRequest
