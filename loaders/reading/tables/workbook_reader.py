"""Workbook reader: reads the tables or forms of a workbook into a Reading under the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from loaders.contract import Report, Workbook
from loaders.model import FoundTable, Reading
from loaders.period import Period
from loaders.reading.model.issue_list import is_issue_list
from loaders.reading.model.sheets import Book, CellKind, Sheet
from loaders.reading.tables.cells.cell_issues import cell_issues, column_values
from loaders.reading.tables.cells.covered_cells import CoveredValue, covered_value_issues, pop_covered_values
from loaders.reading.tables.cells.font_marks import clear_whole_row_flags
from loaders.reading.tables.forms.form_reader import read_forms
from loaders.reading.tables.headers.header_finder import HeaderFinder, HeaderMatch, HeaderSearch, printed_units, scales
from loaders.reading.tables.headers.header_refusals import header_refusal, no_header, no_sheet
from loaders.reading.tables.preamble.labels import find_measures
from loaders.reading.tables.reading_builder import ReadingBuilder, texts_of
from loaders.reading.tables.rows.body import TableBody, filled_spans, read_body
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.rows.split_values import join_split_values
from loaders.reading.tables.sheet_warnings import (
    refuse_far_cells,
    table_warnings,
    unread_hidden_sheet_issue,
    unread_sheet_issue,
    unread_table_issue,
)
from loaders.reading.tables.table_bounds import start_of_other_table, top_of_first_preamble, top_of_preamble
from loaders.reading.tables.totals.control_totals import check_totals, control_totals
from loaders.reading.tables.totals.merged_amounts import resolve_merged_amounts

_ANY_SHEET = ".*"


def count_rows(book: Book) -> int:
    """Counts the rows of all sheets, down to the last value of each."""
    return sum(sheet.last_row for sheet in book.sheets)


def read_workbook(book: Book, report: Report, period: Period | None) -> Reading:
    """Finds the report's tables or forms in a workbook and collects their rows.

    Raises:
        Refusal: there is no table, or its columns do not match the contract.
    """
    form = report.format if isinstance(report.format, Workbook) else Workbook()
    # Our own list of issues, in a copy that was corrected and sent again, is counted as another sheet and not read.
    visible = [sheet for sheet in book.sheets if not (sheet.hidden or is_issue_list(sheet))]
    chosen = [sheet for sheet in visible if re.fullmatch(form.sheets, sheet.name)]
    if not chosen:
        raise no_sheet(form.sheets, [sheet.name for sheet in visible])
    for sheet in chosen:
        refuse_far_cells(sheet)
    if form.form:
        return read_forms(book, chosen, report, period, count_rows(book))
    return _TableReader(report, period, requires_all=form.sheets != _ANY_SHEET).read(book, chosen)


@dataclass(frozen=True, slots=True)
class _SheetHeader:
    """Sheet to be read, its first header (None: it has none), and its covered values."""

    sheet: Sheet
    search: HeaderSearch
    header: HeaderMatch | None
    covered: list[CoveredValue]


class _TableReader:
    """Reader of the tables of one workbook. `requires_all`: every chosen sheet must contain one."""

    def __init__(self, report: Report, period: Period | None, *, requires_all: bool) -> None:
        self._report = report
        self._requires_all = requires_all
        self._finder = HeaderFinder(report, period)
        self._builder = ReadingBuilder(report)

    def read(self, book: Book, chosen: list[Sheet]) -> Reading:
        found = [self._first_header(sheet) for sheet in chosen]
        self._refuse_mismatches(found)
        for sheet in book.sheets:
            one = next((one for one in found if one.sheet is sheet), None)
            if one is None or one.header is None or one.header.mismatches:
                self._skip_sheet(sheet, is_chosen=one is not None)
            else:
                self._read_sheet(one, one.header)
        return self._builder.build(count_rows(book))

    def _first_header(self, sheet: Sheet) -> _SheetHeader:
        covered = pop_covered_values(sheet)
        search = self._finder.search(sheet)
        return _SheetHeader(sheet, search, search.find(1), covered)

    def _refuse_mismatches(self, found: list[_SheetHeader]) -> None:
        """Refuses a document without the report in any chosen sheet, or with the report under other columns."""
        headers = [one.header for one in found if one.header]
        if not headers:
            raise no_header(self._report, [one.sheet.name for one in found])
        usable = any(not header.mismatches for header in headers)
        for header in sorted(headers, key=lambda header: -header.score):
            if header.mismatches and (not usable or self._is_close(header)):
                raise header_refusal(header, self._report)
        for one in found:
            if self._requires_all and one.header is None and one.sheet.rows:
                raise no_header(self._report, [one.sheet.name])

    def _is_close(self, header: HeaderMatch) -> bool:
        return len(header.columns) * 2 > len(self._report.columns)

    def _skip_sheet(self, sheet: Sheet, *, is_chosen: bool) -> None:
        self._builder.furniture[RowKind.OTHER_SHEET] += sheet.last_row
        if sheet.hidden:
            header = self._finder.find(sheet)
            if header is not None and not header.mismatches:
                self._builder.issues.append(unread_hidden_sheet_issue(sheet))
        elif is_chosen and any(cell.kind is CellKind.NUMBER for _, _, cell in sheet.cells()):
            self._builder.issues.append(unread_sheet_issue(sheet))

    def _read_sheet(self, found: _SheetHeader, first: HeaderMatch) -> None:
        sheet, top = found.sheet, top_of_first_preamble(found.sheet, first)
        if top > 1:
            self._skip_table(sheet, 1, top - 1)
        header: HeaderMatch | None = first
        lines: list[list[str]] = []
        while header is not None:
            following = self._following(found, header)
            end = top_of_preamble(sheet, following, header.last_row + 1) - 1 if following else sheet.last_row
            preamble = [texts_of(sheet, row) for row in range(top, header.first_row)]
            self._builder.add_preamble(sheet.name, preamble)
            self._builder.headers.extend(texts_of(sheet, row) for row in range(header.first_row, header.last_row + 1))
            lines = [*preamble, *lines]
            self._read_table(found, header, end, lines)
            top, header = end + 1, following

    def _following(self, found: _SheetHeader, header: HeaderMatch) -> HeaderMatch | None:
        following = found.search.find(header.last_row + 1)
        if following is None or not following.mismatches:
            return following
        if self._is_close(following):
            raise header_refusal(following, self._report)
        return None

    def _read_table(self, found: _SheetHeader, header: HeaderMatch, last_row: int, lines: list[list[str]]) -> None:
        sheet = found.sheet
        self._builder.furniture[RowKind.HEADER] += header.last_row - header.first_row + 1
        other_start = start_of_other_table(sheet, self._report, header, header.last_row + 1, last_row)
        if other_start is not None:
            self._skip_table(sheet, other_start, last_row)
            last_row = other_start - 1
        body = read_body(self._report, sheet, header, last_row)
        self._builder.issues.extend(body.issues)
        self._builder.issues.extend(join_split_values(self._report, sheet, body))
        clear_whole_row_flags(body)
        self._builder.issues.extend(resolve_merged_amounts(self._report, sheet, body))
        self._builder.issues.extend(covered_value_issues(self._report, sheet, body, found.covered, last_row))
        self._builder.furniture.update(body.counts())
        self._builder.footers.extend(texts_of(sheet, row) for row, kind in body.furniture.items() if kind is RowKind.SIGNATURE)
        measures = find_measures(lines)
        factors = scales(header, self._report, measures)
        self._collect_rows(sheet, body, printed_units(header, self._report, measures), factors)
        rows = sorted(body.data) or [header.last_row + 1]
        place = (header.first_row, header.last_row)
        table = FoundTable(sheet.name, place, rows[0], rows[-1], header.letters(), factors, merges=filled_spans(body))
        self._builder.tables.append(table)

    def _collect_rows(self, sheet: Sheet, body: TableBody, units: Mapping[str, str], factors: Mapping[str, Decimal]) -> None:
        totals = list(control_totals(self._report, sheet, body, units, factors))
        self._builder.totals.extend(totals)
        self._builder.issues.extend(check_totals(totals, self._report, body, units))
        self._builder.issues.extend(cell_issues(self._report, sheet, body, units))
        self._builder.issues.extend(table_warnings(self._report, sheet, body))
        places = {name: (number, units.get(name)) for name, number in body.header.columns.items()}
        rows = sorted(body.data)
        values = {
            name: column_values([body.data[row].get(number) for row in rows], self._report.column(name), unit)
            for name, (number, unit) in places.items()
        }
        self._builder.add_rows(sheet.name, rows, values)

    def _skip_table(self, sheet: Sheet, first_row: int, last_row: int) -> None:
        self._builder.furniture[RowKind.OTHER_TABLE] += last_row - first_row + 1
        self._builder.issues.append(unread_table_issue(sheet, first_row, last_row))
