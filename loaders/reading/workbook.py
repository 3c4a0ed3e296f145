"""From a workbook's cells to a Reading under the contract."""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa

from loaders.contract import Report, Workbook
from loaders.period import Period
from loaders.reading.body import Body, BodyReader, fill_down, join_split_values
from loaders.reading.faults import header_refusal, no_header
from loaders.reading.frame import find_measures, find_period, find_unit
from loaders.reading.furniture import Kind
from loaders.reading.header import HeaderFinder, HeaderMatch, scales
from loaders.reading.problems import cell_issues
from loaders.reading.sheets import Book, Cell, Sheet
from loaders.reading.row_schema import rows_schema
from loaders.reading.totals import check_totals, control_totals
from loaders.table import ROW, SHEET, ControlTotal, FoundTable, Issue, Reading


def count_rows(book: Book) -> int:
    """The rows of all sheets, down to the last value of each."""
    return sum(sheet.last_row for sheet in book.sheets)


def read_workbook(book: Book, report: Report, period: Period | None) -> Reading:
    """Find the report's tables in a workbook and gather their rows.

    Raises:
        Refusal: no table, or one whose columns do not fit the contract.
    """
    return _Gathering(report, period).gather(book)


class _Gathering:
    """Collects the tables of one workbook."""

    def __init__(self, report: Report, period: Period | None) -> None:
        self._report = report
        self._period = period
        self._finder = HeaderFinder(report, period)
        self._pattern = report.format.sheets if isinstance(report.format, Workbook) else ".*"
        self._furniture: Counter[str] = Counter()
        self._tables: list[FoundTable] = []
        self._totals: list[ControlTotal] = []
        self._issues: list[Issue] = []
        self._lines: list[list[str]] = []
        self._columns: dict[str, list[str | None]] = {column.name: [] for column in report.columns}
        self._sheets: list[str] = []
        self._rows: list[int] = []

    def gather(self, book: Book) -> Reading:
        wanted = [sheet for sheet in book.sheets if not sheet.hidden and re.fullmatch(self._pattern, sheet.name)]
        matches = {sheet.name: self._finder.find(sheet) for sheet in wanted}
        usable = [match for match in matches.values() if match and not match.faults]
        closest = max((match for match in matches.values() if match), key=lambda match: match.score, default=None)
        if closest is None:
            raise no_header(self._report, [sheet.name for sheet in wanted] or [sheet.name for sheet in book.sheets])
        for match in matches.values():
            if match and match.faults and (not usable or len(match.columns) * 2 > len(self._report.columns)):
                raise header_refusal(match, self._report)
        for sheet in book.sheets:
            match = matches.get(sheet.name) if sheet in wanted else None
            if match is None or match.faults:
                self._furniture[Kind.OTHER_SHEET] += sheet.last_row
            else:
                self._gather_sheet(sheet, match)
        return self._reading(count_rows(book))

    def _gather_sheet(self, sheet: Sheet, header: HeaderMatch) -> None:
        done = 0
        found: HeaderMatch | None = header
        while found is not None:
            following = self._finder.find(sheet, found.last_row + 1)
            following = following if following and not following.faults else None
            last_row = following.first_row - 1 if following else sheet.last_row
            self._above(sheet, done + 1, found)
            self._gather_table(sheet, found, last_row)
            done, found = last_row, following

    def _above(self, sheet: Sheet, first_row: int, header: HeaderMatch) -> None:
        if first_row > 1:
            self._furniture[Kind.HEADER] += header.last_row - header.first_row + 1
            return
        for row in range(first_row, header.first_row):
            texts = _texts(sheet, row)
            self._furniture[Kind.TITLE if texts else Kind.BLANK] += 1
            self._lines.append(texts)
        self._furniture[Kind.HEADER] += header.last_row - header.first_row + 1

    def _gather_table(self, sheet: Sheet, header: HeaderMatch, last_row: int) -> None:
        body = BodyReader(self._report, sheet).read(header, last_row)
        fill_down(sheet, body)
        join_split_values(body, self._report)
        self._furniture.update(body.counts())
        self._lines.extend(_texts(sheet, row) for row, kind in body.furniture.items() if kind is Kind.SIGNATURE)
        totals = list(control_totals(self._report, sheet, body))
        self._totals.extend(totals)
        self._issues.extend(check_totals(totals, body))
        self._issues.extend(cell_issues(self._report, sheet, body))
        self._append(sheet.name, body)
        factors = scales(header, self._report, find_measures(self._lines))
        rows = sorted(body.data) or [header.last_row + 1]
        place = (header.first_row, header.last_row)
        self._tables.append(FoundTable(sheet.name, place, rows[0], rows[-1], header.letters(), factors))

    def _append(self, sheet: str, body: Body) -> None:
        order = sorted(body.data)
        self._rows.extend(order)
        self._sheets.extend([sheet] * len(order))
        for name, values in self._columns.items():
            column = body.header.columns.get(name)
            values.extend(_text(body.data[row], column) for row in order)

    def _reading(self, rows_total: int) -> Reading:
        columns = {SHEET: self._sheets, ROW: self._rows, **self._columns}
        return Reading(
            rows=pa.table(columns, schema=rows_schema(self._report)),
            rows_total=rows_total,
            furniture=dict(self._furniture),
            tables=tuple(self._tables),
            control_totals=tuple(self._totals),
            unit_text=find_unit(self._lines),
            period=find_period(self._lines, self._report.period_kind),
            issues=tuple(self._issues),
        )


def _text(cells: dict[int, Cell], column: int | None) -> str | None:
    if column is None:
        return None
    cell = cells.get(column)
    return cell.text if cell and cell.text else None


def _texts(sheet: Sheet, row: int) -> list[str]:
    cells = sheet.rows.get(row, {})
    return [cells[column].text for column in sorted(cells) if cells[column].text]
