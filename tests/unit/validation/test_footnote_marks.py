"""Values beside footnote marks and several values in one cell, for every type of column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contract import Column
from loaders.divisions import Divisions
from loaders.model import Severity, ValidationResult
from loaders.validation.conversion.cell_parsers import ConversionError, ConversionWarning, parser_for
from tests.support.validation.readings import make_report

NUMBER = {"type": "integer"}
SQUARE = {"type": "decimal", "unit": "平方米"}
CHOSEN = {"type": "choice", "choices": ["入户", "电话"]}
NUMBERED = {"type": "choice", "choices": ["1", "2", "11", "12"]}
PHONE = {"type": "phone", "pii": "contact"}
RESIDENT = {"type": "resident_id", "pii": "personal"}
ACCOUNT = {"type": "bank_account", "pii": "sensitive"}

BESIDE_MARKS: list[tuple[dict[str, Any], str, Any]] = [
    (NUMBER, "4①", 4),
    (NUMBER, "5²", 5),
    (NUMBER, "4¹", 4),
    (NUMBER, "1,234†", 1234),
    (NUMBER, "4件（注1）", 4),
    (NUMBER, "-4[1]", -4),
    (NUMBER, "约4①", 4),
    ({"type": "decimal"}, "2.5万*", Decimal(25_000)),
    (SQUARE, "100m²①", Decimal(100)),
    ({"type": "date"}, "2023-3-1②", dt.date(2023, 3, 1)),
    ({"type": "date"}, "2023年3月1日※", dt.date(2023, 3, 1)),
    ({"type": "datetime"}, "2023-03-01 13:20①", dt.datetime(2023, 3, 1, 13, 20)),  # noqa: DTZ001 - a cell has no time zone
    ({"type": "month"}, "2023年5月¹", "2023-05"),
    ({"type": "quarter"}, "2023年第1季度①", "2023Q1"),
    ({"type": "year"}, "2023²", "2023"),
    ({"type": "boolean"}, "是①", True),
    (CHOSEN, "入户②", "入户"),
    (NUMBERED, "1①", "1"),
    ({"type": "division_code"}, "441302①", "441302"),
    ({"type": "uscc"}, "52441300MJK000022D①", "52441300MJK000022D"),
    (PHONE, "13800138000①", "13800138000"),
    (RESIDENT, "11010519491231002X①", "11010519491231002X"),
    (ACCOUNT, "62220212345678¹", "62220212345678"),
    ({"name": "town_name", "known_in": "divisions.town_name"}, "桥东街道①", "桥东街道"),
    ({"name": "town_name", "known_in": "divisions.town_name"}, "桥东街道*", "桥东街道*"),
    ({"name": "town_name"}, "桥东街道¹", "桥东街道"),
    ({"name": "case_code"}, "AJ-01²", "AJ-01"),
]
HELD_BACK: list[tuple[dict[str, Any], str, str]] = [
    *(
        (NUMBER, text, "type")
        for text in ("①4", "①", "¹", "4⒈", "4₁", "10²", "4（1）", "4）", "4**", "*4", "½", "3½", "4㋀", "Ⅱ")
    ),
    *((NUMBER, text, "type") for text in ("1 . 5", "(1)2", "3五", "三五人", "12-13")),
    *((NUMBER, f"2{gap}3", "several_values") for gap in "\n\t /、；;，\u00a0\u3000\u2003"),
    *((NUMBER, text, "several_values") for text in ("12 345", "1, 234", "2件\n3件", "1 2 3", "二 三", "5/1")),
    (NUMBER, "1\u202f23", "several_values"),
    ({"type": "decimal"}, "1.5 2.5", "several_values"),
    *(({"type": "date"}, text, "several_values") for text in ("2023-03-01/2023-03-05", "2023-03-01\n2023-03-05")),
    *(({"type": "date"}, text, "type") for text in ("2023-3-1 2", "2023年3月1 2日", "①2023-03-01", "5/1")),
    ({"type": "datetime"}, "2023-05-01 13:2 0", "type"),
    ({"type": "month"}, "2023年1 2月", "type"),
    ({"type": "month"}, "2023年1月、2023年2月", "several_values"),
    ({"type": "quarter"}, "2023年第①季度", "type"),
    ({"type": "year"}, "2022 2023", "several_values"),
    ({"type": "boolean"}, "①", "type"),
    (CHOSEN, "入户 电话", "several_values"),
    (NUMBERED, "1 2", "several_values"),
    (NUMBERED, "①", "type"),
    ({"type": "division_code"}, "441302\n441303", "several_values"),
    ({"type": "division_code"}, "44130①", "type"),
    (ACCOUNT, "622202123456789 622202123456780", "several_values"),
    (RESIDENT, "11010519491231002X、11010519491231002X", "several_values"),
    ({"type": "uscc"}, "52441300MJK000022D 52441300MJK000022D", "several_values"),
]
UNTOUCHED: list[tuple[dict[str, Any], str, Any]] = [
    (NUMBER, "3\n", 3),
    (NUMBER, "(4)", -4),
    (NUMBER, "（4）", -4),
    (NUMBER, "1,234", 1234),
    (NUMBER, "１，２３４", 1234),
    (NUMBER, "3 件", 3),
    (NUMBER, "￥ 35", 35),
    (NUMBER, "- 5", -5),
    (NUMBER, "3 万", 30_000),
    (NUMBER, "12\u202f345\u202f678", 12_345_678),
    (NUMBER, "12\u2009345", 12_345),
    (NUMBER, "1\u200b2", 12),
    ({"type": "decimal"}, "12 %", Decimal("0.12")),
    (SQUARE, "100㎡", Decimal(100)),
    (SQUARE, "100m²", Decimal(100)),
    ({"type": "decimal", "unit": "㎡"}, "100平方米", Decimal(100)),
    ({"type": "decimal"}, "3km²", Decimal(3)),
    ({"type": "date"}, "2023 年 5 月 1 日", dt.date(2023, 5, 1)),
    ({"type": "date"}, "2023 - 05 - 01", dt.date(2023, 5, 1)),
    ({"type": "date"}, "2023 05 01", dt.date(2023, 5, 1)),
    ({"type": "date"}, "2023年㋄㏠", dt.date(2023, 5, 1)),
    ({"type": "month"}, "2023 年 5 月", "2023-05"),
    (CHOSEN, "入 户", "入户"),
    ({"type": "choice", "choices": ["①一般", "②困难"]}, "①一般", "①一般"),
    ({"type": "choice", "choices": ["①一般", "②困难"]}, "1一般", "①一般"),
    ({"type": "choice", "choices": ["100㎡以下"]}, "100m²以下", "100㎡以下"),
    ({"type": "choice", "choices": ["Ⅱ级"]}, "II级", "Ⅱ级"),
    (RESIDENT, "1101 0519 4912 3100 2X", "11010519491231002X"),
    (ACCOUNT, "6222 0212 3456 7890 123", "6222021234567890123"),
    (ACCOUNT, "622202 1234567890123", "6222021234567890123"),
    (PHONE, "138 0013 8000", "13800138000"),
    (PHONE, "0752 2888888", "07522888888"),
    (PHONE, "13800138000\n13900139000", "13800138000/13900139000"),
    ({"type": "division_code"}, "441302 112", "441302112"),
    ({}, "同意①，见注1", "同意①，见注1"),
    ({}, "占地120m²", "占地120m²"),
    ({}, "同意¹", "同意¹"),
    ({}, "第一行\n第二行", "第一行\n第二行"),
    ({"name": "group_code"}, "A-①", "A-①"),
    ({"name": "company_name"}, "创意E²", "创意E²"),
    ({"name": "client_name", "pii": "personal"}, "张*", "张*"),
    ({"name": "company_name"}, "①号公司", "①号公司"),
]


def described(fields: dict[str, Any]) -> Column:
    return Column.model_validate({"name": "value", "header": "值", **fields})


@pytest.mark.parametrize(("fields", "text", "value"), BESIDE_MARKS)
def test_a_value_beside_a_mark_is_taken_with_a_warning(
    divisions: Divisions, fields: dict[str, Any], text: str, value: Any
) -> None:
    found = parser_for(described(fields), Decimal(1), divisions)(text)
    if text.endswith("街道*"):  # names end in stars that hide characters
        assert found == value
        return
    assert isinstance(found, ConversionWarning)
    assert (found.value, found.rule) == (value, "footnote_mark")


@pytest.mark.parametrize(("fields", "text", "rule"), HELD_BACK)
def test_what_is_not_certain_is_held_back(divisions: Divisions, fields: dict[str, Any], text: str, rule: str) -> None:
    with pytest.raises(ConversionError) as invalid:
        parser_for(described(fields), Decimal(1), divisions)(text)
    assert invalid.value.rule == rule


@pytest.mark.parametrize(("fields", "text", "value"), UNTOUCHED)
def test_what_is_sound_is_read_without_a_word(divisions: Divisions, fields: dict[str, Any], text: str, value: Any) -> None:
    assert parser_for(described(fields), Decimal(1), divisions)(text) == value


def test_both_readings_are_shown(divisions: Divisions) -> None:
    found = parser_for(described(NUMBER), Decimal(1), divisions)("4①")
    assert isinstance(found, ConversionWarning)
    assert "“①”（已按“4”读取）" in found.expected.zh
    assert '"①" (read as "4")' in found.expected.en
    with pytest.raises(ConversionError) as invalid:
        parser_for(described(NUMBER), Decimal(1), divisions)("2\n3")
    assert "“2”、“3”" in invalid.value.expected.zh


def test_a_name_that_may_end_in_a_mark_stays_and_is_remarked_on(divisions: Divisions) -> None:
    found = parser_for(described({"name": "group_name"}), Decimal(1), divisions)("创业小组①")
    assert isinstance(found, ConversionWarning)
    assert (found.value, found.rule) == ("创业小组①", "mark_in_name")
    assert "去掉后为“创业小组”" in found.expected.zh


def test_full_width_commas_between_half_width_digits_are_remarked_on(divisions: Divisions) -> None:
    found = parser_for(described(NUMBER), Decimal(1), divisions)("100，200")
    assert isinstance(found, ConversionWarning)
    assert (found.value, found.rule) == (100_200, "wide_comma")


@pytest.mark.parametrize("fields", [PHONE, RESIDENT, ACCOUNT])
@pytest.mark.parametrize(
    "text", ["11010519491231002X①", "6222021234567890①", "13800138000 13900139000", "110105194912310021 " * 2]
)
def test_no_message_shows_a_number_of_somebody(divisions: Divisions, fields: dict[str, Any], text: str) -> None:
    try:
        found = parser_for(described(fields), Decimal(1), divisions)(text)
        words = found.expected if isinstance(found, ConversionWarning) else None
    except ConversionError as invalid:
        words = invalid.expected
    assert words is None or not any(part in f"{words.zh}{words.en}" for part in (text[:11], text[:15]))


_MARKS = st.sampled_from("①⑳❶⑴㈠⓪¹²³⁴†‡§※")


@given(st.integers(11, 10**12), _MARKS)
def test_no_number_grows_by_its_mark(number: int, mark: str) -> None:
    for text in (f"{number}{mark}", f"{number:,}{mark}", f"{number}件 {mark}"):
        found = parser_for(described(NUMBER), Decimal(1), Divisions(()))(text)
        assert isinstance(found, ConversionWarning)
        assert found.value == number


@given(
    st.lists(st.integers(0, 10**9), min_size=2, max_size=4),
    st.sampled_from(["\n", " ", "\t", "\u00a0", "\u3000", "、", "/", "；"]),
)
def test_several_numbers_are_never_one(numbers: list[int], gap: str) -> None:
    with pytest.raises(ConversionError):
        parser_for(described(NUMBER), Decimal(1), Divisions(()))(gap.join(map(str, numbers)))


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"]), _MARKS)
def test_no_day_is_changed_by_its_mark(day: dt.date, form: str, mark: str) -> None:
    found = parser_for(described({"type": "date"}), Decimal(1), Divisions(()))(day.strftime(form) + mark)
    assert isinstance(found, ConversionWarning)
    assert found.value == day


def test_rows_are_taken_or_held_back_and_each_cell_is_reported(validate_rows: Callable[..., ValidationResult]) -> None:
    report = make_report(
        {"name": "visit_persons", "header": "人次", "type": "integer"},
        {"name": "town_name", "header": "镇"},
        {"name": "remark", "header": "备注"},
    )
    result = validate_rows(
        report,
        {"visit_persons": "4①", "town_name": "桥东街道", "remark": "见注①"},
        {"visit_persons": "1\n2", "town_name": "桥东街道"},
        {"visit_persons": "12", "town_name": "桥东街道¹"},
        {"visit_persons": "12", "town_name": "桥东街道"},
    )
    assert result.accepted["visit_persons"].to_pylist() == [4, 12, 12]
    assert result.accepted["town_name"].to_pylist() == ["桥东街道"] * 3
    assert result.accepted["remark"].to_pylist() == ["见注①", None, None]
    assert [(issue.rule, issue.severity, issue.cell, issue.found) for issue in result.issues] == [
        ("footnote_mark", Severity.WARNING, "B4", "4①"),
        ("several_values", Severity.ERROR, "B5", "1\n2"),
        ("footnote_mark", Severity.WARNING, "C6", "桥东街道¹"),
    ]
