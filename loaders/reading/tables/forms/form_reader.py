"""Reads a workbook of forms (`标签：值`) into a Reading: one record per sheet."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Report
from loaders.model import FoundTable, Issue, Reading
from loaders.period import Period
from loaders.reading.model.sheets import Book, Sheet, address
from loaders.reading.tables.cells.cell_issues import cell_value, issues_of_cell
from loaders.reading.tables.cells.covered_cells import CoveredValue, covered_value_issue, pop_covered_values
from loaders.reading.tables.forms.form_sheet import FormMatch, match_form
from loaders.reading.tables.headers.header_finder import printed_units, scales
from loaders.reading.tables.headers.header_refusals import header_refusal, no_header
from loaders.reading.tables.preamble.labels import find_measures
from loaders.reading.tables.reading_builder import ReadingBuilder, texts_of
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.sheet_warnings import unread_sheet_issue


def read_forms(book: Book, chosen: list[Sheet], report: Report, period: Period | None, rows_total: int) -> Reading:
    """Reads each chosen sheet as a form.

    Raises:
        Refusal: no sheet matches the form, or a sheet has other labels than the contract.
    """
    covered = {id(sheet): pop_covered_values(sheet) for sheet in chosen}
    matches = [(sheet, match_form(sheet, report, period)) for sheet in chosen]
    found = [match for _, match in matches if match]
    if not found:
        raise no_header(report, [sheet.name for sheet in chosen])
    closest = max(found, key=lambda match: len(match.header.mismatches))
    if closest.header.mismatches:
        raise header_refusal(closest.header, report)
    builder = ReadingBuilder(report)
    for sheet in book.sheets:
        match = next((match for other, match in matches if other is sheet), None)
        if match is not None:
            _collect_rows(builder, report, sheet, match)
            builder.issues.extend(_covered(report, sheet, match, covered[id(sheet)]))
            continue
        builder.furniture[RowKind.OTHER_SHEET] += sheet.last_row
        if sheet in chosen and sheet.rows:
            builder.issues.append(unread_sheet_issue(sheet))
    return builder.build(rows_total)


def _collect_rows(builder: ReadingBuilder, report: Report, sheet: Sheet, match: FormMatch) -> None:
    lines = {row: texts_of(sheet, row) for row in range(1, sheet.last_row + 1)}
    builder.add_preamble(sheet.name, [lines[row] for row in range(1, match.first_row)])
    builder.preambles.extend(lines[row] for row in range(match.first_row, sheet.last_row + 1))
    rest = [RowKind.FORM_LINE if lines[row] else RowKind.BLANK for row in range(match.first_row + 1, sheet.last_row + 1)]
    builder.furniture.update(rest)
    measures = find_measures(lines.values())
    units = printed_units(match.header, report, measures)
    values = {
        column.name: [cell_value(match.cells.get(column.name), column, units.get(column.name))] for column in report.columns
    }
    builder.add_rows(sheet.name, [match.first_row], values)
    for column in report.columns:
        if column.name in match.cells:
            row, number = match.places[column.name]
            builder.issues.extend(
                issues_of_cell(match.cells[column.name], column, sheet.name, row, number, units.get(column.name))
            )
    place = (match.first_row, match.first_row)
    factors = scales(match.header, report, measures)
    cells = {name: address(row, number) for name, (row, number) in match.places.items()}
    builder.tables.append(FoundTable(sheet.name, place, match.first_row, match.first_row, {}, factors, cells=cells))


def _covered(report: Report, sheet: Sheet, match: FormMatch, covered: list[CoveredValue]) -> Iterator[Issue]:
    """Yields a warning for each covered value below a merge that shows the value of a column."""
    columns = {place: report.column(name) for name, place in match.places.items()}
    for value in covered:
        column = columns.get((value.area.first_row, value.area.first_column))
        if column is not None:
            yield covered_value_issue(column, sheet.name, value)
