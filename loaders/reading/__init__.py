"""Reading: bytes -> rows under a contract, or a refusal with a reason. Everything that parses runs in a killable child."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loaders.reading.reading_process import ReaderUnavailable
from loaders.reading.refusals import Refusal
from loaders.reading.request import CellsRequest, Outline, OutlineRequest, ReadRequest, Recognised, RecogniseRequest, pack_reports
from loaders.reading.row_schema import refused
from loaders.reading.sandbox import ReaderPool
from loaders.settings import ReadingLimits

__all__ = [
    "Outline",
    "OutlineRequest",
    "ReadRequest",
    "ReaderPool",
    "ReaderUnavailable",
    "RecogniseRequest",
    "Recognised",
    "Refusal",
    "cells_as_json",
    "dump_cells",
    "pack_reports",
    "refused",
]


def cells_as_json(file: Path, password: str | None = None) -> bytes:
    """Every cell of a document as it was read: `{"sheets": […]}`, or `{"refused": {"reason", "detail"}}`."""
    with ReaderPool(ReadingLimits()) as pool:
        return pool.cells(CellsRequest(file, password))


def dump_cells(file: Path, password: str | None = None) -> dict[str, Any]:
    """The same as values."""
    content: dict[str, Any] = json.loads(cells_as_json(file, password))
    return content
