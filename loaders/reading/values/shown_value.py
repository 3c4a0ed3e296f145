"""Shown value: dispatches by column type which value a column takes of a cell that shows something else than it stores.

The shown value is loaded, or the row is quarantined, or the cell gets a warning with both values.
"""

from __future__ import annotations

from loaders.contract import Column, ColumnType
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.number_formats import FormatKind, NumberFormat
from loaders.reading.values.shown_datetimes import shown_datetime
from loaders.reading.values.shown_issues import ShownValue, hidden, shown_is_taken, two_readings
from loaders.reading.values.shown_numbers import shown_number
from loaders.reading.values.shown_text import number_of_cell, shown_text
from loaders.reading.values.text_columns import shown_as_datetime, shown_as_text

_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_DAYS = {ColumnType.DATE, ColumnType.DATETIME}
_DATE_TYPES = {*_DAYS, ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR}
_NUMBER_KINDS = {FormatKind.NUMBER, FormatKind.PERCENT}
STORED_OTHERWISE = "stored_otherwise"
_TEMPORAL_KINDS = {CellKind.DATE, CellKind.DATETIME, CellKind.TIME}
_UNREADABLE = {"precision_lost", "not_a_number", "date_out_of_range", "formula_without_value"}


def shown_value(cell: Cell, column: Column, printed: str | None = None) -> ShownValue | None:
    """Returns the value that a column takes of a cell; None if it is the cell's text, as for nearly all cells.

    `printed` is the unit that the document prints for the column (`万元`).
    """
    shown_as = cell.number_format
    if STORED_OTHERWISE in cell.flags:
        return _of_page(cell, column)
    if cell.kind in _TEMPORAL_KINDS:
        is_plain = shown_as is not None and shown_as.is_plain and column.type in _DAYS
        return None if is_plain else shown_datetime(cell, column)
    if shown_as is None:
        return None
    if cell.kind is CellKind.NUMBER:
        return _of_number(cell, shown_as, column, printed)
    return _of_text(cell, shown_as) if cell.kind is CellKind.TEXT else None


def _of_number(cell: Cell, shown_as: NumberFormat, column: Column, printed: str | None) -> ShownValue | None:
    is_number = column.type in _NUMBERS
    if shown_as.is_plain and (is_number or shown_as.is_plain_text):
        return None
    number = number_of_cell(cell)
    if number is None or not _UNREADABLE.isdisjoint(cell.flags):
        return None
    kind = shown_as.kind_of(number) if shown_as.is_mixed else shown_as.kind
    if kind not in _NUMBER_KINDS:
        return None
    if is_number:
        return shown_number(cell, shown_as, number, printed)
    if column.type in _DATE_TYPES:
        return shown_as_datetime(cell, shown_as, number)
    return shown_as_text(cell, shown_as, number, column)


def _of_page(cell: Cell, column: Column) -> ShownValue:
    """Handles a web page that shows one number and stores another. Words and codes take the shown text; numbers take neither."""
    stored = cell.original or ""
    if column.type in _NUMBERS:
        return ShownValue(cell.text, two_readings(cell.text, stored, cell.text, stored))
    return ShownValue(cell.text, shown_is_taken(cell.text, stored, cell.text))


def _of_text(cell: Cell, shown_as: NumberFormat) -> ShownValue | None:
    """Handles a text that its format shows with additions or hides."""
    if not shown_as.adds_to_text:
        return None
    shown = shown_text(cell).strip()
    return ShownValue(shown) if shown else ShownValue(cell.text, hidden(f"“{cell.text}”", is_zero=False))
