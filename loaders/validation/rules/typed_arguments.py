"""Arguments of a contract's rule over the validation frame: bounds of date columns become dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from loaders.contract import ColumnType, Report, Rule
from loaders.validation.model.row_rule import RuleError

_COMPARED_ARGUMENTS = frozenset({"min_value", "max_value", "value_set"})


def typed_arguments(report: Report, rule: Rule) -> dict[str, Any]:
    """The arguments as the contract writes them, dates parsed, and rows with a missing value left out of comparisons.

    Raises:
        RuleError: a bound of a date column is no date.
    """
    arguments = {name: _typed(report, rule.columns[0], name, value) for name, value in rule.arguments.items()}
    if {"column_A", "column_B"} <= arguments.keys():
        arguments.setdefault("ignore_row_if", "either_value_is_missing")
    if "column_list" in arguments:
        arguments.setdefault("ignore_row_if", "any_value_is_missing")
    return arguments


def _typed(report: Report, name: str, slot: str, value: Any) -> Any:
    parse = _DATETIME_PARSERS.get(report.column(name).type)
    if slot not in _COMPARED_ARGUMENTS or parse is None or value is None:
        return value
    try:
        return [parse(part) for part in value] if isinstance(value, list) else parse(value)
    except ValueError:
        raise RuleError(
            f'report={report.report}: {slot} of column {name}: expected dates like 2023-05-31, found "{value}"'
        ) from None


def _midnight(value: Any) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(str(value)), dt.time())


def _parse_datetime(value: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(str(value))


_DATETIME_PARSERS: dict[ColumnType, Callable[[Any], dt.datetime]] = {
    ColumnType.DATE: _midnight,
    ColumnType.DATETIME: _parse_datetime,
}
