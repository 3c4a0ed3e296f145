"""A value is one of a few."""

from __future__ import annotations

from typing import Any

from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind


class _Arguments(Arguments):
    column: str
    value_set: list[Any]


KIND = RuleKind(
    expect="expect_column_values_to_be_in_set",
    domain=Domain.COLUMN,
    arguments=_Arguments,
    check=lambda values, settings: values.isin(settings["value_set"]),
    settings={"value_set": list[Any]},
    is_stock=True,
)
