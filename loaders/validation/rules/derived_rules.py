"""The rules that nobody has to write, because they follow from the columns: required, unique, well-formed, known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.contract import Column, ColumnType, LocalizedText, Report
from loaders.model import Severity
from loaders.validation.model.row_rule import DOCUMENT, NOT_NULL, PERIOD_TYPES, UNIQUE, RowRule, key_columns
from loaders.validation.model.type_descriptions import describe_type

_BY_TYPE = {
    ColumnType.USCC: "expect_column_values_to_be_valid_uscc",
    ColumnType.RESIDENT_ID: "expect_column_values_to_be_valid_resident_id",
    ColumnType.PHONE: "expect_column_values_to_be_valid_phone",
}


def derived_rules(report: Report) -> list[RowRule]:
    """The rules that follow from the columns."""
    return list(_derived(report))


def _derived(report: Report) -> Iterator[RowRule]:
    for column in report.columns:
        if column.required:
            yield _on_column(column, NOT_NULL, LocalizedText(zh="必填，不能为空", en="a value; the column is required"))
    if report.key:
        yield _unique(report)
    for column in report.columns:
        expect = _BY_TYPE.get(column.type)
        if expect is not None:
            severity = Severity.WARNING if column.type is ColumnType.PHONE else Severity.ERROR
            yield _on_column(column, expect, _valid_words(column), severity)
        if column.known_in is not None:
            words = LocalizedText(zh=f"{_list_zh(column.known_in)}中的值", en=f"a value of {column.known_in}")
            yield _on_column(column, "expect_column_values_to_be_known_code", words, known_in=column.known_in)


def _unique(report: Report) -> RowRule:
    """A key may have blank parts, and two that are blank in the same part are the same, as in the raw table's own index."""
    columns = [report.column(name) for name in report.key]
    telling = sorted(columns, key=lambda column: column.type in PERIOD_TYPES)
    headers = "、".join(f"“{column.header}”" for column in columns)
    return RowRule(
        UNIQUE,
        {"column_list": [DOCUMENT, *key_columns(report)], "ignore_row_if": "never"},
        tuple(column.name for column in telling),
        Severity.ERROR,
        LocalizedText(zh=f"{headers}在同一份报表中不重复", en=f"{', '.join(report.key)} only once in a document"),
    )


def _on_column(
    column: Column, expect: str, words: LocalizedText, severity: Severity = Severity.ERROR, **arguments: Any
) -> RowRule:
    return RowRule(expect, {"column": column.name, **arguments}, (column.name,), severity, words)


def _valid_words(column: Column) -> LocalizedText:
    words = describe_type(column)
    if column.type in {ColumnType.USCC, ColumnType.RESIDENT_ID}:
        return LocalizedText(zh=f"校验码正确的{words.zh}", en=f"{words.en} with a right check digit")
    return words


def _list_zh(known_in: str) -> str:
    names = {
        "town": "镇（街道）",
        "village": "村（社区）",
        "county": "县（区）",
        "county_or_city": "市、县（区）",
        "zone": "功能区",
    }
    wanted = known_in.removeprefix("divisions.")
    level = names.get(wanted.removesuffix("_name"), wanted)
    return f"本市{level}{'名称' if wanted.endswith('_name') else '代码'}表"
