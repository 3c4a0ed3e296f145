"""What is asked of a reader: a file, the contract to read it under, and what its place said of it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

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
class RecognizeRequest:
    """One document and the reports that it may be, packed: a reader that is asked about many documents unpacks them once."""

    path: Path
    packed_reports: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OutlineRequest:
    """One document of which no contract is known yet: what does it show of itself?"""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document shows of itself: its kind, the words above each column, the units that stand above the table.

    `encoding` and `delimiter` are those of a delimited text, as a contract names them. Of records, `headers` are the fields.
    """

    kind: Literal["workbook", "delimited", "records"]
    headers: tuple[str, ...]
    measures: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None


def pack_reports(reports: Sequence[Report]) -> bytes:
    """Reports as one piece, for `RecognizeRequest`s."""
    return pickle.dumps(tuple(reports), protocol=pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The names of the reports whose headers fit a document (several when their headers are the same), and of those that come
    nearest, the nearest first.
    """

    fits: tuple[str, ...]
    nearest: tuple[str, ...]


Request = ReadRequest | CellsRequest | RecognizeRequest | OutlineRequest
