"""From a workbook of forms (`标签：值`) to a Reading: one record a sheet."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Report
from loaders.period import Period
from loaders.reading.covered_cells import CoveredValue, covered_value_issue, take_covered_values
from loaders.reading.faults import header_refusal, no_header
from loaders.reading.form_sheet import FormMatch, match_form
from loaders.reading.frame import find_measures
from loaders.reading.furniture import Kind
from loaders.reading.gathered import Gathered, texts_of
from loaders.reading.header import printed_units, scales
from loaders.reading.problems import issues_of_cell, value_of
from loaders.reading.sheet_notes import sheet_left_out
from loaders.reading.sheets import Book, Sheet
from loaders.table import FoundTable, Issue, Reading


def read_forms(book: Book, chosen: list[Sheet], report: Report, period: Period | None, rows_total: int) -> Reading:
    """Read each chosen sheet as a form.

    Raises:
        Refusal: no sheet is this form, or one has other labels than the contract.
    """
    covered = {id(sheet): take_covered_values(sheet) for sheet in chosen}
    matches = [(sheet, match_form(sheet, report, period)) for sheet in chosen]
    found = [match for _, match in matches if match]
    if not found:
        raise no_header(report, [sheet.name for sheet in chosen])
    closest = max(found, key=lambda match: len(match.header.faults))
    if closest.header.faults:
        raise header_refusal(closest.header, report)
    gathered = Gathered(report)
    for sheet in book.sheets:
        match = next((match for other, match in matches if other is sheet), None)
        if match is not None:
            _gather(gathered, report, sheet, match)
            gathered.issues.extend(_covered(report, sheet, match, covered[id(sheet)]))
            continue
        gathered.furniture[Kind.OTHER_SHEET] += sheet.last_row
        if sheet in chosen and sheet.rows:
            gathered.issues.append(sheet_left_out(sheet))
    return gathered.reading(rows_total)


def _gather(gathered: Gathered, report: Report, sheet: Sheet, match: FormMatch) -> None:
    lines = {row: texts_of(sheet, row) for row in range(1, sheet.last_row + 1)}
    gathered.add_frame(sheet.name, [lines[row] for row in range(1, match.first_row)])
    gathered.frames.extend(lines[row] for row in range(match.first_row, sheet.last_row + 1))
    rest = [Kind.FORM_LINE if lines[row] else Kind.BLANK for row in range(match.first_row + 1, sheet.last_row + 1)]
    gathered.furniture.update(rest)
    measures = find_measures(lines.values())
    units = printed_units(match.header, report, measures)
    gathered.add_rows(
        sheet.name, [match.first_row], lambda _, column: value_of(match.cells.get(column.name), column, units.get(column.name))
    )
    for column in report.columns:
        if column.name in match.cells:
            row, number = match.places[column.name]
            gathered.issues.extend(
                issues_of_cell(match.cells[column.name], column, sheet.name, row, number, units.get(column.name))
            )
    place = (match.first_row, match.first_row)
    factors = scales(match.header, report, measures)
    gathered.tables.append(FoundTable(sheet.name, place, match.first_row, match.first_row, {}, factors))


def _covered(report: Report, sheet: Sheet, match: FormMatch, covered: list[CoveredValue]) -> Iterator[Issue]:
    """A warning for each value under a merge that shows a column's value."""
    columns = {place: report.column(name) for name, place in match.places.items()}
    for value in covered:
        column = columns.get((value.area.first_row, value.area.first_column))
        if column is not None:
            yield covered_value_issue(column, sheet.name, value)
