"""Codes and names that must stand in a list that the city keeps."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import LocalizedText, Report
from loaders.validation.model.row_rule import RowRule, column_rule
from loaders.validation.rules.export_forms import ExportForm, StockForm
from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind

_EXPECT = "expect_column_values_to_be_known_code"
_LEVELS_ZH = {
    "town": "镇（街道）",
    "village": "村（社区）",
    "county": "县（区）",
    "county_or_city": "市、县（区）",
    "zone": "功能区",
}


class _Arguments(Arguments):
    column: str
    known_in: str


def describe(known_in: str) -> LocalizedText:
    """What the column should hold."""
    name = known_in.removeprefix("divisions.")
    level = _LEVELS_ZH.get(name.removesuffix("_name"), name)
    list_zh = f"本市{level}{'名称' if name.endswith('_name') else '代码'}表"
    return LocalizedText(zh=f"{list_zh}中的值", en=f"a value of {known_in}")


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
