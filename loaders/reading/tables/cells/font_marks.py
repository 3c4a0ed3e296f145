"""Font marks: which value a column takes of struck-out or raised text, and the issues of such cells.

- A struck run is removed from the value, with a warning that names both texts.
- A cell that is wholly struck, in a row that is not, has no value: its row is quarantined. Free text is removed instead, with a
  warning.
- A row that is wholly struck is read unchanged, with a warning, as hidden rows are.
- A value that is wholly super- or subscript may be a footnote mark without a value: its row is quarantined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from loaders.characters.footnote_marks import split_superscript
from loaders.contract import Column, ColumnType
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.reading.model.rich_text import PART_RAISED, PART_STRUCK, RAISED, STRUCK
from loaders.reading.model.sheets import Cell, address
from loaders.reading.tables.rows.body import FILLED_DOWN, Row, TableBody

_WHOLE = frozenset({STRUCK, RAISED})


def is_struck_free_text(cell: Cell, column: Column) -> bool:
    """Checks whether a cell of free text has no value, because all of its text is struck out."""
    return STRUCK in cell.flags and _is_free_text(column)


def clear_whole_row_flags(body: TableBody) -> None:
    """Removes the flags of cells in rows that are wholly struck or raised, and records these rows."""
    columns = body.header.columns.values()
    for row, cells in body.data.items():
        common = _common_flags(cells, columns)
        if common:
            body.data[row] = {column: _without(cell, common) for column, cell in cells.items()}
        if STRUCK in common:
            body.struck.append(row)


def _common_flags(cells: Row, columns: Collection[int]) -> frozenset[str]:
    """Returns the flags common to all cells of a row with content of their own in these columns."""
    common: frozenset[str] | None = None
    for column in columns:
        cell = cells.get(column)
        if cell is None or not cell.text:
            continue
        if not cell.flags:
            return frozenset()
        if FILLED_DOWN not in cell.flags:
            common = (_WHOLE if common is None else common).intersection(cell.flags)
    return common or frozenset()


def _without(cell: Cell, removed_flags: frozenset[str]) -> Cell:
    return replace(cell, flags=tuple(flag for flag in cell.flags if flag not in removed_flags))


def font_issues(cell: Cell, column: Column, sheet: str, row: int, number: int) -> Iterator[Issue]:
    """Yields the font issues of the cell in this row and column of a sheet."""
    text, whole = ("***", "***") if column.is_personal else (cell.text, cell.original or cell.text)
    for code in _issue_codes(cell, column):
        yield issue_of(
            code,
            sheet=sheet,
            row=row,
            column=column.name,
            cell=address(row, number),
            found=whole,
            expected=column.type.value,
            header=column.header,
            text=text,
            whole=whole,
        )


def _issue_codes(cell: Cell, column: Column) -> Iterator[str]:
    text = "***" if column.is_personal else cell.text
    if STRUCK in cell.flags:
        yield "struck_text" if _is_free_text(column) else "struck_value"
    if PART_STRUCK in cell.flags:
        yield "struck_part"
    if RAISED in cell.flags and column.type is not ColumnType.TEXT:
        yield "raised_value"
    if PART_RAISED in cell.flags and column.holds_name_or_code and not split_superscript(text):
        yield "raised_text"


def _is_free_text(column: Column) -> bool:
    return column.type is ColumnType.TEXT and not column.holds_name_or_code and not column.required
