"""Totals that a document prints about itself, checked against its rows. A disagreement is told with both numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from loaders.contract import Column, ColumnType, Report
from loaders.reading.body import Body
from loaders.reading.furniture import Kind, group_count
from loaders.reading.header import HeaderMatch
from loaders.reading.sheets import Cell, Sheet, address
from loaders.table import ControlTotal, Issue, Severity

NO_NUMBER = frozenset({"", "—", "-", "--", "/", "无"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_RATIOS = {"%", "‰", "百分比", "百分点", "元/人", "人/户"}


def control_totals(report: Report, sheet: Sheet, body: Body) -> Iterator[ControlTotal]:
    """The printed totals and counts of one table, each with the rows that it speaks of."""
    rows = sorted(body.data)
    if not rows:
        return
    numeric = {body.header.columns[c.name]: c for c in report.columns if is_additive(c) and c.name in body.header.columns}
    marks = sorted([row for row, kind in body.totals if kind is Kind.SUBTOTAL] + body.groups)
    for row, kind in body.totals:
        first, last = (rows[0], rows[-1]) if kind is Kind.TOTAL else _part(rows, marks, row)
        for column, described in numeric.items():
            printed = number_of(sheet.rows[row].get(column))
            if printed is not None:
                yield ControlTotal(sheet.name, row, described.name, printed, first, last)
    for row in body.groups:
        first, last = _following(rows, marks, row)
        count = group_count(next(cell.text for _, cell in sorted(sheet.rows[row].items()) if cell.text))
        if count is not None:
            yield ControlTotal(sheet.name, row, None, Decimal(count), first, last)


def check_totals(totals: Iterable[ControlTotal], body: Body) -> Iterator[Issue]:
    """A warning for each total that its rows do not add up to."""
    for total in totals:
        rows = [cells for row, cells in body.data.items() if total.first_row <= row <= total.last_row]
        counted = Decimal(len(rows)) if total.column is None else _sum(rows, body.header.columns[total.column])
        if counted is not None and not agree(counted, total.printed):
            yield disagreement(total, counted, body.header)


def number_of(cell: Cell | None) -> Decimal | None:
    """The number in a cell, thousands separators allowed; None when it holds none."""
    if cell is None:
        return None
    bare = cell.text.replace(",", "").replace("，", "")
    try:
        return Decimal(bare) if _NUMBER.fullmatch(bare) else None
    except InvalidOperation:
        return None


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
