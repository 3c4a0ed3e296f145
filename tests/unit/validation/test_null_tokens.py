"""What means "no value": what clerks write and what programs write, unless it is a value of the column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loaders.contract import NULL_LITERALS, Column
from loaders.model import ValidationResult
from loaders.validation.conversion.null_tokens import null_tokens_of
from tests.support.validation.readings import make_report, make_rule

ValidateRows = Callable[..., ValidationResult]
YES_OR_NO = {"name": "value", "header": "值", "type": "boolean"}
CHOICE = {"name": "value", "header": "值", "type": "choice", "choices": ["有", "无", "NA"], "aliases": {"—": "无", "None": "无"}}


def accepted(validate_quickly: ValidateRows, column: dict[str, Any], *texts: str, **fields: Any) -> list[Any]:
    report = make_report({"name": "value", "header": "值", **column}, **fields)
    result = validate_quickly(report, *[{"value": text} for text in texts])
    assert result.refusal is None
    assert result.rejected.num_rows == 0, result.issues
    return result.accepted.column("value").to_pylist()


@pytest.mark.parametrize("column", [{}, {"type": "integer"}, {"type": "date"}, {"type": "month"}, {"type": "uscc"}])
def test_what_programs_write_for_a_null_is_null(validate_quickly: ValidateRows, column: dict[str, Any]) -> None:
    literals = [*NULL_LITERALS, " NULL ", "\u3000\\N", '="NULL"']
    assert accepted(validate_quickly, column, *literals, null_tokens=[""]) == [None] * len(literals)


def test_other_texts_are_texts(validate_quickly: ValidateRows) -> None:
    texts = ["Nan", "Na", "nano", "NULL岛", "无名", "none.", "\\n", "N", "0", "空", "Noneworthy", "A/N", "'null"]
    assert accepted(validate_quickly, {}, *texts) == texts


def test_the_contract_may_say_otherwise(validate_quickly: ValidateRows) -> None:
    assert accepted(validate_quickly, {"null_literals": []}, "NA", "Null", "—") == ["NA", "Null", None]
    assert accepted(validate_quickly, {}, "NA", "NULL", null_literals=["NULL"]) == ["NA", None]
    assert accepted(validate_quickly, {"null_literals": ["NA"]}, "NA", "NULL", null_literals=[]) == [None, "NULL"]


def test_a_required_column_is_missing_and_a_key_without_it_too(validate_quickly: ValidateRows) -> None:
    report = make_report({"name": "value", "header": "值", "required": True})
    result = validate_quickly(report, {"value": "\\N"}, {"value": "x", "visit_code": "NULL"}, {"value": "x"})
    rules = [(issue.rule, issue.row, issue.column) for issue in result.issues]
    assert rules == [
        ("expect_column_values_to_not_be_null", 4, "value"),
        ("expect_column_values_to_not_be_null", 5, "visit_code"),
    ]


def test_an_optional_null_is_no_news(validate_quickly: ValidateRows) -> None:
    result = validate_quickly(make_report({"name": "value", "header": "值"}), {"value": "NULL"}, {"value": "#N/A"})
    assert result.issues == ()


def test_nobody_has_the_key_of_a_null(validate_quickly: ValidateRows) -> None:
    report = make_report({"name": "donor_name", "header": "捐赠人", "pii": "personal"})
    accepted_rows = validate_quickly(report, {"donor_name": "\\N"}, {"donor_name": "None"}, {"donor_name": "张三"}).accepted
    assert accepted_rows.column("donor_name_masked").to_pylist() == [None, None, "张*"]
    assert [key is None for key in accepted_rows.column("donor_name_key").to_pylist()] == [True, True, False]


def test_a_conditional_rule_sees_the_null(validate_quickly: ValidateRows) -> None:
    rule = make_rule("expect_column_values_to_not_be_null", {"is_restricted": ["是"]}, column="project_code")
    columns = [
        {"name": "is_restricted", "header": "是否定向", "type": "boolean"},
        {"name": "project_code", "header": "项目"},
    ]
    report = make_report(*columns, rules=[rule])
    result = validate_quickly(
        report, {"is_restricted": "是", "project_code": "NULL"}, {"is_restricted": "NULL", "project_code": "NULL"}
    )
    assert [(issue.rule, issue.row) for issue in result.issues] == [("expect_column_values_to_not_be_null", 4)]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (YES_OR_NO, "有", True),
        (YES_OR_NO, "无", False),
        (YES_OR_NO, "0", False),
        (YES_OR_NO, "1", True),
        (YES_OR_NO, "×", False),
        (YES_OR_NO, "/", None),
        (YES_OR_NO, "—", None),
        (YES_OR_NO, "NULL", None),
        (YES_OR_NO, "N/A", None),
        (YES_OR_NO | {"null_tokens": ["无", "/"]}, "无", None),
        (CHOICE, "无", "无"),
        (CHOICE, " 无\u3000", "无"),
        (CHOICE, "NA", "NA"),
        (CHOICE, "None", "无"),
        (CHOICE, "–", "无"),
        (CHOICE, "/", None),
        (CHOICE, "NULL", None),
        (CHOICE | {"null_tokens": ["无"]}, "无", None),
        (CHOICE | {"null_literals": ["NA"]}, "NA", None),
        ({"type": "integer"}, "无", None),
        ({"type": "decimal"}, "—", None),
        ({}, "无", None),
    ],
)
def test_a_word_that_is_a_value_of_the_column_is_that_value(
    validate_quickly: ValidateRows, column: dict[str, Any], text: str, value: Any
) -> None:
    assert accepted(validate_quickly, column, text) == [value]


def test_the_words_of_a_report_are_words_for_each_column_in_its_type() -> None:
    report = make_report({"name": "value", "header": "值"}, null_tokens=["", "0", "无"], null_literals=["N", "NULL"])
    described = {name: Column.model_validate({"name": "a", "header": "甲", "type": name}) for name in ("text", "boolean")}
    assert null_tokens_of(report, described["text"]) == ("", "0", "无", "N", "NULL")
    assert null_tokens_of(report, described["boolean"]) == ("", "NULL")
