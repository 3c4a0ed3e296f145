"""Every cell of a document as plain values, so that what was read can be compared from outside."""

from __future__ import annotations

from typing import Any

from loaders.reading.open_book import open_book
from loaders.reading.request import CellsRequest
from loaders.reading.sheets import Cell, Sheet, address


def dump_document(request: CellsRequest) -> dict[str, Any]:
    """All sheets with their cells.

    Raises:
        Refusal: the document cannot be read.
    """
    book = open_book(request.path, request.password)
    return {"sheets": [_sheet(sheet) for sheet in book.sheets], "notes": book.notes}


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "rows": sheet.last_row,
        "columns": sheet.last_column,
        "merged": [str(area) for area in sheet.merges],
        "cells": [_cell(address(row, column), cell) for row, column, cell in sheet.cells()],
    }


def _cell(place: str, cell: Cell) -> dict[str, Any]:
    shown = {"cell": place, "value": cell.text, "type": str(cell.kind), "flags": list(cell.flags)}
    return shown if cell.original is None else {**shown, "original": cell.original}
