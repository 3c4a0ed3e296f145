"""From a workbook's cells to a Reading under the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from loaders.contract import Column, Report, Workbook
from loaders.period import Period
from loaders.reading.body import Body, Row, read_body
from loaders.reading.covered_cells import CoveredValue, covered_value_issues, take_covered_values
from loaders.reading.faults import header_refusal, no_header, no_sheet
from loaders.reading.forms import read_forms
from loaders.reading.frame import find_measures
from loaders.reading.furniture import Kind
from loaders.reading.gathered import Gathered, texts_of
from loaders.reading.header import HeaderFinder, HeaderMatch, HeaderSearch, printed_units, scales
from loaders.reading.marks import settle_marked_rows
from loaders.reading.merged_amounts import settle_merged_amounts
from loaders.reading.problems import cell_issues, value_of
from loaders.reading.sheet_notes import (
    hidden_sheet_left_out,
    notes_of_table,
    refuse_far_cells,
    sheet_left_out,
    table_left_out,
)
from loaders.reading.sheets import Book, CellKind, Sheet
from loaders.reading.split_values import join_split_values
from loaders.reading.table_bounds import start_of_foreign_table, top_of_first_frame, top_of_frame
from loaders.reading.totals import check_totals, control_totals
from loaders.table import FoundTable, Reading

_ANY_SHEET = ".*"


def count_rows(book: Book) -> int:
    """The rows of all sheets, down to the last value of each."""
    return sum(sheet.last_row for sheet in book.sheets)


def read_workbook(book: Book, report: Report, period: Period | None) -> Reading:
    """Find the report's tables (or forms) in a workbook and gather their rows.

    Raises:
        Refusal: no table, or one whose columns do not fit the contract.
    """
    form = report.format if isinstance(report.format, Workbook) else Workbook()
    chosen = [sheet for sheet in book.sheets if not sheet.hidden and re.fullmatch(form.sheets, sheet.name)]
    if not chosen:
        raise no_sheet(form.sheets, [sheet.name for sheet in book.sheets if not sheet.hidden])
    for sheet in chosen:
        refuse_far_cells(sheet)
    if form.form:
        return read_forms(book, chosen, report, period, count_rows(book))
    return _Tables(report, period, takes_all=form.sheets != _ANY_SHEET).read(book, chosen)


@dataclass(frozen=True, slots=True)
class _Found:
    """A sheet to be read, the first header in it (None: there is none), and what merges covered in it."""

    sheet: Sheet
    search: HeaderSearch
    header: HeaderMatch | None
    covered: list[CoveredValue]


class _Tables:
    """Reads the tables of one workbook. `takes_all` says that every chosen sheet must hold one."""

    def __init__(self, report: Report, period: Period | None, *, takes_all: bool) -> None:
        self._report = report
        self._takes_all = takes_all
        self._finder = HeaderFinder(report, period)
        self._gathered = Gathered(report)

    def read(self, book: Book, chosen: list[Sheet]) -> Reading:
        found = [self._first_header(sheet) for sheet in chosen]
        self._refuse_others(found)
        for sheet in book.sheets:
            one = next((one for one in found if one.sheet is sheet), None)
            if one is None or one.header is None or one.header.faults:
                self._leave_out(sheet, is_chosen=one is not None)
            else:
                self._read_sheet(one, one.header)
        return self._gathered.reading(count_rows(book))

    def _first_header(self, sheet: Sheet) -> _Found:
        covered = take_covered_values(sheet)
        search = self._finder.search(sheet)
        return _Found(sheet, search, search.find(1), covered)

    def _refuse_others(self, found: list[_Found]) -> None:
        """Refuse a document in which no chosen sheet holds the report, or one holds it with other columns."""
        headers = [one.header for one in found if one.header]
        if not headers:
            raise no_header(self._report, [one.sheet.name for one in found])
        usable = any(not header.faults for header in headers)
        for header in sorted(headers, key=lambda header: -header.score):
            if header.faults and (not usable or self._is_close(header)):
                raise header_refusal(header, self._report)
        for one in found:
            if self._takes_all and one.header is None and one.sheet.rows:
                raise no_header(self._report, [one.sheet.name])

    def _is_close(self, header: HeaderMatch) -> bool:
        return len(header.columns) * 2 > len(self._report.columns)

    def _leave_out(self, sheet: Sheet, *, is_chosen: bool) -> None:
        self._gathered.furniture[Kind.OTHER_SHEET] += sheet.last_row
        if sheet.hidden:
            header = self._finder.find(sheet)
            if header is not None and not header.faults:
                self._gathered.issues.append(hidden_sheet_left_out(sheet))
        elif is_chosen and any(cell.kind is CellKind.NUMBER for _, _, cell in sheet.cells()):
            self._gathered.issues.append(sheet_left_out(sheet))

    def _read_sheet(self, found: _Found, first: HeaderMatch) -> None:
        sheet, top = found.sheet, top_of_first_frame(found.sheet, first)
        if top > 1:
            self._leave_table_out(sheet, 1, top - 1)
        header: HeaderMatch | None = first
        lines: list[list[str]] = []
        while header is not None:
            following = self._following(found, header)
            end = top_of_frame(sheet, following, header.last_row + 1) - 1 if following else sheet.last_row
            frame = [texts_of(sheet, row) for row in range(top, header.first_row)]
            self._gathered.add_frame(sheet.name, frame)
            self._gathered.headers.extend(texts_of(sheet, row) for row in range(header.first_row, header.last_row + 1))
            lines = [*frame, *lines]
            self._read_table(found, header, end, lines)
            top, header = end + 1, following

    def _following(self, found: _Found, header: HeaderMatch) -> HeaderMatch | None:
        following = found.search.find(header.last_row + 1)
        if following is None or not following.faults:
            return following
        if self._is_close(following):
            raise header_refusal(following, self._report)
        return None

    def _read_table(self, found: _Found, header: HeaderMatch, last_row: int, lines: list[list[str]]) -> None:
        sheet = found.sheet
        self._gathered.furniture[Kind.HEADER] += header.last_row - header.first_row + 1
        foreign = start_of_foreign_table(sheet, self._report, header, header.last_row + 1, last_row)
        if foreign is not None:
            self._leave_table_out(sheet, foreign, last_row)
            last_row = foreign - 1
        body = read_body(self._report, sheet, header, last_row)
        self._gathered.issues.extend(body.issues)
        self._gathered.issues.extend(join_split_values(self._report, sheet, body))
        settle_marked_rows(body)
        self._gathered.issues.extend(settle_merged_amounts(self._report, sheet, body))
        self._gathered.issues.extend(covered_value_issues(self._report, sheet, body, found.covered, last_row))
        self._gathered.furniture.update(body.counts())
        self._gathered.footers.extend(texts_of(sheet, row) for row, kind in body.furniture.items() if kind is Kind.SIGNATURE)
        measures = find_measures(lines)
        factors = scales(header, self._report, measures)
        self._gather(sheet, body, printed_units(header, self._report, measures), factors)
        rows = sorted(body.data) or [header.last_row + 1]
        place = (header.first_row, header.last_row)
        self._gathered.tables.append(FoundTable(sheet.name, place, rows[0], rows[-1], header.letters(), factors))

    def _gather(self, sheet: Sheet, body: Body, units: Mapping[str, str], factors: Mapping[str, Decimal]) -> None:
        totals = list(control_totals(self._report, sheet, body, units, factors))
        self._gathered.totals.extend(totals)
        self._gathered.issues.extend(check_totals(totals, self._report, body, units))
        self._gathered.issues.extend(cell_issues(self._report, sheet, body, units))
        self._gathered.issues.extend(notes_of_table(self._report, sheet, body))
        places = {name: (number, units.get(name)) for name, number in body.header.columns.items()}
        self._gathered.add_rows(
            sheet.name,
            sorted(body.data),
            lambda row, column: _value(body.data[row], column, places.get(column.name)),
        )

    def _leave_table_out(self, sheet: Sheet, first_row: int, last_row: int) -> None:
        self._gathered.furniture[Kind.OTHER_TABLE] += last_row - first_row + 1
        self._gathered.issues.append(table_left_out(sheet, first_row, last_row))


def _value(cells: Row, column: Column, place: tuple[int, str | None] | None) -> str | None:
    return None if place is None else value_of(cells.get(place[0]), column, place[1])
