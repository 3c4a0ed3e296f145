"""Requests to a reader, and their results: a file, its contract, and what its location says about it."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from loaders.contract import Report
from loaders.period import Period
from loaders.reading.model.containers import UnpackRequest


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Request to read one document under the contract of its report."""

    path: Path
    report: Report
    period: Period | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CellsRequest:
    """Request for every cell of one document, without a contract."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RecognizeRequest:
    """Request to recognize the report of one document.

    The candidate reports are pickled: a worker unpacks them once for many documents.
    """

    path: Path
    packed_reports: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OutlineRequest:
    """Request for the outline of one document whose contract is not known yet."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outline:
    """Outline of a document: its kind, the header of each column, the units above the table.

    `encoding` and `delimiter` are those of a delimited text, as a contract declares them. For records, `headers` are the fields.
    """

    kind: Literal["workbook", "delimited", "records"]
    headers: tuple[str, ...]
    measures: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None


def pack_reports(reports: Sequence[Report]) -> bytes:
    """Pickles reports for `RecognizeRequest`s."""
    return pickle.dumps(tuple(reports), protocol=pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """Names of the reports whose headers match a document, and of the nearest reports, best first.

    Several reports match if their headers are the same.
    """

    fits: tuple[str, ...]
    nearest: tuple[str, ...]


Request = ReadRequest | CellsRequest | RecognizeRequest | OutlineRequest | UnpackRequest
