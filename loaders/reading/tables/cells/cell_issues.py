"""Cell issues: the value that a column takes of a cell, and the issues that only the reader can detect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from loaders.contract import PERSONAL_TYPES, Column, ColumnType, Report
from loaders.messages import Parameter, issue_of
from loaders.model import Issue
from loaders.reading.model.sheets import Cell, CellKind, Sheet, address
from loaders.reading.tables.cells.font_marks import font_issues, is_struck_free_text
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.values.shown_issues import ValueIssue, redacted
from loaders.reading.values.shown_value import STORED_OTHERWISE, shown_value

# `4.41302E+17`
_EXPONENT = re.compile(r"-?\d(?:\.\d+)?[eE]\+?\d{2}")
# `2023.1`, which may be January or October (2023.10)
_SHORT_MONTH = re.compile(r"\d{4}\.1")
# `☑是`
_TICKED = re.compile(r"[☑☒√✓✔■●]\s*([^☐□☑☒√✓✔■●○\s]+)")
# `□`
_BOXES = re.compile(r"[☐□○]")
_EXACT_TYPES = PERSONAL_TYPES | {ColumnType.TEXT, ColumnType.USCC, ColumnType.DIVISION_CODE}
_DATE_TYPES = {ColumnType.DATE, ColumnType.DATETIME, ColumnType.MONTH, ColumnType.QUARTER}
_TEXT, _NUMBER = CellKind.TEXT, CellKind.NUMBER
_TEMPORAL_KINDS = {CellKind.DATE, CellKind.DATETIME, CellKind.TIME}
_CHOSEN = {ColumnType.BOOLEAN, ColumnType.CHOICE}


def cell_value(cell: Cell | None, column: Column, printed: str | None = None) -> str | None:
    """Returns the text that a column takes of a cell. `printed` is the unit that the document prints for the column.

    A number under a percent format keeps its sign (`0.7` becomes `70%`). Of checkboxes the ticked one counts (`☑是 □否` becomes
    `是`).
    """
    if cell is None or not cell.text or (cell.flags and is_struck_free_text(cell, column)):
        return None
    if _may_differ_from_shown(cell):
        shown = shown_value(cell, column, printed)
        if shown is not None:
            return shown.text
    if cell.kind is CellKind.NUMBER and "percent" in cell.flags:
        return f"{(Decimal(cell.text) * 100).normalize():f}%"
    if column.type in _CHOSEN and cell.kind is CellKind.TEXT:
        ticked = _TICKED.findall(cell.text)
        return ticked[0] if len(ticked) == 1 and _BOXES.search(cell.text) else cell.text
    return cell.text


def column_values(cells: Sequence[Cell | None], column: Column, printed: str | None = None) -> list[str | None]:
    """Returns what `cell_value` returns of each cell; most cells are plain texts or numbers, which need no look."""
    if column.type in _CHOSEN:
        return [cell_value(cell, column, printed) for cell in cells]
    return [
        cell.text or None
        if cell is not None and not cell.flags and cell.number_format is None and (cell.kind is _TEXT or cell.kind is _NUMBER)
        else cell_value(cell, column, printed)
        for cell in cells
    ]


def _may_differ_from_shown(cell: Cell) -> bool:
    """Checks whether a cell may show something else than it stores.

    Texts and numbers in the General format skip the full check.
    """
    kind = cell.kind
    return (
        cell.number_format is not None
        or (kind is not _TEXT and kind is not _NUMBER and kind in _TEMPORAL_KINDS)
        or STORED_OTHERWISE in cell.flags
    )


def has_lost_digits(cell: Cell, column: Column) -> bool:
    """Checks whether a number lost digits: an integer of 16 or more digits stored as a double, or `4.41302E+17` as text."""
    if "precision_lost" in cell.flags:
        return True
    return column.type in _EXACT_TYPES and _EXPONENT.fullmatch(cell.text) is not None


def cell_issues(report: Report, sheet: Sheet, body: TableBody, units: Mapping[str, str]) -> Iterator[Issue]:
    """Yields the issues of the mapped cells in a table's data rows, and of error values in its totals.

    `units` are those that the document prints for the columns.
    """
    columns = {number: report.column(name) for name, number in body.header.columns.items()}
    # A plain number says what it is in any column but one of dates, which takes 2023.1 for a month, or one of exact texts.
    by_number = {number for number, column in columns.items() if column.type in _DATE_TYPES or column.type in _EXACT_TYPES}
    for row, cells in body.data.items():
        for number, cell in cells.items():
            if not cell.flags and cell.number_format is None:
                kind = cell.kind
                if (kind is _TEXT and "E+" not in cell.text) or (kind is _NUMBER and number not in by_number):
                    continue
            column = columns.get(number)
            if column is not None:
                yield from issues_of_cell(cell, column, sheet.name, row, number, units.get(column.name))
    for row in [*(row for row, _ in body.totals), *body.groups]:
        for number, cell in sheet.rows[row].items():
            if cell.kind is CellKind.ERROR and number in columns:
                yield _issue("error_cell.total", columns[number], sheet.name, row, address(row, number), cell.text)


def issues_of_cell(cell: Cell, column: Column, sheet: str, row: int, number: int, printed: str | None = None) -> Iterator[Issue]:
    """Yields the issues of the cell in this row and column of a sheet."""
    if cell.flags:
        yield from font_issues(cell, column, sheet, row, number)
    place = address(row, number)
    shown = _shown(cell, column)
    if cell.kind is CellKind.ERROR:
        yield _issue("error_cell", column, sheet, row, place, cell.text)
    elif "formula_without_value" in cell.flags:
        yield _issue("formula_without_value", column, sheet, row, place, "")
    elif has_lost_digits(cell, column):
        yield _issue("damaged_number", column, sheet, row, place, shown)
    elif column.type in _DATE_TYPES and cell.kind is CellKind.NUMBER and _SHORT_MONTH.fullmatch(cell.text):
        yield _issue("ambiguous_month", column, sheet, row, place, cell.text, year=cell.text[:4])
    elif _may_differ_from_shown(cell):
        yield from _shown_issue(cell, column, sheet, row, place, printed)
    if "readers_disagree" in cell.flags:
        yield _issue("readers_disagree", column, sheet, row, place, shown)


def _shown_issue(cell: Cell, column: Column, sheet: str, row: int, place: str, printed: str | None) -> Iterator[Issue]:
    """Yields the issue of a cell that shows something else than it stores."""
    value = shown_value(cell, column, printed)
    if value is None or value.value_issue is None:
        return
    value_issue = value.value_issue if not column.is_personal else redacted(value.value_issue)
    yield _issue(value_issue.code, column, sheet, row, place, value_issue.found, value_issue, **value_issue.parameters)


def _shown(cell: Cell, column: Column) -> str:
    """Returns a cell's text for a message, without personal numbers or the visible start of a rounded one."""
    if column.is_personal:
        return "***"
    if has_lost_digits(cell, column):
        return f"{Decimal(cell.text):.1E}"
    return cell.original or cell.text


def _issue(
    code: str,
    column: Column,
    sheet: str,
    row: int,
    place: str,
    found: str,
    kept_as: ValueIssue | None = None,
    **parameters: Parameter,
) -> Issue:
    """The issue of one cell; one that quotes nothing is kept under the rule and severity of what it stands for."""
    return issue_of(
        code,
        rule=kept_as.rule if kept_as else None,
        severity=kept_as.severity if kept_as else None,
        sheet=sheet,
        row=row,
        column=column.name,
        cell=place,
        found=found,
        expected=column.type.value,
        header=column.header,
        **parameters,
    )
