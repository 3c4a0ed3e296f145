"""Whole columns are converted as their cells would be, one by one, and every fault keeps its rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contract import Column
from loaders.divisions import Divisions
from loaders.model import Severity
from loaders.raw_schema import arrow_type
from loaders.validation.conversion.cell_parsers import ConversionError, ConversionWarning, parser_for
from loaders.validation.conversion.column_casts import convert
from loaders.validation.model.string_column import StringColumn

NOWHERE = Divisions(())
KINDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "integer": (
        {"type": "integer"},
        [
            "0",
            "12",
            "-7",
            "12.0",
            "1,234",
            "约9",
            "0x10",
            "99999999999999",
            "100000000000000",
            "无数",
            "4①",
            "1 2",
            "1\n2",
            "²",
            "1，234",
        ],
    ),
    "decimal": (
        {"type": "decimal", "shape": (12, 2)},
        ["0.5", "12", "1e3", "1.005", "1234567890.12", "12345678901", "+5", ".5", "x", "4.5†", "1 .5", "½"],
    ),
    "date": (
        {"type": "date"},
        ["2023-05-01", "2023/5/1", "2023-02-30", "1023-01-01", "20230501", "明天", "2023-05-01①", "2023-05-0 1"],
    ),
    "datetime": (
        {"type": "datetime"},
        [
            "2023-05-01 13:20",
            "2023-05-31T13:20:05",
            "2023/5/1 13:20",
            "2023-05-01",
            "2023-05-01 25:00",
            "1023-01-01 10:00",
            "明天",
        ],
    ),
    "text": ({}, ["甲", "#REF!", "#1楼", "一 二", "约", "甲①", "甲¹"]),
    "name": (
        {"name": "town_name"},
        ["甲", "#REF!", "甲①", "甲¹", "甲（注1）", "甲[2]", "甲*", "甲（乙）", "m²", "甲㊀", "甲⁽¹⁾"],
    ),
    "code": ({"name": "case_code"}, ["A1", "A①", "A1¹", "甲¹", "#REF!", "A²"]),
    "uscc": ({"type": "uscc"}, ["52441300MJK000022D", "52441300mjk000022d", "4.41302E+17", "甲", "52441300MJK000022D①"]),
    "phone": (
        {"type": "phone", "pii": "contact"},
        ["13800138000", "0752-2888888", "+86 13800138000", "没有", "13800138000①", "13800138000 13900139000"],
    ),
    "boolean": ({"type": "boolean"}, ["是", "否", "√", "也许", "①", "是①"]),
    "choice": ({"type": "choice", "choices": ["入户", "电话"]}, ["入户", "电 话", "飞", "入户²", "入户 电话"]),
}


def described(fields: dict[str, Any]) -> Column:
    return Column.model_validate({"name": "value", "header": "值", **fields})


def one_by_one(column: Column, texts: list[str | None], scale: Decimal) -> tuple[list[Any], set[tuple[int, str]]]:
    parse = parser_for(column, scale, NOWHERE)
    values: list[Any] = []
    issues = set()
    for row, text in enumerate(texts):
        try:
            value = None if text is None else parse(text)
        except ConversionError as invalid:
            value = None
            issues.add((row, invalid.rule))
        if isinstance(value, ConversionWarning):
            issues.add((row, value.rule))
            value = value.value
        values.append(value)
    return pa.array(values, arrow_type(column)).to_pylist(), issues


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)), repeats=st.booleans(), scale=st.sampled_from(["1", "10000"]))
def test_a_column_is_converted_as_its_cells_are(data: st.DataObject, kind: str, repeats: bool, scale: str) -> None:
    fields, texts = KINDS[kind]
    column = described(fields)
    drawn = data.draw(st.lists(st.sampled_from([*texts, None]) | st.sampled_from(texts[:2]), max_size=12))
    rows = drawn * 5 if repeats else drawn
    found = convert(column, StringColumn.of(pa.array(rows, pa.string())), Decimal(scale), NOWHERE)
    values, issues = one_by_one(column, rows, Decimal(scale))
    assert found.values.to_pylist() == values
    assert {(int(row), issue.rule) for issue in found.issues for row in issue.rows} == issues
    assert set(found.invalid().tolist()) == {
        int(row) for issue in found.issues if issue.severity is Severity.ERROR for row in issue.rows
    }


@pytest.mark.parametrize("texts", [[], [None, None], ["2023-05-01"] * 3])
def test_a_column_without_faults_has_none(texts: list[str | None]) -> None:
    found = convert(described({"type": "date"}), StringColumn.of(pa.array(texts, pa.string())), Decimal(1), NOWHERE)
    assert not found.issues
    assert found.values.null_count == texts.count(None)


def test_texts_are_trimmed_and_null_tokens_are_null() -> None:
    texts = StringColumn.of(pa.array([" 甲\u3000", "—", "\u00a0", "", None, "无"])).trimmed().without(("—",))
    assert texts.expand(texts.distinct).to_pylist() == ["甲", None, None, None, None, "无"]


def test_a_repetitive_column_is_kept_by_its_distinct_texts_and_a_key_is_not() -> None:
    repetitive = StringColumn.of(pa.array(["甲", "乙", "甲", None] * 2_000))
    assert repetitive.distinct.to_pylist() == ["甲", "乙"]
    assert repetitive.at(np.array([0, 3, 1])) == ["甲", None, "乙"]
    assert repetitive.rows_of(np.array([1])).tolist()[:3] == [1, 5, 9]
    assert len(repetitive.where(np.arange(8_000) < 3)) == 3
    unique = StringColumn.of(pa.array([str(number) for number in range(8_000)]))
    assert unique.places is None
    assert unique.at(np.array([7])) == ["7"]


@pytest.fixture
def texts_of() -> Callable[[list[str]], StringColumn]:
    return lambda texts: StringColumn.of(pa.array(texts))


def test_one_slow_cell_does_not_change_the_others(texts_of: Callable[[list[str]], StringColumn]) -> None:
    texts = [str(number) for number in range(1_000)]
    texts[500] = "一百二十"
    found = convert(described({"type": "integer"}), texts_of(texts), Decimal(1), NOWHERE)
    assert found.values.to_pylist() == [*range(500), 120, *range(501, 1_000)]
