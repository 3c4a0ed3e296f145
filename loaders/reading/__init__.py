"""Reading: bytes -> rows under a contract, or a refusal with a reason. Everything that parses runs in a killable child."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loaders.contract import Report
from loaders.reading.reading_process import ReaderUnavailable
from loaders.reading.refusals import Refusal
from loaders.reading.request import CellsRequest, ReadRequest, RecogniseRequest
from loaders.reading.sandbox import ReaderPool
from loaders.settings import ReadingLimits

__all__ = ["ReadRequest", "ReaderPool", "ReaderUnavailable", "Refusal", "dump_cells", "recognise"]


def recognise(file: Path, reports: Sequence[Report], pool: ReaderPool | None = None) -> list[Report]:
    """The reports whose headers fit a document; none, one or several.

    Raises:
        Refusal: the document cannot be opened at all.
    """
    request = RecogniseRequest(file, tuple(reports))
    if pool is None:
        with ReaderPool(ReadingLimits()) as own:
            names = own.recognise(request)
    else:
        names = pool.recognise(request)
    return [report for report in reports if report.report in names]


def dump_cells(file: Path, password: str | None = None) -> dict[str, Any]:
    """Every cell of a document as it was read: `{"sheets": […]}`, or `{"refused": {"reason", "detail"}}`."""
    with ReaderPool(ReadingLimits()) as pool:
        return pool.cells(CellsRequest(file, password))
