"""Each type reads the forms that its cells take, and refuses the rest with the words of the form."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from loaders.contract import Column, ColumnType
from loaders.divisions import Divisions
from loaders.validation.conversion import column_casts
from loaders.validation.conversion.cell_parsers import ConversionError, ConversionWarning, comparable_form, parser_for
from loaders.validation.model.type_descriptions import describe_type
from tests.support.validation.readings import make_report

READ: list[tuple[dict[str, Any], str, Any]] = [
    ({"type": "integer", "unit": "人次"}, "3.5万人次", 35_000),
    ({"type": "integer"}, "１２", 12),
    ({"type": "integer"}, "198件", 198),
    ({"type": "integer"}, "(1,234)", -1234),
    ({"type": "integer"}, "12.0", 12),
    ({"type": "integer", "unit": "km"}, "12km", 12),
    ({"type": "decimal", "unit": "元"}, "1,945.81万元", Decimal("19458100.0000")),
    ({"type": "decimal", "unit": "元"}, "5元整", Decimal("5.0000")),
    ({"type": "decimal", "unit": "%"}, "12.5%", Decimal("12.5000")),
    ({"type": "decimal"}, "12.5%", Decimal("0.1250")),
    ({"type": "date"}, "二〇二三年五月一日", dt.date(2023, 5, 1)),
    ({"type": "date", "two_digit_year": True}, "23.5.1", dt.date(2023, 5, 1)),
    ({"type": "month"}, "2023年5月", "2023-05"),
    ({"type": "quarter"}, "2023年第一季度", "2023Q1"),
    ({"type": "year"}, "2023年", "2023"),
    ({"type": "boolean"}, "是", True),
    ({"type": "boolean"}, "√", True),
    ({"type": "boolean"}, "ｙ", True),
    ({"type": "boolean"}, "否", False),
    ({"type": "boolean"}, "0", False),
    ({"type": "choice", "choices": ["入户", "其他(注明)"]}, " 其他（注明） ", "其他(注明)"),
    ({"type": "choice", "choices": ["民办非企业单位"], "aliases": {"民非": "民办非企业单位"}}, "民非", "民办非企业单位"),
    ({"type": "uscc"}, "52441300mjk000022d", "52441300MJK000022D"),
    ({"type": "resident_id", "pii": "personal"}, "110105491231002", "11010519491231002X"),
    ({"type": "phone", "pii": "contact"}, "+86 138 0013 8000", "13800138000"),
    ({"type": "bank_account", "pii": "sensitive"}, "6222 0212 3456 7890", "6222021234567890"),
    ({"type": "division_code"}, "441302112000", "441302112"),
    ({"type": "division_code"}, "441302112.0", "441302112"),
    ({"type": "division_code"}, "hz-zk", "HZ-ZK"),
    ({"type": "division_code"}, "440100", "440100"),
    ({}, "#1楼", "#1楼"),
]
UNFIT: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "integer"}, "半小时左右", "type"),
    ({"type": "integer"}, "3.5", "type"),
    ({"type": "integer"}, "3O", "type"),
    ({"type": "integer"}, "二百五", "type"),
    ({"type": "integer", "unit": "人"}, "3元", "type"),
    ({"type": "integer"}, "441302198001010023", "type"),
    ({"type": "integer"}, "#REF!", "error_cell"),
    ({"type": "decimal", "shape": [6, 2]}, "10000", "type"),
    ({"type": "decimal", "shape": [30, 2]}, "100000000000000", "type"),
    ({"type": "decimal", "unit": "元"}, "5美元", "type"),
    ({"type": "date"}, "23.5.1", "type"),
    ({"type": "date"}, "2023-02-30", "type"),
    ({"type": "date"}, "1023-01-01", "type"),
    ({"type": "date"}, "45047", "type"),
    ({"type": "month"}, "2023Q1", "type"),
    ({"type": "month"}, "2023年1-5月", "type"),
    ({"type": "year"}, "2300", "type"),
    ({"type": "date"}, "2300-01-01", "type"),
    ({"type": "boolean"}, "也许", "type"),
    ({"type": "choice", "choices": ["入户"]}, "飞", "type"),
    ({"type": "uscc"}, "4.41302E+17", "damaged_number"),
    ({"type": "resident_id", "pii": "personal"}, "4.41302E+17", "damaged_number"),
    ({"type": "division_code"}, "惠城区", "type"),
    ({}, "#n/a", "error_cell"),
]
DOUBTFUL: list[tuple[dict[str, Any], str, Any, str]] = [
    ({"type": "integer"}, "约120", 120, "approximate"),
    ({"type": "decimal", "unit": "元"}, "1000多万元", Decimal("10000000.0000"), "approximate"),
    ({"type": "decimal", "shape": [12, 2]}, "1.005", Decimal("1.01"), "rounded"),
]


def described(fields: dict[str, Any]) -> Column:
    return Column.model_validate({"name": "value", "header": "值", **fields})


@pytest.mark.parametrize(("fields", "text", "value"), READ)
def test_texts_that_are_values(divisions: Divisions, fields: dict[str, Any], text: str, value: Any) -> None:
    assert parser_for(described(fields), Decimal(1), divisions)(text) == value


@pytest.mark.parametrize(("fields", "text", "rule"), UNFIT)
def test_texts_that_are_none(divisions: Divisions, fields: dict[str, Any], text: str, rule: str) -> None:
    with pytest.raises(ConversionError) as invalid:
        parser_for(described(fields), Decimal(1), divisions)(text)
    assert invalid.value.rule == rule
    assert invalid.value.expected.zh
    assert invalid.value.expected.en


@pytest.mark.parametrize(("fields", "text", "value", "rule"), DOUBTFUL)
def test_texts_that_are_taken_with_a_warning(
    divisions: Divisions, fields: dict[str, Any], text: str, value: Any, rule: str
) -> None:
    found = parser_for(described(fields), Decimal(1), divisions)(text)
    assert isinstance(found, ConversionWarning)
    assert (found.value, found.rule) == (value, rule)


def test_a_cell_that_names_its_own_magnitude_is_not_scaled_again(divisions: Divisions) -> None:
    parse = parser_for(described({"type": "decimal", "unit": "元", "printed_unit": "万元"}), Decimal(10_000), divisions)
    assert [parse(text) for text in ("2.5", "2.5万", "25000元")] == [Decimal(25_000)] * 3


def test_the_words_of_the_form_name_unit_and_choices() -> None:
    assert describe_type(described({"type": "integer", "unit": "人次"})).zh == "整数（人次）"
    assert describe_type(described({"type": "choice", "choices": ["入户", "电话"]})).en == "one of: 入户, 电话"


def test_choices_are_compared_without_what_is_only_writing() -> None:
    assert comparable_form("其他（ A ）") == comparable_form("其他(a)")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("45078", "填的像是日期序号，请把单元格格式设为日期"),
        ("23.6.1", "年份须写四位"),
        ("23年6月1日", "年份须写四位"),
        ("2021年3月", "须写到日"),
        ("去年六月", None),
    ],
)
def test_a_text_that_is_no_date_is_reported_why(text: str, hint: str | None) -> None:
    column = make_report({"name": "opened_date", "header": "日期", "type": "date"}).column("opened_date")
    with pytest.raises(ConversionError) as invalid:
        parser_for(column, Decimal(1), Divisions(()))(text)
    assert invalid.value.expected.zh == "日期，如2023-05-31" + (f"（{hint}）" if hint else "")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("123456789012345678.45", (20, 2)),
        ("-123456789012345678.45", (20, 2)),
        ("12345678901234567890123456789012345.678", (38, 3)),
    ],
)
def test_a_long_number_is_an_amount_where_the_contract_says_that_it_names_no_person(text: str, shape: tuple[int, int]) -> None:
    guarded = Column(name="a", header="a", type=ColumnType.DECIMAL, shape=shape)
    with pytest.raises(ConversionError) as error:
        parser_for(guarded, Decimal(1), Divisions(()))(text)
    assert "最多14位" in error.value.expected.zh and "names_no_person: true" in error.value.expected.en
    column = guarded.model_copy(update={"names_no_person": True})
    assert parser_for(column, Decimal(1), Divisions(()))(text) == Decimal(text)
    assert column_casts._cast_decimal(pa.array([text]), column, Decimal(1)).to_pylist() == [Decimal(text)]
    with pytest.raises(ConversionError) as error:
        parser_for(column, Decimal(1), Divisions(()))("1" * 39)
    assert f"最多{shape[0] - shape[1]}位、后最多{shape[1]}位" in error.value.expected.zh
