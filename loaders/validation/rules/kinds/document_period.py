"""Days and periods of a row against the period of its document. A batch holds many documents, so that period is a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loaders.contract import ColumnType, Report, Rule
from loaders.validation.model.row_rule import PERIOD_END, PERIOD_START, PERIOD_TYPES, RowRule, first_day, last_day
from loaders.validation.rules.export_forms import ExportForm, QueryForm, identifier
from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind


def _lies_in_period(columns: pd.DataFrame, _: Mapping[str, Any]) -> pd.Series[Any]:
    """Columns: the day (or first and last day), period start, period end."""
    *days, start, end = (columns.iloc[:, place] for place in range(columns.shape[1]))
    return (days[0] >= start) & (days[-1] <= end)


def _does_not_lie_after_period(columns: pd.DataFrame, _: Mapping[str, Any]) -> pd.Series[Any]:
    return columns.iloc[:, -3] <= columns.iloc[:, -1]


def _compile(report: Report, rule: Rule) -> dict[str, Any]:
    column = report.column(rule.columns[0])
    days = [column.name]
    if column.type in PERIOD_TYPES:
        days = [first_day(column.name), last_day(column.name)]
    elif column.type is ColumnType.DATETIME:
        days = [first_day(column.name)]
    return {"column_list": [*days, PERIOD_START, PERIOD_END], "ignore_row_if": "any_value_is_missing"}


def _export_in_period(rule: RowRule) -> ExportForm:
    *days, start, end = map(identifier, rule.arguments["column_list"])
    return QueryForm(f"({days[0]} < {start} or {days[-1]} > {end})")


def _export_not_after_period(rule: RowRule) -> ExportForm:
    *_, day, _, end = map(identifier, rule.arguments["column_list"])
    return QueryForm(f"{day} > {end}")


IN_PERIOD = RuleKind(
    expect="expect_column_values_to_be_in_document_period",
    domain=Domain.COLUMNS,
    arguments=ColumnArguments,
    check=_lies_in_period,
    names_period=True,
    compile=_compile,
    export=_export_in_period,
)
NOT_AFTER_PERIOD = RuleKind(
    expect="expect_column_values_to_be_on_or_before_document_period",
    domain=Domain.COLUMNS,
    arguments=ColumnArguments,
    check=_does_not_lie_after_period,
    names_period=True,
    compile=_compile,
    export=_export_not_after_period,
)
