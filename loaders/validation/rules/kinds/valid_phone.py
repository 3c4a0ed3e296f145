"""Telephone numbers of the mainland: mobile, landline and service numbers. A wrong one is a warning."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import ColumnType, Report
from loaders.identifiers import is_valid_phone
from loaders.model import Severity
from loaders.validation.model.row_rule import RowRule, column_rule
from loaders.validation.model.type_descriptions import describe_type
from loaders.validation.rules.export_forms import NoStockForm
from loaders.validation.rules.predicates import check_distinct
from loaders.validation.rules.rule_kind import ColumnArguments, Domain, RuleKind

_EXPECT = "expect_column_values_to_be_valid_phone"


def _derive(report: Report) -> Iterator[RowRule]:
    columns = (column for column in report.columns if column.type is ColumnType.PHONE)
    return (column_rule(column, _EXPECT, describe_type(column), Severity.WARNING) for column in columns)


KIND = RuleKind(
    expect=_EXPECT,
    domain=Domain.COLUMN,
    arguments=ColumnArguments,
    check=lambda values, _: check_distinct(values, is_valid_phone),
    derive=_derive,
    export=lambda _: NoStockForm("the number is personal, so the table of rows has its hash only"),
)
