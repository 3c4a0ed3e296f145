"""The rules of a report: those that its columns imply and those that its contract writes, as one list.

Nothing here needs Great Expectations; `run.py` turns a rule into an expectation of that name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loaders.contract import Column, ColumnType, Report, Rule, Words
from loaders.table import Severity
from loaders.validation.cells import expected_words

DOCUMENT = "_document"
PERIOD_START = "_period_start"
PERIOD_END = "_period_end"
UNIQUE = "expect_compound_columns_to_be_unique"
PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
_DOCUMENT_PERIOD_RULES = {
    "expect_column_values_to_be_in_document_period",
    "expect_column_values_to_be_on_or_before_document_period",
}


class RuleError(RuntimeError):
    """A rule of a contract cannot be run: unknown name, wrong arguments, or it failed on the rows. Names report and rule."""


@dataclass(frozen=True)
class RowRule:
    """One rule as it is run: an expectation's name and arguments over the judged frame, and what a breach means.

    `columns` are the contract's columns that it speaks of; the first is the one that an issue points at. `where` restricts
    it to rows in which a column has one of some values of the column's type.
    """

    expect: str
    arguments: Mapping[str, Any]
    columns: tuple[str, ...]
    severity: Severity
    expected: Words
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def frame_columns(self) -> tuple[str, ...]:
        """The columns of the judged frame that the rule reads."""
        named = [self.arguments.get(slot) for slot in ("column", "column_A", "column_B")]
        return tuple(dict.fromkeys(name for name in [*named, *self.arguments.get("column_list", ()), *self.where] if name))


def first_day(name: str) -> str:
    """The helper column with the first day of a period-typed column."""
    return f"{name}__first_day"


def last_day(name: str) -> str:
    """The helper column with the last day of a period-typed column."""
    return f"{name}__last_day"


def rules_of(report: Report) -> tuple[RowRule, ...]:
    """Every rule of a report, implied ones first."""
    return (*_implied(report), *(_written(report, rule) for rule in report.rules))


def _implied(report: Report) -> Iterator[RowRule]:
    for column in report.columns:
        if column.required:
            yield _on_column(
                column, "expect_column_values_to_not_be_null", Words(zh="必填，不能为空", en="a value; the column is required")
            )
    if report.key:
        headers = "、".join(f"“{report.column(name).header}”" for name in report.key)
        yield RowRule(
            UNIQUE,
            {"column_list": [DOCUMENT, *report.key], "ignore_row_if": "any_value_is_missing"},
            report.key,
            Severity.ERROR,
            Words(zh=f"{headers}在同一份报表中不重复", en=f"{', '.join(report.key)} only once in a document"),
        )
    for column in report.columns:
        expect = _BY_TYPE.get(column.type)
        if expect is not None:
            severity = Severity.WARNING if column.type is ColumnType.PHONE else Severity.ERROR
            yield _on_column(column, expect, _valid_words(column), severity)
        if column.known_in is not None:
            words = Words(zh=f"{_list_zh(column.known_in)}中的值", en=f"a value of {column.known_in}")
            yield _on_column(column, "expect_column_values_to_be_known_code", words, known_in=column.known_in)


def _on_column(column: Column, expect: str, words: Words, severity: Severity = Severity.ERROR, **arguments: Any) -> RowRule:
    return RowRule(expect, {"column": column.name, **arguments}, (column.name,), severity, words)


def _valid_words(column: Column) -> Words:
    words = expected_words(column)
    if column.type in {ColumnType.USCC, ColumnType.RESIDENT_ID}:
        return Words(zh=f"{words.zh}，校验码正确", en=f"{words.en} with a right check digit")
    return words


def _list_zh(known_in: str) -> str:
    names = {
        "town": "镇（街道）",
        "village": "村（社区）",
        "county": "县（区）",
        "county_or_city": "市、县（区）",
        "zone": "功能区",
    }
    wanted = known_in.removeprefix("divisions.")
    level = names.get(wanted.removesuffix("_name"), wanted)
    return f"本市{level}{'名称' if wanted.endswith('_name') else '代码'}表"


_BY_TYPE = {
    ColumnType.USCC: "expect_column_values_to_be_valid_uscc",
    ColumnType.RESIDENT_ID: "expect_column_values_to_be_valid_resident_id",
    ColumnType.PHONE: "expect_column_values_to_be_valid_phone",
}


def _written(report: Report, rule: Rule) -> RowRule:
    arguments = dict(rule.arguments)
    addends = tuple(arguments.get("addends", ()))
    columns = tuple(dict.fromkeys([*rule.columns, *addends]))
    if not columns:
        raise RuleError(f"report={report.report}: rule {rule.expect} names no column, so it cannot judge rows")
    if rule.expect in _DOCUMENT_PERIOD_RULES:
        arguments = _period_arguments(report.column(columns[0]))
    elif rule.expect == "expect_column_to_equal_sum":
        arguments = _sum_arguments(report.column(columns[0]), addends)
    else:
        arguments = {name: _typed(report, columns[0], name, value) for name, value in arguments.items()}
        if {"column_A", "column_B"} <= arguments.keys():
            arguments.setdefault("ignore_row_if", "either_value_is_missing")
        if "column_list" in arguments:
            arguments.setdefault("ignore_row_if", "any_value_is_missing")
    where = {name: tuple(_where_value(report.column(name), text) for text in texts) for name, texts in rule.where.items()}
    return RowRule(rule.expect, arguments, columns, Severity(rule.severity), rule.meaning, where)


def _period_arguments(column: Column) -> dict[str, Any]:
    days = [first_day(column.name), last_day(column.name)] if column.type in PERIOD_TYPES else [column.name, column.name]
    return {"column_list": [*dict.fromkeys(days), PERIOD_START, PERIOD_END], "ignore_row_if": "any_value_is_missing"}


def _sum_arguments(column: Column, addends: tuple[str, ...]) -> dict[str, Any]:
    places = column.shape[1] if column.type is ColumnType.DECIMAL else 0
    tolerance = float(Decimal(1).scaleb(-places) / 2)
    return {"column_list": [column.name, *addends], "tolerance": tolerance, "ignore_row_if": "any_value_is_missing"}


def _typed(report: Report, name: str, slot: str, value: Any) -> Any:
    """Bounds of a date column are given as dates; everything else as the contract writes it."""
    if slot in {"min_value", "max_value"} and report.column(name).type is ColumnType.DATE and isinstance(value, str | dt.date):
        return dt.datetime.combine(dt.date.fromisoformat(str(value)), dt.time())
    return value


def _where_value(column: Column, text: str) -> Any:
    if column.type is ColumnType.BOOLEAN:
        return text.strip().upper() in {"TRUE", "是", "1", "Y", "YES"}
    return text
