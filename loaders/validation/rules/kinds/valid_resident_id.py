"""Resident identity numbers (GB 11643): check digit and birthday. The region is not checked."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Column, ColumnType, LocalizedText, Report
from loaders.messages import phrase
from loaders.validation.model.row_rule import RowRule, column_rule
from loaders.validation.model.type_descriptions import describe_type
from loaders.validation.rules.export_forms import NoStockForm
from loaders.validation.rules.predicates import check_all_distinct
from loaders.validation.rules.resident_id_check import are_resident_ids
from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind

_EXPECT = "expect_column_values_to_be_valid_resident_id"


def describe(column: Column) -> LocalizedText:
    """What the column should hold."""
    return phrase("expected.right_check_digit", kind=describe_type(column))


def _derive(report: Report) -> Iterator[RowRule]:
    columns = (column for column in report.columns if column.type is ColumnType.RESIDENT_ID)
    return (column_rule(column, _EXPECT, describe(column)) for column in columns)


KIND = RuleKind(
    expect=_EXPECT,
    domain=Domain.COLUMN,
    arguments=ColumnArguments,
    check=lambda values, _: check_all_distinct(values, are_resident_ids),
    derive=_derive,
    export=lambda _: NoStockForm("the number is personal, so the table of rows has its hash only"),
)
