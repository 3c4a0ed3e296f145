"""Control totals: checks the totals that a document prints against its rows. A warning names both numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from loaders.contract import Column, Report
from loaders.messages import issue_of, phrase
from loaders.model import ControlTotal, Issue
from loaders.reading.model.sheets import Cell, Sheet, address
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.tables.rows.furniture import RowKind, group_count, group_level
from loaders.reading.tables.rows.prose_totals import SummedColumn, agree, claims_of, is_prose_total, resolve_claim, summed_columns
from loaders.reading.tables.totals.column_sums import PLAIN_NUMBER, RunningSums, is_additive, shown_number_of


def control_totals(
    report: Report, sheet: Sheet, body: TableBody, units: Mapping[str, str], factors: Mapping[str, Decimal]
) -> Iterator[ControlTotal]:
    """Yields the printed totals and counts of one table, each with its range of rows.

    `units` are those that the document prints for the columns: totals are read like rows. `factors` convert printed numbers of a
    column to the contract's unit.
    """
    rows = sorted(body.data)
    if not rows:
        return
    numeric = {body.header.columns[c.name]: c for c in report.columns if is_additive(c) and c.name in body.header.columns}
    columns = summed_columns(report, body.header, factors, [column.name for column in numeric.values()])
    claimed = _ClaimCheck(columns, rows, RunningSums(report, body, rows, units))
    subtotals = [row for row, kind in body.totals if kind is RowKind.SUBTOTAL]
    boundaries = sorted([*subtotals, *body.groups])
    for row, kind in body.totals:
        first, last = (rows[0], rows[-1]) if kind is RowKind.TOTAL else _subtotal_range(rows, boundaries, row)
        yield from claimed.of(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, units, first, last)
    for row, end in _group_ends(sheet, body.groups, rows[-1] + 1):
        first, last = _between(rows, row, end)
        yield from _counted(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, units, first, last)
    for row, kind in body.furniture.items():
        if kind is RowKind.PROSE and row > rows[-1] and is_prose_total(texts_in(sheet.rows[row])):
            yield from claimed.of(sheet, row, rows[0], rows[-1])


class _ClaimCheck:
    """Check of claims in words against the rows of one table."""

    def __init__(self, columns: list[SummedColumn], rows: list[int], sums: RunningSums) -> None:
        self._columns = columns
        self._rows = rows
        self._sums = sums

    def of(self, sheet: Sheet, row: int, first: int, last: int) -> Iterator[ControlTotal]:
        start, end = bisect_left(self._rows, first), bisect_right(self._rows, last)
        for claim in claims_of(texts_in(sheet.rows[row])):
            resolved = resolve_claim(claim, self._columns, end - start, lambda name: self._sums.of(name, start, end))
            if resolved is not None:
                yield ControlTotal(sheet.name, row, *resolved, first, last)


def texts_in(cells: Mapping[int, Cell]) -> list[str]:
    """Returns the texts of a row from left to right."""
    return [cell.text for _, cell in sorted(cells.items()) if cell.text]


def _counted(sheet: Sheet, row: int, first: int, last: int) -> Iterator[ControlTotal]:
    count = group_count(label_of(sheet, row))
    if count is not None:
        yield ControlTotal(sheet.name, row, None, Decimal(count), first, last)


def _printed(
    sheet: Sheet, row: int, numeric: Mapping[int, Column], units: Mapping[str, str], first: int, last: int
) -> Iterator[ControlTotal]:
    for number, column in numeric.items():
        cells = sheet.rows[row]
        if states_another_total(cells, number):
            continue
        printed = shown_number_of(cells.get(number), column, units.get(column.name))
        if printed is not None:
            yield ControlTotal(sheet.name, row, column.name, printed, first, last)


def states_another_total(cells: Mapping[int, Cell], column: int) -> bool:
    """Checks whether a prose total also has words in a column (`9人`): they are a claim that may refer to another column."""
    cell = cells.get(column)
    return cell is not None and not PLAIN_NUMBER.fullmatch(cell.text.replace(",", "")) and is_prose_total(texts_in(cells))


def label_of(sheet: Sheet, row: int) -> str:
    """Returns the first nonblank text of a row."""
    return next(cell.text for _, cell in sorted(sheet.rows[row].items()) if cell.text)


def _group_ends(sheet: Sheet, groups: list[int], end: int) -> Iterator[tuple[int, int]]:
    """Yields each group row with the row that ends its group: the next group row of the same or a higher level, else `end`."""
    levels = [group_level(label_of(sheet, row)) or 0 for row in groups]
    for place, row in enumerate(groups):
        yield row, next((groups[later] for later in range(place + 1, len(groups)) if levels[later] <= levels[place]), end)


def check_totals(totals: Iterable[ControlTotal], report: Report, body: TableBody, units: Mapping[str, str]) -> Iterator[Issue]:
    """Yields a warning for each total that differs from the sum of its rows."""
    rows = sorted(body.data)
    sums = RunningSums(report, body, rows, units)
    for total in totals:
        start, end = bisect_left(rows, total.first_row), bisect_right(rows, total.last_row)
        counted = Decimal(end - start) if total.column is None else sums.of(total.column, start, end)
        if counted is not None and not agree(counted, total.printed):
            yield total_mismatch_issue(total, counted, body.header)


def _subtotal_range(rows: list[int], boundaries: list[int], row: int) -> tuple[int, int]:
    """Returns the rows of a subtotal: those above it up to the previous boundary, else those below it."""
    place = bisect_left(boundaries, row)
    before = boundaries[place - 1] if place else 0
    above = _between(rows, before, row)
    if above != (before, before):
        return above
    return _between(rows, row, boundaries[place + 1] if place + 1 < len(boundaries) else rows[-1] + 1)


def _between(rows: list[int], after: int, before: int) -> tuple[int, int]:
    """Returns the first and last data row between two rows. Without one, returns the upper row twice."""
    start, end = bisect_right(rows, after), bisect_left(rows, before)
    return (rows[start], rows[end - 1]) if start < end else (after, after)


def total_mismatch_issue(total: ControlTotal, counted: Decimal, header: HeaderMatch) -> Issue:
    """Builds the warning that a printed total differs from its rows."""
    printed, real = (f"{number.normalize():f}" for number in (total.printed, counted))
    is_single_row = total.first_row == total.last_row
    span = phrase("rows.summed_one" if is_single_row else "rows.summed", row=total.first_row, last_row=total.last_row)
    if total.column is None:
        sheet = total.sheet or None
        return issue_of("control_total.count", sheet=sheet, row=total.row, found=printed, expected=real, rows=span)
    return issue_of(
        "control_total",
        sheet=total.sheet or None,
        row=total.row,
        column=total.column,
        cell=address(total.row, header.columns[total.column]),
        found=printed,
        expected=real,
        header=header.words[header.columns[total.column]],
        rows=span,
    )
