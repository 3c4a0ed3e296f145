"""What is asked of a reader: a file, the contract to read it under, and what its place said of it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
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
    """One document and the reports that it may be, packed: a reader that is asked about many documents unpacks them once."""

    path: Path
    packed_reports: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)


def pack_reports(reports: Sequence[Report]) -> bytes:
    """Reports as one piece, for `RecogniseRequest`s."""
    return pickle.dumps(tuple(reports), protocol=pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The names of the reports whose headers fit a document (several when their headers are the same), and of those that come
    nearest, the nearest first.
    """

    fits: tuple[str, ...]
    nearest: tuple[str, ...]


Request = ReadRequest | CellsRequest | RecogniseRequest
