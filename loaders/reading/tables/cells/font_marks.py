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
from loaders.model import Issue, Severity
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
    for rule, severity, zh, en in _issue_parts(cell, column):
        yield Issue(
            rule,
            severity,
            message_zh=f"“{column.header}”：{zh}",
            message_en=f'"{column.header}": {en}',
            sheet=sheet,
            row=row,
            column=column.name,
            cell=address(row, number),
            found="***" if column.is_personal else cell.original or cell.text,
            expected=column.type.value,
        )


def _issue_parts(cell: Cell, column: Column) -> Iterator[tuple[str, Severity, str, str]]:
    text, whole = ("***", "***") if column.is_personal else (cell.text, cell.original or cell.text)
    if STRUCK in cell.flags and _is_free_text(column):
        yield (
            "struck_text",
            Severity.WARNING,
            f"“{text}”全部带删除线，已按未填处理；如仍有效请去掉删除线",
            f'all of "{text}" is struck out and was taken as blank: if it still holds, take the line away',
        )
    elif STRUCK in cell.flags:
        yield (
            "struck_value",
            Severity.ERROR,
            f"“{text}”带删除线，本行其他单元格没有；请填写有效的值，或去掉删除线，或删除整行",
            f'"{text}" is struck out, and the row is not: enter the value that holds, take the line away, or delete the row',
        )
    if PART_STRUCK in cell.flags:
        yield (
            "struck_part",
            Severity.WARNING,
            f"“{whole}”中有带删除线的文字，已略去，按“{text}”读取；请核对并删除作废的文字",
            f'a part of "{whole}" is struck out and was left out: read as "{text}"; check it, and delete what no longer holds',
        )
    if RAISED in cell.flags and column.type is not ColumnType.TEXT:
        yield (
            "raised_value",
            Severity.ERROR,
            f"“{text}”全部是上标或下标，可能只是注释编号；如是数值，请取消上标后重新报送",
            f'all of "{text}" is super- or subscript and may be the number of a footnote: if it is the value, set it plainly',
        )
    if PART_RAISED in cell.flags and column.holds_name_or_code and not split_superscript(text):
        yield (
            "raised_text",
            Severity.WARNING,
            f"“{whole}”中有上标或下标，已按“{text}”读取；如是注释标记请删去",
            f'a part of "{whole}" is super- or subscript; read as "{text}": if it is the sign of a footnote, delete it',
        )


def _is_free_text(column: Column) -> bool:
    return column.type is ColumnType.TEXT and not column.holds_name_or_code and not column.required
