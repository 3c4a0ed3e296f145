"""Totals that a document prints about itself, checked against its rows. A disagreement is told with both numbers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from loaders.contract import NULL_LITERALS, Column, ColumnType, Report
from loaders.quantity import parse_beside_mark
from loaders.reading.body import Body
from loaders.reading.furniture import Kind, claimed_count, group_level
from loaders.reading.header import HeaderMatch
from loaders.reading.rich_text import RAISED, STRUCK
from loaders.reading.sheets import Cell, CellKind, Sheet, address
from loaders.reading.shown_values import shown_value
from loaders.table import ControlTotal, Issue, Severity

NO_NUMBER = frozenset({"", "—", "-", "--", "/", "无", *NULL_LITERALS})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_HOLDS_NO_VALUE = frozenset({STRUCK, RAISED})
_RATIOS = {"%", "‰", "百分比", "百分点", "元/人", "人/户"}


def control_totals(report: Report, sheet: Sheet, body: Body, units: Mapping[str, str]) -> Iterator[ControlTotal]:
    """The printed totals and counts of one table, each with the rows that it speaks of.

    `units` are those that the document prints for the columns: totals are read as the rows are.
    """
    rows = sorted(body.data)
    if not rows:
        return
    numeric = {body.header.columns[c.name]: c for c in report.columns if is_additive(c) and c.name in body.header.columns}
    subtotals = [row for row, kind in body.totals if kind is Kind.SUBTOTAL]
    marks = sorted([*subtotals, *body.groups])
    for row, kind in body.totals:
        first, last = (rows[0], rows[-1]) if kind is Kind.TOTAL else _part(rows, marks, row)
        yield from _claimed(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, units, first, last)
    for row, end in _group_ends(sheet, body.groups, rows[-1] + 1):
        first, last = _between(rows, row, end)
        yield from _claimed(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, units, first, last)
    for row, kind in body.furniture.items():
        if kind is Kind.PROSE and row > rows[-1]:
            yield from _claimed(sheet, row, rows[0], rows[-1])


def _claimed(sheet: Sheet, row: int, first: int, last: int) -> Iterator[ControlTotal]:
    count = claimed_count(label_of(sheet, row))
    if count is not None:
        yield ControlTotal(sheet.name, row, None, Decimal(count), first, last)


def _printed(
    sheet: Sheet, row: int, numeric: Mapping[int, Column], units: Mapping[str, str], first: int, last: int
) -> Iterator[ControlTotal]:
    for number, column in numeric.items():
        printed = shown_number_of(sheet.rows[row].get(number), column, units.get(column.name))
        if printed is not None:
            yield ControlTotal(sheet.name, row, column.name, printed, first, last)


def label_of(sheet: Sheet, row: int) -> str:
    """The first text of a row that is not blank."""
    return next(cell.text for _, cell in sorted(sheet.rows[row].items()) if cell.text)


def _group_ends(sheet: Sheet, groups: list[int], end: int) -> Iterator[tuple[int, int]]:
    """Each group row with the row that ends the group: the next one that lies as high, or higher."""
    levels = [group_level(label_of(sheet, row)) or 0 for row in groups]
    for place, row in enumerate(groups):
        yield row, next((groups[later] for later in range(place + 1, len(groups)) if levels[later] <= levels[place]), end)


def check_totals(totals: Iterable[ControlTotal], report: Report, body: Body, units: Mapping[str, str]) -> Iterator[Issue]:
    """A warning for each total that its rows do not add up to."""
    rows = sorted(body.data)
    sums: dict[str, _RunningSums] = {}
    for total in totals:
        start, end = bisect_left(rows, total.first_row), bisect_right(rows, total.last_row)
        counted: Decimal | None = Decimal(end - start)
        if total.column is not None:
            if total.column not in sums:
                cells = (body.data[row].get(body.header.columns[total.column]) for row in rows)
                sums[total.column] = _RunningSums(cells, report.column(total.column), units.get(total.column))
            counted = sums[total.column].between(start, end)
        if counted is not None and not agree(counted, total.printed):
            yield disagreement(total, counted, body.header)


class _RunningSums:
    """The sums of a column down to each of its rows, so that any stretch of it is added up at once."""

    def __init__(self, cells: Iterable[Cell | None], column: Column, printed: str | None) -> None:
        self._sums = [Decimal(0)]
        self._unknown = [0]
        for cell in cells:
            number = shown_number_of(cell, column, printed)
            is_unknown = number is None and cell is not None and cell.text not in NO_NUMBER
            self._sums.append(self._sums[-1] + (number or 0))
            self._unknown.append(self._unknown[-1] + is_unknown)

    def between(self, start: int, end: int) -> Decimal | None:
        """The sum from one place to before another; None when a cell there holds something that is no plain number."""
        return None if self._unknown[end] > self._unknown[start] else self._sums[end] - self._sums[start]


def shown_number_of(cell: Cell | None, column: Column, printed: str | None) -> Decimal | None:
    """The number of a cell as its row takes it, in the unit that the document prints; None as well where it has two readings."""
    if cell is None or cell.number_format is None or cell.number_format.is_plain:
        return number_of(cell)
    shown = None if not _HOLDS_NO_VALUE.isdisjoint(cell.flags) else shown_value(cell, column, printed)
    if shown is None:
        return number_of(cell)
    has_two_readings = shown.finding is not None and shown.finding.severity is Severity.ERROR
    return None if has_two_readings else number_of(Cell(shown.text or ""))


def number_of(cell: Cell | None) -> Decimal | None:
    """The number in a cell, as people write it (`1,234.50`, `198件`); None for none, for a rough one, and for `13.5万`.

    What names its own magnitude cannot be added to numbers in the column's unit.
    """
    if cell is None or cell.text in NO_NUMBER or cell.kind is CellKind.ERROR or not _HOLDS_NO_VALUE.isdisjoint(cell.flags):
        return None
    try:
        if _NUMBER.fullmatch(cell.text):
            return Decimal(cell.text)
        quantity = parse_beside_mark(cell.text)
    except (ValueError, ArithmeticError):
        return None
    is_plain = quantity.multiplier == 1 and quantity.qualifier is None and quantity.unit not in {"%", "‰"}
    return quantity.value if is_plain else None


def is_additive(column: Column) -> bool:
    """Whether a column's total is the sum of its rows: counts and amounts, not ratios."""
    return column.type in {ColumnType.INTEGER, ColumnType.DECIMAL} and (column.unit or "") not in _RATIOS


def agree(counted: Decimal, printed: Decimal) -> bool:
    """Whether a printed total says the same as its rows, at the precision in which it is printed."""
    digits = printed.as_tuple().exponent
    places = max(0, -digits) if isinstance(digits, int) else 0
    # By the difference: rounding a number of 300 digits, as damaged cells hold, has no result.
    return abs(counted - printed) <= max(Decimal("0.5").scaleb(-places), abs(printed) * Decimal("1e-9"))


def _part(rows: list[int], marks: list[int], row: int) -> tuple[int, int]:
    """The rows of a subtotal: those above it back to the last mark; where there are none, those below it."""
    place = bisect_left(marks, row)
    before = marks[place - 1] if place else 0
    above = _between(rows, before, row)
    if above != (before, before):
        return above
    return _between(rows, row, marks[place + 1] if place + 1 < len(marks) else rows[-1] + 1)


def _between(rows: list[int], after: int, before: int) -> tuple[int, int]:
    """The first and last data row between two rows; the upper one itself, twice, when there is none."""
    start, end = bisect_right(rows, after), bisect_left(rows, before)
    return (rows[start], rows[end - 1]) if start < end else (after, after)


def disagreement(total: ControlTotal, counted: Decimal, header: HeaderMatch) -> Issue:
    """The warning that a printed total is not what its rows come to."""
    printed, real = (f"{number.normalize():f}" for number in (total.printed, counted))
    if total.column is None:
        place, zh, en = None, f"标明共 {printed} 行", f"claims {printed} rows"
    else:
        place = address(total.row, header.columns[total.column])
        words = header.words[header.columns[total.column]]
        zh, en = f"“{words}”合计为 {printed}", f'prints a total of {printed} for "{words}"'
    one = total.first_row == total.last_row
    rows = str(total.first_row) if one else f"{total.first_row}—{total.last_row}"
    return Issue(
        "control_total",
        Severity.WARNING,
        message_zh=f"第 {total.row} 行{zh}，而第 {rows} 行实际为 {real}；请核对合计或明细",
        message_en=f"row {total.row} {en}, rows {total.first_row}-{total.last_row} give {real}: correct the total or the rows",
        sheet=total.sheet or None,
        row=total.row,
        column=total.column,
        cell=place,
        found=printed,
        expected=real,
    )
