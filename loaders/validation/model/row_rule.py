"""A rule as it is run over the validation frame, and the names of that frame's helper columns.

Nothing here needs Great Expectations; `gx_suite` turns a rule into an expectation of that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from loaders.contract import Column, ColumnType, LocalizedText, Report
from loaders.divisions import Divisions
from loaders.model import Severity
from loaders.raw_schema import key_name

DOCUMENT = "_document"
PERIOD_START = "_period_start"
PERIOD_END = "_period_end"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_compound_columns_to_be_unique"
PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})


class RuleError(RuntimeError):
    """A rule of a contract cannot be run: unknown name, wrong arguments, or it failed on the rows. Names report and rule."""


@dataclass(frozen=True)
class RowRule:
    """One rule as it is run: an expectation's name and arguments over the validation frame, and what a breach means.

    `columns` are the contract's columns that it speaks of; the first is the one that an issue points at. `where` restricts
    it to rows in which a column has one of some values of the column's type. `expected` is a sentence of the contract when the
    rule `is_declared`, else what the column should hold; with `names_period`, messages add the document's period to it.
    """

    expect: str
    arguments: Mapping[str, Any]
    columns: tuple[str, ...]
    severity: Severity
    expected: LocalizedText
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    is_declared: bool = False
    names_period: bool = False

    @property
    def frame_columns(self) -> tuple[str, ...]:
        """The columns of the validation frame that the rule reads."""
        named = [self.arguments.get(slot) for slot in ("column", "column_A", "column_B")]
        return tuple(dict.fromkeys(name for name in [*named, *self.arguments.get("column_list", ()), *self.where] if name))


def column_rule(
    column: Column, expect: str, words: LocalizedText, severity: Severity = Severity.ERROR, **arguments: Any
) -> RowRule:
    """A rule that follows from the definition of one column."""
    return RowRule(expect, {"column": column.name, **arguments}, (column.name,), severity, words)


def first_day(name: str) -> str:
    """The helper column with the first day of a period-typed column."""
    return f"{name}__first_day"


def last_day(name: str) -> str:
    """The helper column with the last day of a period-typed column."""
    return f"{name}__last_day"


def key_columns(report: Report) -> list[str]:
    """The frame's columns that tell one row of a document from another; a personal key stands as its keyed hash."""
    return [key_name(column) if column.is_personal else column.name for column in map(report.column, report.key)]


def with_value_set(report: Report, rule: RowRule, divisions: Divisions) -> RowRule:
    """A rule that names a list, with what the list holds.

    Raises:
        RuleError: there is no such list.
    """
    name = rule.arguments.get("known_in")
    if name is None:
        return rule
    try:
        values = sorted(divisions.codes_in_list(name))
    except KeyError as error:
        raise RuleError(f"report={report.report}: rule {rule.expect} on {rule.columns}: {error.args[0]}") from error
    return replace(rule, arguments={**rule.arguments, "value_set": values})
