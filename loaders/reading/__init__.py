"""Reading: turns the bytes of a document into rows under a contract, or into a refusal with a reason.

All parsing runs in worker processes that can be killed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loaders.reading.model.containers import Member, Unpacked, UnpackRequest
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.requests import (
    CellsRequest,
    Outline,
    OutlineRequest,
    ReadRequest,
    RecognitionResult,
    RecognizeRequest,
    pack_reports,
)
from loaders.reading.model.row_schema import refused
from loaders.reading.sandbox.pool import ReaderPool
from loaders.reading.sandbox.worker_process import ReaderUnavailable
from loaders.settings import ReadingLimits

__all__ = [
    "Member",
    "Outline",
    "OutlineRequest",
    "ReadRequest",
    "ReaderPool",
    "ReaderUnavailable",
    "RecognitionResult",
    "RecognizeRequest",
    "Refusal",
    "UnpackRequest",
    "Unpacked",
    "cells_as_json",
    "dump_cells",
    "pack_reports",
    "refused",
]


def cells_as_json(file: Path, password: str | None = None) -> bytes:
    """Returns every cell of a document as JSON: `{"sheets": […]}`, or `{"refused": {"reason", "detail"}}`."""
    with ReaderPool(ReadingLimits()) as pool:
        return pool.cells(CellsRequest(file, password))


def dump_cells(file: Path, password: str | None = None) -> dict[str, Any]:
    """Returns the content of `cells_as_json` as Python values."""
    content: dict[str, Any] = json.loads(cells_as_json(file, password))
    return content
