"""A column has no value."""

from __future__ import annotations

from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind

KIND = RuleKind(
    expect="expect_column_values_to_be_null",
    domain=Domain.COLUMN,
    arguments=ColumnArguments,
    check=lambda values, _: values.isna(),
    is_stock=True,
    sees_nulls=True,
)
