"""Unified social credit codes (GB 32100-2015): form and both check characters. Whether the prefix is known is not asked."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Column, ColumnType, LocalizedText, Report
from loaders.identifiers import uscc_error
from loaders.messages import phrase
from loaders.validation.model.row_rule import RowRule, column_rule
from loaders.validation.model.type_descriptions import describe_type
from loaders.validation.rules.export_forms import NoStockForm
from loaders.validation.rules.predicates import check_distinct
from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind

_EXPECT = "expect_column_values_to_be_valid_uscc"


def describe(column: Column) -> LocalizedText:
    """What the column should hold."""
    return phrase("expected.right_check_digit", kind=describe_type(column))


def _derive(report: Report) -> Iterator[RowRule]:
    return (column_rule(column, _EXPECT, describe(column)) for column in report.columns if column.type is ColumnType.USCC)


KIND = RuleKind(
    expect=_EXPECT,
    domain=Domain.COLUMN,
    arguments=ColumnArguments,
    check=lambda values, _: check_distinct(values, lambda code: uscc_error(code) is None),
    derive=_derive,
    export=lambda _: NoStockForm("the check characters need arithmetic that no stock expectation does"),
)
