"""Covered cells: values below a merge. A merged area shows only its top-left cell, but files may keep other values in it.

The shown value counts. A different covered value is removed from the sheet, with a warning that names both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contract import Column, Report
from loaders.messages import issue_of, phrase
from loaders.model import Issue
from loaders.reading.model.sheets import Area, Cell, Sheet, address
from loaders.reading.tables.rows.body import TableBody


@dataclass(frozen=True, slots=True)
class CoveredValue:
    """Value below a merge that differs from the shown one."""

    row: int
    column: int
    text: str
    shown: str
    area: Area


def pop_covered_values(sheet: Sheet) -> list[CoveredValue]:
    """Blanks every cell that a merge covers, and returns those with another value than the merge shows."""
    found: dict[tuple[int, int], CoveredValue] = {}
    last_row = sheet.last_row if sheet.merges else 0
    for area in sheet.merges:
        shown = sheet.text(area.first_row, area.first_column)
        for row in range(area.first_row, min(area.last_row, last_row) + 1):
            cells = sheet.rows.get(row)
            if cells is None:
                continue
            for column in _covered_columns(area, row, cells):
                text = cells[column].text
                if text and text != shown:
                    found[row, column] = CoveredValue(row, column, text, shown, area)
                # The cell stays, so that the row count matches an independent reader's.
                cells[column] = Cell("")
    return [found[place] for place in sorted(found)]


def _covered_columns(area: Area, row: int, cells: dict[int, Cell]) -> list[int]:
    first = area.first_column + (row == area.first_row)
    if area.last_column - first < len(cells):
        return [column for column in range(first, area.last_column + 1) if column in cells]
    return [column for column in cells if first <= column <= area.last_column]


def covered_value_issues(
    report: Report, sheet: Sheet, body: TableBody, covered: list[CoveredValue], last_row: int
) -> Iterator[Issue]:
    """Yields a warning for each covered value in the columns of a table, from below its header to `last_row`."""
    columns = {number: report.column(name) for name, number in body.header.columns.items()}
    for value in covered:
        column = columns.get(value.column)
        if column is not None and body.header.last_row < value.row <= last_row:
            yield covered_value_issue(column, sheet.name, value)


def covered_value_issue(column: Column, sheet: str, value: CoveredValue) -> Issue:
    """Builds the warning that a merge covers another value than it shows."""
    under, shown = ("***", "***") if column.is_personal else (value.text, value.shown)
    return issue_of(
        "value_under_merge",
        sheet=sheet,
        row=value.row,
        column=column.name,
        cell=address(value.row, value.column),
        found=under,
        expected=shown,
        header=column.header,
        area=str(value.area),
        shown=phrase("quoted", text=shown) if value.shown else phrase("nothing_shown"),
    )
