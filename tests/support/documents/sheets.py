"""Sheets in memory, as the readers of workbooks return them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.reading.model.cell_builders import bool_cell, number_cell, stored_text
from loaders.reading.model.sheets import Area, Book, Cell, Sheet

Value = str | int | float | bool | Cell | None


def make_sheet(
    rows: Iterable[Sequence[Value]],
    *,
    merges: Iterable[str] = (),
    name: str = "表1",
    hidden: bool = False,
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[int] = (),
) -> Sheet:
    """A sheet with these rows from the first on."""
    sheet = Sheet(name, hidden=hidden)
    for number, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            if value is not None:
                sheet.put(number, column, _cell(value))
    sheet.merges = [Area.parse(reference) for reference in merges]
    sheet.hidden_rows = set(hidden_rows)
    sheet.hidden_columns = set(hidden_columns)
    return sheet


def make_book(*sheets: Sheet) -> Book:
    """A workbook of these sheets."""
    return Book("xlsx", list(sheets))


def _cell(value: str | int | float | bool | Cell) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool):
        return bool_cell(value)
    return stored_text(value) if isinstance(value, str) else number_cell(repr(value))
