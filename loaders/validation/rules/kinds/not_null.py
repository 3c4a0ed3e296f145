"""A column has a value."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import LocalizedText, Report
from loaders.messages import phrase
from loaders.validation.model.row_rule import NOT_NULL, RowRule, column_rule
from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind


def describe() -> LocalizedText:
    """What a required column should hold."""
    return phrase("expected.required")


def _derive(report: Report) -> Iterator[RowRule]:
    return (column_rule(column, NOT_NULL, describe()) for column in report.columns if column.required)


KIND = RuleKind(
    expect=NOT_NULL,
    domain=Domain.COLUMN,
    arguments=ColumnArguments,
    check=lambda values, _: values.notna(),
    is_stock=True,
    sees_nulls=True,
    derive=_derive,
    rank=0,
)
