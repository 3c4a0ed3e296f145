"""What a column of a sample holds, by its header and its values: a type only where every value agrees, else text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loaders.contract import ColumnType, Report
from loaders.period import Period, PeriodKind, parse_datetime, parse_period
from loaders.quantity import Quantity, parse_quantity

_NULLS = frozenset(Report.model_fields["null_tokens"].default)
_CODES = re.compile(
    r"编号|编码|代码|号码|证号|账号|单号|票据号|档案号|序列号|[^序行]号$|电话|手机|邮编|邮政|[a-z](?:Code|No|Id|_code|_no|_id)$|^(?:code|no|id|uscc|phone)$"
)
_PEOPLE = re.compile(r"姓名|身份证|证件号|联系电话|手机|电话|银行账|住址|家庭地址")
_MONEY = re.compile(r"金额|资金|经费|款|收入|支出|费用|余额|价")
_MULTIPLE = re.compile(r"(十万|百万|千万|十|百|千|万|亿)?(.+)")
_MONEY_UNITS = frozenset({"元", "人民币"})
_FOREIGN = frozenset({"美元", "港元", "港币", "欧元", "日元"})
_SHARES = frozenset({"%", "‰", "百分比", "百分点"})
_LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class InferredType:
    """The type of a column, the unit in the warehouse, the form's unit where it is another, and how personal it is."""

    type: ColumnType = ColumnType.TEXT
    unit: str | None = None
    printed_unit: str | None = None
    is_personal: bool = False

    def fields(self) -> dict[str, Any]:
        """As the fields of a column in a contract."""
        fields_set: dict[str, Any] = {}
        if self.type is not ColumnType.TEXT:
            fields_set["type"] = str(self.type)
        if self.unit in _MONEY_UNITS:
            fields_set["shape"] = [18, 2]
        named = {"unit": self.unit, "printed_unit": self.printed_unit, "pii": "personal" if self.is_personal else None}
        return fields_set | {name: value for name, value in named.items() if value}


def infer_column_type(header: str, texts: Sequence[str | None], measures: Sequence[str] = ()) -> InferredType:
    """What the values of a column are. `measures` are the units that stand above the table."""
    values = [text for text in texts if text is not None and text not in _NULLS]
    if _PEOPLE.search(header):
        return InferredType(is_personal=True)
    if not values or _CODES.search(header):
        return InferredType()
    for kind, is_one in _DATE_AND_TIME_TYPES:
        if all(map(is_one, values)):
            return InferredType(kind)
    quantities = [_quantity(value) for value in values]
    if any(quantity is None for quantity in quantities) or any(map(_is_code, values)):
        return InferredType()
    return _number(header, [quantity for quantity in quantities if quantity is not None], measures)


def _number(header: str, quantities: Sequence[Quantity], measures: Sequence[str]) -> InferredType:
    from loaders.reading.tables.headers.header_text import is_unit, unit_of_header

    printed = unit_of_header(header) or next((word for word in reversed(header.split()) if is_unit(word)), None)
    if printed is None and _MONEY.search(header):
        printed = next((unit for unit in measures if _split(unit)[1] in _MONEY_UNITS), None)
    base = _split(printed)[1] if printed else None
    if base in _FOREIGN or base in _SHARES:
        base = printed = None
    is_whole = (
        printed == base and base not in _MONEY_UNITS and all(one.value == one.value.to_integral_value() for one in quantities)
    )
    unit = "元" if base in _MONEY_UNITS else base
    is_decimal = not is_whole or (base is None and _MONEY.search(header) is not None)
    return InferredType(ColumnType.DECIMAL if is_decimal else ColumnType.INTEGER, unit, printed if printed != base else None)


def _split(unit: str) -> tuple[str, str]:
    match = _MULTIPLE.fullmatch(unit)
    return (match[1] or "", match[2]) if match else ("", unit)


def _quantity(text: str) -> Quantity | None:
    try:
        quantity = parse_quantity(text)
    except (ValueError, ArithmeticError):
        return None
    named = quantity.unit not in {None, "%", "‰"} or quantity.qualifier is not None or quantity.multiplier != 1
    return None if named or abs(quantity.value) >= Decimal(10) ** _LARGEST_DIGITS else quantity


def _is_code(text: str) -> bool:
    """Whether digits are a code: with zeros before them, or more of them than a number keeps."""
    return text.isdigit() and ((len(text) > 1 and text.startswith("0")) or len(text) > _LARGEST_DIGITS)


def _parses_as(parse: Callable[[str], object], fits: Callable[[object], bool]) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        # A bare number is a number: 20230501 may be a code, 2023 a count.
        if text.replace(".", "", 1).isdigit():
            return False
        try:
            return fits(parse(text))
        except ValueError:
            return False

    return is_one


def _is_month(found: object) -> bool:
    return isinstance(found, Period) and found.kind is PeriodKind.MONTH


_DATE_AND_TIME_TYPES = (
    (ColumnType.DATE, _parses_as(parse_datetime, lambda found: not isinstance(found, dt.datetime))),
    # Before months: the first of a month with a time of day is a moment, which a month would lose.
    (ColumnType.DATETIME, _parses_as(parse_datetime, lambda found: isinstance(found, dt.datetime))),
    (ColumnType.MONTH, _parses_as(parse_period, _is_month)),
    (ColumnType.DATETIME, _parses_as(parse_datetime, lambda _: True)),
)
