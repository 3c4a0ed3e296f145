"""Codes and names that must stand in a list that the city keeps."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import LocalizedText, Report
from loaders.messages import phrase
from loaders.validation.model.row_rule import RowRule, column_rule
from loaders.validation.rules.export_forms import ExportForm, StockForm
from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind

_EXPECT = "expect_column_values_to_be_known_code"
_LEVELS = frozenset({"town", "village", "county", "county_or_city", "zone"})


class _Arguments(Arguments):
    column: str
    known_in: str


def describe(known_in: str) -> LocalizedText:
    """Describes what the column should hold. A list of a level that has no name of its own is named by its code."""
    name = known_in.removeprefix("divisions.")
    level = name.removesuffix("_name")
    names_or_codes = "divisions.names" if name.endswith("_name") else "divisions.codes"
    listed = phrase(names_or_codes, level=phrase(f"divisions.{level}") if level in _LEVELS else name, known_in=known_in)
    return phrase("expected.known_code", list=listed)


def _derive(report: Report) -> Iterator[RowRule]:
    for column in report.columns:
        if column.known_in is not None:
            yield column_rule(column, _EXPECT, describe(column.known_in), known_in=column.known_in)


def _export(rule: RowRule) -> ExportForm:
    values = {"column": rule.arguments["column"], "value_set": rule.arguments["value_set"]}
    return StockForm("expect_column_values_to_be_in_set", values)


KIND = RuleKind(
    expect=_EXPECT,
    domain=Domain.COLUMN,
    arguments=_Arguments,
    check=lambda values, settings: values.isin(settings["value_set"]),
    settings={"known_in": str, "value_set": list[str]},
    derive=_derive,
    export=_export,
)
