"""Column sums: which columns are additive, the number of a cell as its row takes it, and sums over ranges of rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from loaders.contract import NULL_LITERALS, Column, ColumnType, MergedAmount, Report
from loaders.model import Severity
from loaders.quantity import parse_ignoring_footnote_mark
from loaders.reading.model.rich_text import RAISED, STRUCK
from loaders.reading.model.sheets import Cell, CellKind
from loaders.reading.tables.headers.header_text import loose_form
from loaders.reading.tables.rows.body import TableBody
from loaders.reading.values.shown_value import shown_value

_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
NO_NUMBER = frozenset({"", "—", "-", "--", "/", "无", *NULL_LITERALS})
# `198`, `-0.5`
PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WITHOUT_VALUE = frozenset({STRUCK, RAISED})
_RATIOS = {"%", "‰", "百分比", "百分点", "岁", "周岁", "分"}
# `单价`, `人均支出`, `年龄`, `序号`, `评估总分`: numbers that are never summed.
_NO_AMOUNT = re.compile(
    r"单价|均价|价格|标准$|每[人户个件]|[人户]均|平均|均值|年龄|年份|年度$|月份|序号|编号|号码|行次|栏次|"
    r"比例|比率|率$|占比|百分比|得分|评分|总分|满分|分值|分数|名次|排名|位次|等级|楼层"
)
# `unit_price`, `completion_rate`
_NO_AMOUNT_NAME = re.compile(r"_(?:no|pct|rate|ratio|share|price|age|year|month|rank|score|level|index|code|avg|average)$")


class RunningSums:
    """Sums of the columns of one table, each computed on first use."""

    def __init__(self, report: Report, body: TableBody, rows: list[int], units: Mapping[str, str]) -> None:
        self._report = report
        self._body = body
        self._rows = rows
        self._units = units
        self._columns: dict[str, _ColumnSums] = {}

    def of(self, name: str, start: int, end: int) -> Decimal | None:
        """Sums a column from position `start` to before `end`; None if a cell there is no plain number."""
        if name not in self._columns:
            number = self._body.header.columns[name]
            cells = (self._body.data[row].get(number) for row in self._rows)
            self._columns[name] = _ColumnSums(cells, self._report.column(name), self._units.get(name))
        return self._columns[name].between(start, end)


class _ColumnSums:
    """Prefix sums of a column, from which the sum of any range is one subtraction."""

    def __init__(self, cells: Iterable[Cell | None], column: Column, printed: str | None) -> None:
        self._sums = [Decimal(0)]
        self._unknown = [0]
        for cell in cells:
            number = shown_number_of(cell, column, printed)
            is_unknown = number is None and cell is not None and cell.text not in NO_NUMBER
            self._sums.append(self._sums[-1] + (number or 0))
            self._unknown.append(self._unknown[-1] + is_unknown)

    def between(self, start: int, end: int) -> Decimal | None:
        """Sums the column from position `start` to before `end`; None if a cell there is no plain number."""
        return None if self._unknown[end] > self._unknown[start] else self._sums[end] - self._sums[start]


def shown_number_of(cell: Cell | None, column: Column, printed: str | None) -> Decimal | None:
    """Returns the number that a row takes of a cell, in the printed unit; None if it is ambiguous."""
    if cell is None or cell.number_format is None or cell.number_format.is_plain:
        return number_of(cell)
    shown = None if not _WITHOUT_VALUE.isdisjoint(cell.flags) else shown_value(cell, column, printed)
    if shown is None:
        return number_of(cell)
    has_two_readings = shown.value_issue is not None and shown.value_issue.severity is Severity.ERROR
    return None if has_two_readings else number_of(Cell(shown.text or ""))


def number_of(cell: Cell | None) -> Decimal | None:
    """Parses the number in a cell (`1,234.50`, `198件`); None for no number, a rough one, and `13.5万`.

    A number with a magnitude of its own cannot be added to numbers in the column's unit.
    """
    if cell is None or cell.text in NO_NUMBER or cell.kind is CellKind.ERROR or not _WITHOUT_VALUE.isdisjoint(cell.flags):
        return None
    try:
        if PLAIN_NUMBER.fullmatch(cell.text):
            return Decimal(cell.text)
        quantity = parse_ignoring_footnote_mark(cell.text)
    except (ValueError, ArithmeticError):
        return None
    is_plain = quantity.multiplier == 1 and quantity.qualifier is None and quantity.unit not in {"%", "‰"}
    return quantity.value if is_plain else None


def is_additive(column: Column) -> bool:
    """Checks whether a column's total is the sum of its rows: counts and amounts, not ratios, prices, ages and serial numbers."""
    if column.type not in _NUMBERS or column.key or column.merged is MergedAmount.FILL_DOWN:
        return False
    if column.merged is not None:
        return True
    unit = column.unit or ""
    is_ratio = unit in _RATIOS or "/" in unit
    return not is_ratio and not _NO_AMOUNT_NAME.search(column.name) and not _NO_AMOUNT.search(loose_form(column.header))
