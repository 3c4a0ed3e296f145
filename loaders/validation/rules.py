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
from loaders.raw_schema import key_name
from loaders.table import Severity
from loaders.validation.cells import expected_words

DOCUMENT = "_document"
PERIOD_START = "_period_start"
PERIOD_END = "_period_end"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_compound_columns_to_be_unique"
PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
DOCUMENT_PERIOD_RULES = frozenset(
    {"expect_column_values_to_be_in_document_period", "expect_column_values_to_be_on_or_before_document_period"}
)
_COMPARES_ROWS = frozenset(
    {
        UNIQUE,
        "expect_column_values_to_be_unique",
        "expect_column_values_to_be_increasing",
        "expect_column_values_to_be_decreasing",
        "expect_column_value_z_scores_to_be_less_than",
    }
)
_SAID_OTHERWISE = {
    "mostly": "every row is judged for itself; the share that may fail is reject_limit_pct",
    "row_condition": "use where",
    "condition_parser": "use where",
    "severity": "severity stands beside arguments, not in them",
}


class RuleError(RuntimeError):
    """A rule of a contract cannot be run: unknown name, wrong arguments, or it failed on the rows. Names report and rule."""


@dataclass(frozen=True)
class RowRule:
    """One rule as it is run: an expectation's name and arguments over the judged frame, and what a breach means.

    `columns` are the contract's columns that it speaks of; the first is the one that an issue points at. `where` restricts
    it to rows in which a column has one of some values of the column's type. `expected` is a sentence of the contract when the
    rule `is_written`, else what the column should hold.
    """

    expect: str
    arguments: Mapping[str, Any]
    columns: tuple[str, ...]
    severity: Severity
    expected: Words
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    is_written: bool = False

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
    return (*implied_rules(report), *(written_rule(report, rule) for rule in report.rules))


def implied_rules(report: Report) -> list[RowRule]:
    """The rules that follow from the columns."""
    return list(_implied(report))


def _implied(report: Report) -> Iterator[RowRule]:
    for column in report.columns:
        if column.required:
            yield _on_column(column, NOT_NULL, Words(zh="必填，不能为空", en="a value; the column is required"))
    if report.key:
        yield _unique(report)
    for column in report.columns:
        expect = _BY_TYPE.get(column.type)
        if expect is not None:
            severity = Severity.WARNING if column.type is ColumnType.PHONE else Severity.ERROR
            yield _on_column(column, expect, _valid_words(column), severity)
        if column.known_in is not None:
            words = Words(zh=f"{_list_zh(column.known_in)}中的值", en=f"a value of {column.known_in}")
            yield _on_column(column, "expect_column_values_to_be_known_code", words, known_in=column.known_in)


def key_columns(report: Report) -> list[str]:
    """The frame's columns that tell one row of a document from another; a personal key stands as its keyed hash."""
    return [key_name(column) if column.is_personal else column.name for column in map(report.column, report.key)]


def _unique(report: Report) -> RowRule:
    """A key may have blank parts, and two that are blank in the same part are the same, as in the raw table's own index."""
    columns = [report.column(name) for name in report.key]
    telling = sorted(columns, key=lambda column: column.type in PERIOD_TYPES)
    headers = "、".join(f"“{column.header}”" for column in columns)
    return RowRule(
        UNIQUE,
        {"column_list": [DOCUMENT, *key_columns(report)], "ignore_row_if": "never"},
        tuple(column.name for column in telling),
        Severity.ERROR,
        Words(zh=f"{headers}在同一份报表中不重复", en=f"{', '.join(report.key)} only once in a document"),
    )


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


def written_rule(report: Report, rule: Rule) -> RowRule:
    """A rule of the contract as it is run.

    Raises:
        RuleError: it does not judge each row for itself, or a bound of a date column is no date.
    """
    _refuse_what_cannot_judge_rows(report, rule)
    arguments = dict(rule.arguments)
    addends = tuple(arguments.get("addends", ()))
    columns = rule.columns
    if rule.expect in DOCUMENT_PERIOD_RULES:
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
    return RowRule(rule.expect, arguments, columns, Severity(rule.severity), rule.meaning, where, is_written=True)


def _refuse_what_cannot_judge_rows(report: Report, rule: Rule) -> None:
    where = f"report={report.report}: rule {rule.expect}"
    if not rule.columns:
        raise RuleError(f"{where} names no column, so it cannot judge rows")
    if rule.expect in _COMPARES_ROWS:
        raise RuleError(f"{where} compares rows with one another, which only a key can (key: true on its columns)")
    for name in rule.arguments.keys() & _SAID_OTHERWISE.keys():
        raise RuleError(f"{where} on {', '.join(rule.columns)}: {name} has no effect here: {_SAID_OTHERWISE[name]}")


def _period_arguments(column: Column) -> dict[str, Any]:
    days = [first_day(column.name), last_day(column.name)] if column.type in PERIOD_TYPES else [column.name, column.name]
    return {"column_list": [*dict.fromkeys(days), PERIOD_START, PERIOD_END], "ignore_row_if": "any_value_is_missing"}


def _sum_arguments(column: Column, addends: tuple[str, ...]) -> dict[str, Any]:
    places = column.shape[1] if column.type is ColumnType.DECIMAL else 0
    tolerance = float(Decimal(1).scaleb(-places) / 2)
    return {"column_list": [column.name, *addends], "tolerance": tolerance, "ignore_row_if": "any_value_is_missing"}


def _typed(report: Report, name: str, slot: str, value: Any) -> Any:
    """Bounds of a date column are given as dates; everything else as the contract writes it."""
    if slot not in {"min_value", "max_value"} or report.column(name).type is not ColumnType.DATE or value is None:
        return value
    try:
        return dt.datetime.combine(dt.date.fromisoformat(str(value)), dt.time())
    except ValueError:
        raise RuleError(
            f'report={report.report}: {slot} of column {name}: expected a date like 2023-05-31, found "{value}"'
        ) from None


def _where_value(column: Column, text: str) -> Any:
    if column.type is ColumnType.BOOLEAN:
        return text.strip().upper() in {"TRUE", "是", "1", "Y", "YES"}
    return text


def check_rules(report: Report) -> list[str]:
    """Every fault of a contract's rules, one line each; empty when all can be run."""
    from loaders.validation.checks import faults_of_rules

    return faults_of_rules(report)
