"""Dumps every cell of a document as JSON, so that other programs can check what was read.

The JSON is written to a file cell by cell. As Python values, the cells of a large sheet would take several times the memory of a
`Book`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.requests import CellsRequest
from loaders.reading.model.sheets import Cell, Sheet, address
from loaders.reading.values.shown_text import shown_text


def dump_document(request: CellsRequest, out: BinaryIO) -> None:
    """Writes all sheets with their cells.

    Raises:
        Refusal: the document cannot be read. Nothing was written.
    """
    book = open_workbook(request.path, request.password)
    out.write(b'{"sheets": [')
    for number, sheet in enumerate(book.sheets):
        out.write(b", " if number else b"")
        _write_sheet(sheet, out)
    out.write(b'], "notes": ' + _json(book.notes) + b"}")


def _write_sheet(sheet: Sheet, out: BinaryIO) -> None:
    facts = {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "rows": sheet.last_row,
        "columns": sheet.last_column,
        "merged": [str(area) for area in sheet.merges],
    }
    out.write(_json(facts)[:-1] + b', "cells": [')
    for number, cell in enumerate(_cells(sheet)):
        out.write(b", " + cell if number else cell)
    out.write(b"]}")


def _cells(sheet: Sheet) -> Iterator[bytes]:
    for row, column, cell in sheet.cells():
        yield _json(_facts(address(row, column), cell))


def _facts(place: str, cell: Cell) -> dict[str, Any]:
    facts = {"cell": place, "value": cell.text, "type": str(cell.kind), "flags": list(cell.flags)}
    if cell.original is not None:
        facts["original"] = cell.original
    shown = shown_text(cell)
    if shown != cell.text:
        facts["shown"] = shown
    return facts


def _json(value: Any) -> bytes:
    # A damaged file may hold a lone surrogate, which UTF-8 cannot encode.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="replace")
