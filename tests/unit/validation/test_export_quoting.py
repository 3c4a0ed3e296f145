"""Codes that an export protected from the spreadsheet, by the column's type and by their own form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from loaders.model import Severity, ValidationResult
from tests.support.validation.readings import make_report

ValidateRows = Callable[..., ValidationResult]
CODE = {"name": "receipt_code", "header": "票据号"}
ARCHIVE = {"name": "archive", "header": "档案", "names_no_person": True}
REMARK = {"name": "remark", "header": "备注"}
NAME = {"name": "donor_name", "header": "捐赠人"}


def taken(validate_quickly: ValidateRows, column: dict[str, Any], text: str) -> tuple[Any, list[str]]:
    """What is loaded of one cell, and which rules speak of it."""
    result = validate_quickly(make_report(column), {column["name"]: text})
    values = result.accepted.column(column["name"]).to_pylist()
    return (values[0] if values else "rejected"), [issue.rule for issue in result.issues]


@pytest.mark.parametrize("mark", [*"'`‘’＇｀´"])
def test_any_leading_mark_before_a_code_in_a_code_column(validate_quickly: ValidateRows, mark: str) -> None:
    assert taken(validate_quickly, CODE, f"{mark}0000013") == ("0000013", [])


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (CODE, '="0000012"', "0000012"),
        (CODE, '=""00012""', "00012"),
        (CODE, "＝“0752”", "0752"),
        (CODE, '\'="0752"', "0752"),
        (CODE, "'惠民〔2023〕12号", "惠民〔2023〕12号"),
        (ARCHIVE, "'A-01", "A-01"),
        (REMARK, '="0752"', "0752"),
        (NAME, '="张三"', "张三"),
        ({"name": "n", "header": "数", "type": "integer"}, '="0000012"', 12),
        ({"name": "n", "header": "数", "type": "integer"}, "'12", 12),
        ({"name": "n", "header": "数", "type": "decimal"}, "`1,234.5", Decimal("1234.5000")),
        ({"name": "n", "header": "数", "type": "integer"}, "'—", None),
        ({"name": "d", "header": "日", "type": "date"}, '="2023-05-01"', dt.date(2023, 5, 1)),
        ({"name": "d", "header": "日", "type": "date"}, "'2023年5月1日", dt.date(2023, 5, 1)),
        ({"name": "m", "header": "月", "type": "month"}, "’2023-05", "2023-05"),
        ({"name": "b", "header": "否", "type": "boolean"}, "'是", True),
        ({"name": "c", "header": "式", "type": "choice", "choices": ["现金"]}, "'现金", "现金"),
        ({"name": "u", "header": "码", "type": "uscc"}, "'51100000500009247D", "51100000500009247D"),
        ({"name": "v", "header": "区", "type": "division_code"}, '="441302"', "441302"),
    ],
)
def test_what_was_protected_is_read(validate_quickly: ValidateRows, column: dict[str, Any], text: str, value: Any) -> None:
    assert taken(validate_quickly, column, text) == (value, [])


def test_a_key_column(validate_quickly: ValidateRows) -> None:
    result = validate_quickly(
        make_report(), {"visit_code": '="JZ2305002"'}, {"visit_code": "'JZ2305003"}, {"visit_code": "`JZ2305004"}
    )
    assert result.accepted.column("visit_code").to_pylist() == ["JZ2305002", "JZ2305003", "JZ2305004"]
    assert result.issues == ()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (NAME, "'s-Hertogenbosch"),
        (NAME, "O'Neil"),
        (NAME, "'甲'"),
        (NAME, "“甲”"),
        (NAME, "'张三"),
        (REMARK, "'90s"),
        (REMARK, "'23"),
        (REMARK, "'没有"),
        (REMARK, "5' × 6'"),
        (CODE, "A'01"),
        (CODE, "A01'"),
        (CODE, "'A01'"),
        (CODE, "AB-'12"),
        (REMARK, "=>见附件"),
        (REMARK, "=_="),
        (REMARK, "==合计=="),
    ],
)
def test_marks_that_belong_to_a_text_stay(validate_quickly: ValidateRows, column: dict[str, Any], text: str) -> None:
    assert taken(validate_quickly, column, text) == (text, [])


@pytest.mark.parametrize(("text", "value"), [("'0000013", "0000013"), ("`JZ2305004", "JZ2305004"), ("’07521234567", None)])
def test_in_free_text_both_readings_are_reported(validate_quickly: ValidateRows, text: str, value: str | None) -> None:
    result = validate_quickly(make_report(REMARK), {"remark": text})
    marks = [issue for issue in result.issues if issue.rule == "leading_mark"]
    assert [(issue.severity, issue.column, issue.cell) for issue in marks] == [(Severity.WARNING, "remark", "B4")]
    assert f"“{text[0]}”" in marks[0].message_zh
    assert f'"{text[0]}"' in marks[0].message_en
    if value:
        assert result.accepted.column("remark").to_pylist() == [value]
        assert f"“{value}”" in marks[0].message_zh


@pytest.mark.parametrize(
    "text", ["=A1+B1", '=HYPERLINK("x","y")', "=SUM(A1:A9)", "＝A1*2", "='表 1'!A1", '="a"&"b"', "=5+3", '="JZ23']
)
@pytest.mark.parametrize("column", [REMARK, CODE, {"name": "n", "header": "数", "type": "integer"}])
def test_a_formula_is_no_value(validate_quickly: ValidateRows, column: dict[str, Any], text: str) -> None:
    value, rules = taken(validate_quickly, column, text)
    assert (value, rules) == ("rejected", ["formula_text"])
