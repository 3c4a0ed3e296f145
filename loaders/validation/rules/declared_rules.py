"""Compiles the rules of a contract to row rules; what does not validate each row by itself is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import ValidationError

from loaders.contract import Column, ColumnType, Report, Rule
from loaders.model import Severity
from loaders.validation.model.row_rule import UNIQUE, RowRule, RuleError
from loaders.validation.rules.registry import rule_kinds
from loaders.validation.rules.rule_kind import RuleKind
from loaders.validation.rules.typed_arguments import typed_arguments

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


def declared_rule(report: Report, rule: Rule) -> RowRule:
    """A rule of the contract as it is run. A name that is not registered is left to Great Expectations.

    Raises:
        RuleError: it does not validate each row for itself, takes other arguments, or a bound of a date column is no date.
    """
    _require_row_rule(report, rule)
    kind = rule_kinds().get(rule.expect)
    arguments = typed_arguments(report, rule) if kind is None else kind.compile(report, rule)
    where = {name: tuple(_where_value(report.column(name), text) for text in texts) for name, texts in rule.where.items()}
    names_period = kind is not None and kind.names_period
    severity = Severity(rule.severity)
    return RowRule(
        rule.expect, arguments, rule.columns, severity, rule.meaning, where, is_declared=True, names_period=names_period
    )


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
    for detail in _argument_errors(rule):
        raise RuleError(f"{where} {detail}")
    for name in rule.arguments.keys() & _UNSUPPORTED_ARGUMENTS.keys():
        raise RuleError(f"{where} on {', '.join(rule.columns)}: {name} has no effect here: {_UNSUPPORTED_ARGUMENTS[name]}")


def _argument_errors(rule: Rule) -> Iterator[str]:
    """What a kind of our own says to the arguments; those of a stock kind are checked by Great Expectations."""
    kind = rule_kinds().get(rule.expect)
    if kind is None or kind.is_stock:
        return
    try:
        kind.arguments.model_validate(rule.arguments)
    except ValidationError as error:
        for detail in error.errors():
            yield _describe_argument_error(kind, str(detail["loc"][-1]) if detail["loc"] else "", detail["type"], detail["msg"])


def _describe_argument_error(kind: RuleKind, name: str, error_type: str, message: str) -> str:
    if error_type == "extra_forbidden":
        return f"takes {' and '.join(sorted(kind.arguments.model_fields))}, not {name}"
    return f"on {name}: {message}"


def _where_value(column: Column, text: str) -> str | int:
    """The value that a row must have; true and false as 1 and 0, because a row condition takes no others."""
    return int(text in {"TRUE", "是"}) if column.type is ColumnType.BOOLEAN else text
