"""Sheet warnings: hidden rows and columns, and content outside of the table, that a clerk should check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from loaders.contract import Report
from loaders.messages import issue_of, join_texts, phrase
from loaders.model import Issue
from loaders.period import Period
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Sheet, address, column_letter
from loaders.reading.tables.rows.body import TableBody

MAX_BLANK_ROWS = 100_000
_MAX_LISTED = 20


def refuse_far_cells(sheet: Sheet) -> None:
    """Refuses a sheet whose last value is so far below the others that it cannot belong to a table.

    Raises:
        Refusal: more than `MAX_BLANK_ROWS` consecutive rows are blank.
    """
    above = 0
    for row in sorted(sheet.rows):
        if row - above > MAX_BLANK_ROWS:
            place = address(row, min(sheet.rows[row]))
            raise Refusal(issue_of("far_cell", sheet=sheet.name, row=row, found=place, count=row - above - 1))
        above = row


def table_warnings(report: Report, sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    """Yields warnings about one table of a sheet."""
    yield from _hidden(report, sheet, body)
    yield from _struck(sheet, body)
    yield from _outside(sheet, body)


def unread_sheet_issue(sheet: Sheet) -> Issue:
    """Builds the warning that a visible sheet with numbers was not read, because it does not match the report."""
    return issue_of("sheet_left_out", sheet=sheet.name, count=sheet.last_row)


def unread_hidden_sheet_issue(sheet: Sheet) -> Issue:
    """Builds the warning that a hidden sheet with the report's header was not read."""
    return issue_of("hidden_sheet", sheet=sheet.name)


def unread_table_issue(sheet: Sheet, first_row: int, last_row: int) -> Issue:
    """Builds the warning that a table of another kind below the report's table was not read."""
    return issue_of("table_left_out", sheet=sheet.name, row=first_row, last_row=last_row)


def conflicting_periods_issue(named: Mapping[Period, str]) -> Issue:
    """Builds the warning that the lines above the tables name several periods. The first one counts for the document."""
    periods = join_texts(phrase("period.in_sheet", period=str(period), sheet=sheet) for period, sheet in named.items())
    return issue_of("periods_disagree", periods=periods, taken=str(next(iter(named))), found=periods.en)


def _hidden(report: Report, sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    for first, last in _ranges(row for row in body.data if row in sheet.hidden_rows):
        rows = phrase("rows.hidden_one" if first == last else "rows.hidden", row=first, last_row=last)
        yield issue_of("hidden_row", sheet=sheet.name, row=first, rows=rows)
    for name, column in body.header.columns.items():
        if column in sheet.hidden_columns:
            header, letter = report.column(name).header, column_letter(column)
            yield issue_of("hidden_column", sheet=sheet.name, column=name, header=header, letter=letter)


def _struck(sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    for first, last in _ranges(body.struck):
        rows = phrase("rows.struck_one" if first == last else "rows.struck", row=first, last_row=last)
        yield issue_of("struck_row", sheet=sheet.name, row=first, rows=rows)


def _outside(sheet: Sheet, body: TableBody) -> Iterator[Issue]:
    """Yields a warning for columns without a header in which data rows have content."""
    found: dict[int, int] = {}
    for row, cells in body.data.items():
        for column in cells:
            if column not in body.header.paths and cells[column].text and column not in found:
                found[column] = row
    for column, row in sorted(found.items())[:_MAX_LISTED]:
        cell = address(row, column)
        yield issue_of("outside_table", sheet=sheet.name, row=row, cell=cell, letter=column_letter(column))


def _ranges(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for row in sorted(rows):
        if first and row == last + 1:
            last = row
            continue
        if first:
            yield first, last
        first = last = row
    if first:
        yield first, last
