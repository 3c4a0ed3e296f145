"""The rules that a contract writes, made ready to be run; what cannot judge each row for itself is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from loaders.contract import Column, ColumnType, Report, Rule
from loaders.model import Severity
from loaders.validation.model.row_rule import (
    DOCUMENT_PERIOD_RULES,
    EQUAL_SUM,
    PERIOD_END,
    PERIOD_START,
    PERIOD_TYPES,
    UNIQUE,
    RowRule,
    RuleError,
    first_day,
    last_day,
)

_MULTI_ROW_RULES = frozenset(
    {
        UNIQUE,
        "expect_column_values_to_be_unique",
        "expect_column_values_to_be_increasing",
        "expect_column_values_to_be_decreasing",
        "expect_column_value_z_scores_to_be_less_than",
    }
)
_TEXT_RULES = re.compile(r"_regex|_lengths_|_strftime_|_like_pattern|_json_|_dateutil_")
_NON_TEXT_TYPES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE, ColumnType.DATETIME, ColumnType.BOOLEAN})
_UNSUPPORTED_ARGUMENTS = {
    "mostly": "every row is judged for itself; the share that may fail is reject_limit_pct",
    "row_condition": "use where",
    "condition_parser": "use where",
    "severity": "severity stands beside arguments, not in them",
}
_ALLOWED_ARGUMENTS = {EQUAL_SUM: {"column", "addends"}, **{name: {"column"} for name in DOCUMENT_PERIOD_RULES}}
_COMPARED_ARGUMENTS = frozenset({"min_value", "max_value", "value_set"})


def declared_rule(report: Report, rule: Rule) -> RowRule:
    """A rule of the contract as it is run.

    Raises:
        RuleError: it does not judge each row for itself, or a bound of a date column is no date.
    """
    _require_row_rule(report, rule)
    columns = rule.columns
    if rule.expect in DOCUMENT_PERIOD_RULES:
        arguments = _period_arguments(report.column(columns[0]))
    elif rule.expect == EQUAL_SUM:
        arguments = _sum_arguments(report.column(columns[0]), columns[1:])
    else:
        arguments = {name: _typed(report, columns[0], name, value) for name, value in rule.arguments.items()}
        if {"column_A", "column_B"} <= arguments.keys():
            arguments.setdefault("ignore_row_if", "either_value_is_missing")
        if "column_list" in arguments:
            arguments.setdefault("ignore_row_if", "any_value_is_missing")
    where = {name: tuple(_where_value(report.column(name), text) for text in texts) for name, texts in rule.where.items()}
    return RowRule(rule.expect, arguments, columns, Severity(rule.severity), rule.meaning, where, is_declared=True)


def _require_row_rule(report: Report, rule: Rule) -> None:
    where = f"report={report.report}: rule {rule.expect}"
    if not rule.columns:
        raise RuleError(f"{where} names no column, so it cannot judge rows")
    if rule.expect in _MULTI_ROW_RULES:
        raise RuleError(f"{where} compares rows with one another, which only a key can (key: true on its columns)")
    if "_type" in rule.expect:
        raise RuleError(f"{where} judges types, which the columns say themselves")
    for name in rule.columns if _TEXT_RULES.search(rule.expect) else ():
        if report.column(name).type in _NON_TEXT_TYPES:
            raise RuleError(f"{where} judges texts; column {name} holds values of type {report.column(name).type}")
    for name in sorted(rule.arguments.keys() - _ALLOWED_ARGUMENTS[rule.expect]) if rule.expect in _ALLOWED_ARGUMENTS else ():
        raise RuleError(f"{where} takes {' and '.join(sorted(_ALLOWED_ARGUMENTS[rule.expect]))}, not {name}")
    for name in rule.arguments.keys() & _UNSUPPORTED_ARGUMENTS.keys():
        raise RuleError(f"{where} on {', '.join(rule.columns)}: {name} has no effect here: {_UNSUPPORTED_ARGUMENTS[name]}")


def _period_arguments(column: Column) -> dict[str, Any]:
    days = [column.name]
    if column.type in PERIOD_TYPES:
        days = [first_day(column.name), last_day(column.name)]
    elif column.type is ColumnType.DATETIME:
        days = [first_day(column.name)]
    return {"column_list": [*days, PERIOD_START, PERIOD_END], "ignore_row_if": "any_value_is_missing"}


def _sum_arguments(column: Column, addends: tuple[str, ...]) -> dict[str, Any]:
    places = column.shape[1] if column.type is ColumnType.DECIMAL else 0
    tolerance = float(Decimal(1).scaleb(-places) / 2)
    return {"column_list": [column.name, *addends], "tolerance": tolerance, "ignore_row_if": "any_value_is_missing"}


def _typed(report: Report, name: str, slot: str, value: Any) -> Any:
    """What is compared with a date column is given as dates; everything else as the contract writes it."""
    moment = _DATETIME_PARSERS.get(report.column(name).type)
    if slot not in _COMPARED_ARGUMENTS or moment is None or value is None:
        return value
    try:
        return [moment(part) for part in value] if isinstance(value, list) else moment(value)
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


def _where_value(column: Column, text: str) -> str | int:
    """The value that a row must have; true and false as 1 and 0, because a row condition takes no others."""
    return int(text in {"TRUE", "是"}) if column.type is ColumnType.BOOLEAN else text
