"""Limits of numbers and dates, in the printed unit: of the type, of the rules, of the document's period, of other columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loaders.contract import Column, ColumnType
from loaders.template.choice_lists import is_enforced
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.validation.conversion.cell_parsers import LARGEST_NUMBER
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.kinds import between, document_period, greater_pair

Bound = Decimal | dt.date
NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
DAYS = frozenset({ColumnType.DATE, ColumnType.DATETIME})
# A spreadsheet knows no day before 1900. Its first two months have other numbers in some programs.
_FIRST_DAY = dt.date(1900, 3, 1)
_LAST_DAY = dt.date(2199, 12, 31)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The smallest and the largest value of a column, and the columns whose value of the same row it may not pass.

    `above` and `below` map names of columns to the least distance from them.
    """

    lower: Bound
    upper: Bound
    above: dict[str, Decimal] = field(default_factory=dict)
    below: dict[str, Decimal] = field(default_factory=dict)


def limits_of(request: TemplateRequest, printed: TemplateColumn) -> Limits | None:
    """The limits of a column of numbers or dates; None for other columns."""
    column = printed.column
    if column.type not in NUMBERS | DAYS:
        return None
    lowest, highest = _limits_of_type(printed)
    lower, upper = [lowest], [highest]
    above: dict[str, Decimal] = {}
    below: dict[str, Decimal] = {}
    for rule in filter(is_enforced, request.rules):
        if rule.expect == greater_pair.KIND.expect:
            above |= _others(request, rule, printed, "column_A", "column_B")
            below |= _others(request, rule, printed, "column_B", "column_A")
        elif rule.columns[0] == column.name:
            lower.extend(_lower_bounds(request, rule, printed))
            upper.extend(_upper_bounds(request, rule, printed))
    return Limits(max(lower), min(upper), above, below)


def step_of(printed: TemplateColumn) -> Decimal:
    """The least distance of two values: one whole, one day, one unit of the last decimal."""
    if printed.column.type is ColumnType.DECIMAL:
        return Decimal(1).scaleb(-printed.column.shape[1]) / printed.factor
    return Decimal(1) / printed.factor


def decimal_places(printed: TemplateColumn) -> int:
    """How many decimals a number may have in the printed unit: 1.2345 万元 are 12,345 元."""
    return max(0, printed.column.shape[1] + printed.factor.adjusted())


def _limits_of_type(printed: TemplateColumn) -> tuple[Any, Any]:
    column = printed.column
    if column.type in DAYS:
        return _FIRST_DAY, _LAST_DAY
    whole = LARGEST_NUMBER
    if column.type is ColumnType.DECIMAL:
        whole = min(whole, 10 ** (column.shape[0] - column.shape[1]))
    largest = Decimal(whole) / printed.factor - step_of(printed)
    return -largest, largest


def _lower_bounds(request: TemplateRequest, rule: RowRule, printed: TemplateColumn) -> Iterator[Any]:
    if rule.expect == between.KIND.expect and rule.arguments.get("min_value") is not None:
        bound = _bound(rule.arguments["min_value"], printed)
        yield bound + _gap(printed) if rule.arguments.get("strict_min") else bound
    elif rule.expect == document_period.IN_PERIOD.expect and request.period is not None:
        yield request.period.start


def _upper_bounds(request: TemplateRequest, rule: RowRule, printed: TemplateColumn) -> Iterator[Any]:
    if rule.expect == between.KIND.expect and rule.arguments.get("max_value") is not None:
        bound = _bound(rule.arguments["max_value"], printed)
        yield bound - _gap(printed) if rule.arguments.get("strict_max") else bound
    elif request.period is not None and rule.expect in {
        document_period.IN_PERIOD.expect,
        document_period.NOT_AFTER_PERIOD.expect,
    }:
        yield request.period.end


def _bound(value: Any, printed: TemplateColumn) -> Any:
    if isinstance(value, dt.datetime):
        return value.date()
    return Decimal(str(value)) / printed.factor


def _gap(printed: TemplateColumn) -> Any:
    return _DAY if printed.column.type in DAYS else step_of(printed)


def _others(request: TemplateRequest, rule: RowRule, printed: TemplateColumn, own: str, other: str) -> dict[str, Decimal]:
    """The other column of a pair with the distance from it, if both are printed in one unit."""
    if rule.arguments[own] != printed.name or rule.arguments[other] == printed.name:
        return {}
    compared = next(column for column in request.columns if column.name == rule.arguments[other])
    if compared.factor != printed.factor or not _are_comparable(compared.column, printed.column):
        return {}
    distance = Decimal(0) if rule.arguments.get("or_equal") else max(step_of(printed), step_of(compared))
    return {compared.name: distance}


def _are_comparable(one: Column, other: Column) -> bool:
    return {one.type, other.type} <= NUMBERS or one.type is other.type is ColumnType.DATE
