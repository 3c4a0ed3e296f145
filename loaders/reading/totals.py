"""Totals that a document prints about itself, checked against its rows. A disagreement is told with both numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from loaders.contract import Column, ColumnType, Report
from loaders.quantity import parse_quantity
from loaders.reading.body import Body
from loaders.reading.furniture import Kind, claimed_count, group_level
from loaders.reading.header import HeaderMatch
from loaders.reading.sheets import Cell, CellKind, Sheet, address
from loaders.table import ControlTotal, Issue, Severity

NO_NUMBER = frozenset({"", "—", "-", "--", "/", "无"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_RATIOS = {"%", "‰", "百分比", "百分点", "元/人", "人/户"}


def control_totals(report: Report, sheet: Sheet, body: Body) -> Iterator[ControlTotal]:
    """The printed totals and counts of one table, each with the rows that it speaks of."""
    rows = sorted(body.data)
    if not rows:
        return
    numeric = {body.header.columns[c.name]: c.name for c in report.columns if is_additive(c) and c.name in body.header.columns}
    subtotals = [row for row, kind in body.totals if kind is Kind.SUBTOTAL]
    marks = sorted([*subtotals, *body.groups])
    for row, kind in body.totals:
        first, last = (rows[0], rows[-1]) if kind is Kind.TOTAL else _part(rows, marks, row)
        yield from _claimed(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, first, last)
    for row in body.groups:
        label = label_of(sheet, row)
        first, last = _following(rows, [mark for mark in body.groups if _closes(sheet, mark, label)], row)
        yield from _claimed(sheet, row, first, last)
        yield from _printed(sheet, row, numeric, first, last)
    for row, kind in body.furniture.items():
        if kind is Kind.PROSE and row > rows[-1]:
            yield from _claimed(sheet, row, rows[0], rows[-1])


def _claimed(sheet: Sheet, row: int, first: int, last: int) -> Iterator[ControlTotal]:
    count = claimed_count(label_of(sheet, row))
    if count is not None:
        yield ControlTotal(sheet.name, row, None, Decimal(count), first, last)


def _printed(sheet: Sheet, row: int, numeric: dict[int, str], first: int, last: int) -> Iterator[ControlTotal]:
    for column, name in numeric.items():
        printed = number_of(sheet.rows[row].get(column))
        if printed is not None:
            yield ControlTotal(sheet.name, row, name, printed, first, last)


def label_of(sheet: Sheet, row: int) -> str:
    """The first text of a row that is not blank."""
    return next(cell.text for _, cell in sorted(sheet.rows[row].items()) if cell.text)


def _closes(sheet: Sheet, mark: int, label: str) -> bool:
    """Whether a group row ends the group with this label: it lies as high, or higher."""
    return (group_level(label_of(sheet, mark)) or 0) <= (group_level(label) or 0)


def check_totals(totals: Iterable[ControlTotal], body: Body) -> Iterator[Issue]:
    """A warning for each total that its rows do not add up to."""
    for total in totals:
        rows = [cells for row, cells in body.data.items() if total.first_row <= row <= total.last_row]
        counted = Decimal(len(rows)) if total.column is None else _sum(rows, body.header.columns[total.column])
        if counted is not None and not agree(counted, total.printed):
            yield disagreement(total, counted, body.header)


def number_of(cell: Cell | None) -> Decimal | None:
    """The number in a cell, as people write it (`1,234.50`, `198件`); None for none, for a rough one, and for `13.5万`.

    What names its own magnitude cannot be added to numbers in the column's unit.
    """
    if cell is None or cell.text in NO_NUMBER or cell.kind is CellKind.ERROR:
        return None
    try:
        if _NUMBER.fullmatch(cell.text):
            return Decimal(cell.text)
        quantity = parse_quantity(cell.text)
    except (ValueError, ArithmeticError):
        return None
    is_plain = quantity.multiplier == 1 and quantity.qualifier is None and quantity.unit not in {"%", "‰"}
    return quantity.value if is_plain else None


def is_additive(column: Column) -> bool:
    """Whether a column's total is the sum of its rows: counts and amounts, not ratios."""
    return column.type in {ColumnType.INTEGER, ColumnType.DECIMAL} and (column.unit or "") not in _RATIOS


def _sum(rows: Iterable[dict[int, Cell]], column: int) -> Decimal | None:
    """The sum of a column; None when a cell holds something that is no plain number."""
    total = Decimal(0)
    for cells in rows:
        cell = cells.get(column)
        number = number_of(cell)
        if number is not None:
            total += number
        elif cell is not None and cell.text not in NO_NUMBER:
            return None
    return total


def agree(counted: Decimal, printed: Decimal) -> bool:
    """Whether a printed total says the same as its rows, at the precision in which it is printed."""
    digits = printed.as_tuple().exponent
    places = max(0, -digits) if isinstance(digits, int) else 0
    return round(counted, places) == printed or abs(counted - printed) <= abs(printed) * Decimal("1e-9")


def _part(rows: list[int], marks: list[int], row: int) -> tuple[int, int]:
    """The rows of a subtotal: those above it back to the last mark, unless only those below it add up."""
    above = [number for number in rows if max((mark for mark in marks if mark < row), default=0) < number < row]
    below = _following(rows, marks, row)
    if not above:
        return below
    return above[0], above[-1]


def _following(rows: list[int], marks: list[int], row: int) -> tuple[int, int]:
    end = min((mark for mark in marks if mark > row), default=rows[-1] + 1)
    following = [number for number in rows if row < number < end]
    return (following[0], following[-1]) if following else (row, row)


def disagreement(total: ControlTotal, counted: Decimal, header: HeaderMatch) -> Issue:
    """The warning that a printed total is not what its rows come to."""
    printed, real = (f"{number.normalize():f}" for number in (total.printed, counted))
    if total.column is None:
        place, zh, en = None, f"标明共 {printed} 行", f"claims {printed} rows"
    else:
        place = address(total.row, header.columns[total.column])
        words = header.words[header.columns[total.column]]
        zh, en = f"“{words}”合计为 {printed}", f'prints a total of {printed} for "{words}"'
    return Issue(
        "control_total",
        Severity.WARNING,
        message_zh=f"第 {total.row} 行{zh}，而第 {total.first_row}—{total.last_row} 行实际为 {real}；请核对合计或明细",
        message_en=f"row {total.row} {en}, rows {total.first_row}-{total.last_row} give {real}: correct the total or the rows",
        sheet=total.sheet or None,
        row=total.row,
        column=total.column,
        cell=place,
        found=printed,
        expected=real,
    )
