"""Totals that a document prints about itself, checked against its rows. A disagreement is told with both numbers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from loaders.contract import NULL_LITERALS, Column, ColumnType, MergedAmount, Report
from loaders.model import ControlTotal, Issue, Severity
from loaders.quantity import parse_ignoring_footnote_mark
from loaders.reading.model.rich_text import RAISED, STRUCK
from loaders.reading.model.sheets import Cell, CellKind, Sheet, address
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.headers.header_text import loose_form
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.tables.rows.furniture import RowKind, group_count, group_level
from loaders.reading.tables.rows.prose_totals import SummedColumn, agree, claims_of, is_prose_total, resolve_claim, summed_columns
from loaders.reading.values.shown_value import shown_value

_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
NO_NUMBER = frozenset({"", "—", "-", "--", "/", "无", *NULL_LITERALS})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_HOLDS_NO_VALUE = frozenset({STRUCK, RAISED})
_RATIOS = {"%", "‰", "百分比", "百分点", "岁", "周岁", "分"}
# 单价、人均支出、年龄、序号、评估总分: numbers that are never added up.
_NO_AMOUNT = re.compile(
    r"单价|均价|价格|标准$|每[人户个件]|[人户]均|平均|均值|年龄|年份|年度$|月份|序号|编号|号码|行次|栏次|"
    r"比例|比率|率$|占比|百分比|得分|评分|总分|满分|分值|分数|名次|排名|位次|等级|楼层"
)
_NO_AMOUNT_NAME = re.compile(r"_(?:no|pct|rate|ratio|share|price|age|year|month|rank|score|level|index|code|avg|average)$")


def control_totals(
    report: Report, sheet: Sheet, body: TableBody, units: Mapping[str, str], factors: Mapping[str, Decimal]
) -> Iterator[ControlTotal]:
    """The printed totals and counts of one table, each with the rows that it speaks of.

    `units` are those that the document prints for the columns: totals are read as the rows are. `factors` turn what is printed in
    a column into the contract's unit.
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
    """Holds what lines claim in words against the rows of one table."""

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
    """The texts of a row, from left to right."""
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
    """Whether a total in words has words in a column too (`9人`): they are a claim, and may be about another column."""
    cell = cells.get(column)
    return cell is not None and not _NUMBER.fullmatch(cell.text.replace(",", "")) and is_prose_total(texts_in(cells))


def label_of(sheet: Sheet, row: int) -> str:
    """The first text of a row that is not blank."""
    return next(cell.text for _, cell in sorted(sheet.rows[row].items()) if cell.text)


def _group_ends(sheet: Sheet, groups: list[int], end: int) -> Iterator[tuple[int, int]]:
    """Each group row with the row that ends the group: the next one that lies as high, or higher."""
    levels = [group_level(label_of(sheet, row)) or 0 for row in groups]
    for place, row in enumerate(groups):
        yield row, next((groups[later] for later in range(place + 1, len(groups)) if levels[later] <= levels[place]), end)


def check_totals(totals: Iterable[ControlTotal], report: Report, body: TableBody, units: Mapping[str, str]) -> Iterator[Issue]:
    """A warning for each total that its rows do not add up to."""
    rows = sorted(body.data)
    sums = RunningSums(report, body, rows, units)
    for total in totals:
        start, end = bisect_left(rows, total.first_row), bisect_right(rows, total.last_row)
        counted = Decimal(end - start) if total.column is None else sums.of(total.column, start, end)
        if counted is not None and not agree(counted, total.printed):
            yield total_mismatch_issue(total, counted, body.header)


class RunningSums:
    """The sums of the columns of one table, each added up when it is first asked for."""

    def __init__(self, report: Report, body: TableBody, rows: list[int], units: Mapping[str, str]) -> None:
        self._report = report
        self._body = body
        self._rows = rows
        self._units = units
        self._columns: dict[str, _ColumnSums] = {}

    def of(self, name: str, start: int, end: int) -> Decimal | None:
        """The sum of a column from one place to before another; None when a cell there holds no plain number."""
        if name not in self._columns:
            number = self._body.header.columns[name]
            cells = (self._body.data[row].get(number) for row in self._rows)
            self._columns[name] = _ColumnSums(cells, self._report.column(name), self._units.get(name))
        return self._columns[name].between(start, end)


class _ColumnSums:
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
    has_two_readings = shown.value_issue is not None and shown.value_issue.severity is Severity.ERROR
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
        quantity = parse_ignoring_footnote_mark(cell.text)
    except (ValueError, ArithmeticError):
        return None
    is_plain = quantity.multiplier == 1 and quantity.qualifier is None and quantity.unit not in {"%", "‰"}
    return quantity.value if is_plain else None


def is_additive(column: Column) -> bool:
    """Whether a column's total is the sum of its rows: counts and amounts, not ratios, prices, ages and serial numbers."""
    if column.type not in _NUMBERS or column.key or column.merged is MergedAmount.FILL_DOWN:
        return False
    if column.merged is not None:
        return True
    unit = column.unit or ""
    is_ratio = unit in _RATIOS or "/" in unit
    return not is_ratio and not _NO_AMOUNT_NAME.search(column.name) and not _NO_AMOUNT.search(loose_form(column.header))


def _subtotal_range(rows: list[int], boundaries: list[int], row: int) -> tuple[int, int]:
    """The rows of a subtotal: those above it back to the last mark; where there are none, those below it."""
    place = bisect_left(boundaries, row)
    before = boundaries[place - 1] if place else 0
    above = _between(rows, before, row)
    if above != (before, before):
        return above
    return _between(rows, row, boundaries[place + 1] if place + 1 < len(boundaries) else rows[-1] + 1)


def _between(rows: list[int], after: int, before: int) -> tuple[int, int]:
    """The first and last data row between two rows; the upper one itself, twice, when there is none."""
    start, end = bisect_right(rows, after), bisect_left(rows, before)
    return (rows[start], rows[end - 1]) if start < end else (after, after)


def total_mismatch_issue(total: ControlTotal, counted: Decimal, header: HeaderMatch) -> Issue:
    """The warning that a printed total is not what its rows come to."""
    printed, real = (f"{number.normalize():f}" for number in (total.printed, counted))
    if total.column is None:
        place, zh, en = None, f"标明共 {printed} 行", f"claims {printed} rows"
    else:
        place = address(total.row, header.columns[total.column])
        words = header.words[header.columns[total.column]]
        zh, en = f"“{words}”合计为 {printed}", f'prints a total of {printed} for "{words}"'
    is_single_row = total.first_row == total.last_row
    rows = str(total.first_row) if is_single_row else f"{total.first_row}—{total.last_row}"
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
