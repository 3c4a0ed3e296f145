"""Rules become expectations: the right rows break them, and what cannot be a rule says why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loaders.contract import LocalizedText, Report
from loaders.model import Severity
from loaders.validation.model.row_rule import RowRule, RuleError
from loaders.validation.rules.engines.gx_expectations import EXPECTATIONS
from loaders.validation.rules.engines.gx_suite import GxSuite
from loaders.validation.rules.rule_set import check_rules, rules_of
from tests.support.validation.readings import make_report, make_rule

WORDS = LocalizedText(zh="应当如此", en="it is so")


def rule(expect: str, *columns: str, where: dict[str, tuple[Any, ...]] | None = None, **arguments: Any) -> RowRule:
    return RowRule(expect, arguments, columns, Severity.ERROR, WORDS, where or {})


def broken(frame: dict[str, Any], *rules: RowRule) -> list[list[int]]:
    return [rows.tolist() for rows in GxSuite("visit", rules).run(pd.DataFrame(frame))]


def days(*texts: str | None) -> np.ndarray:
    return np.array([text and dt.date.fromisoformat(text) for text in texts], dtype="datetime64[ns]")


def test_several_rules_are_validated_in_one_run() -> None:
    frame = {"a": [1, 50, 3], "b": pd.array(["x", None, "z"], dtype="str")}
    assert broken(
        frame,
        rule("expect_column_values_to_be_between", "a", column="a", min_value=1, max_value=20),
        rule("expect_column_values_to_not_be_null", "b", column="b"),
        rule("expect_column_values_to_match_regex", "b", column="b", regex="^x"),
    ) == [[1], [1], [2]]


def test_blanks_are_validated_only_by_the_rule_that_asks_for_a_value() -> None:
    assert broken({"a": [np.nan, 5.0]}, rule("expect_column_values_to_be_between", "a", column="a", min_value=9)) == [[1]]


@pytest.mark.parametrize(
    ("values", "chosen", "rows"),
    [
        (pd.array(["甲", "乙", '引"号', None], dtype="str"), ("甲", '引"号'), [0, 2]),
        ([True, False, True, False], (1,), [0, 2]),
        (np.array([True, None, True, False], dtype=object), (1,), [0, 2]),
    ],
)
def test_a_rule_may_hold_for_some_rows_only(values: Any, chosen: tuple[Any, ...], rows: list[int]) -> None:
    frame = {"kind": values, "a": [0, 0, 0, 0]}
    wanted = rule("expect_column_values_to_be_between", "a", column="a", min_value=1, where={"kind": chosen})
    assert broken(frame, wanted) == [rows]


def test_an_expectation_is_made_of_each_kind_that_the_library_lacks() -> None:
    assert {name: expectation.expectation_type for name, expectation in EXPECTATIONS.items()} == {
        name: name for name in EXPECTATIONS
    }
    assert {"expect_column_to_equal_sum", "expect_column_values_to_be_valid_uscc"} <= EXPECTATIONS.keys()


@pytest.mark.parametrize(
    ("kind", "values", "rows"),
    [
        ("uscc", ["52441300MJK000022D", "52441300MJK0000220", None, "52441300MJK000022D"], [1]),
        ("resident_id", ["11010519491231002X", None, "110105194912310020", "441302199002300019"], [2, 3]),
        ("phone", ["13800138000", "0752-2888888", "12000000000", None], [2]),
    ],
)
def test_numbers_with_a_form_of_their_own(kind: str, values: list[str | None], rows: list[int]) -> None:
    frame = {"a": pd.array(values, dtype="str")}
    assert broken(frame, rule(f"expect_column_values_to_be_valid_{kind}", "a", column="a")) == [rows]


def test_known_codes_are_those_of_the_list() -> None:
    known = rule("expect_column_values_to_be_known_code", "a", column="a", known_in="divisions.town", value_set=["甲", "乙"])
    assert broken({"a": pd.array(["甲", "丙", None], dtype="str")}, known) == [[1]]


def test_days_lie_in_the_period_of_their_own_document() -> None:
    frame = {
        "day": days("2023-05-01", "2023-05-31", "2023-06-01", "2023-04-30", None, "2023-06-10"),
        "start": days("2023-05-01", "2023-05-01", "2023-05-01", "2023-05-01", "2023-05-01", "2023-06-01"),
        "end": days("2023-05-31", "2023-05-31", "2023-05-31", "2023-05-31", "2023-05-31", "2023-06-30"),
    }
    listed = {"column_list": ["day", "start", "end"], "ignore_row_if": "any_value_is_missing"}
    assert broken(
        frame,
        rule("expect_column_values_to_be_in_document_period", "day", **listed),
        rule("expect_column_values_to_be_on_or_before_document_period", "day", **listed),
    ) == [[2, 3], [2]]


def test_a_period_of_a_row_lies_in_that_of_the_document_as_a_whole() -> None:
    frame = {
        "first": days("2023-04-01", "2023-05-01"),
        "last": days("2023-06-30", "2023-05-31"),
        "start": days("2023-05-01", "2023-05-01"),
        "end": days("2023-05-31", "2023-05-31"),
    }
    listed = {"column_list": ["first", "last", "start", "end"], "ignore_row_if": "any_value_is_missing"}
    assert broken(frame, rule("expect_column_values_to_be_in_document_period", "first", **listed)) == [[0]]


def test_a_total_equals_its_parts_to_the_last_place_however_large() -> None:
    frame = {
        "total": [100.00, 100.00, 0.30, 20_000_000_000_000.03, np.nan],
        "one": [60.00, 60.01, 0.10, 10_000_000_000_000.01, 1.0],
        "other": [40.00, 40.00, 0.20, 10_000_000_000_000.02, 1.0],
    }
    listed = {"column_list": ["total", "one", "other"], "ignore_row_if": "any_value_is_missing", "tolerance": 0.005}
    assert broken(frame, rule("expect_column_to_equal_sum", "total", **listed)) == [[1]]


WRONG_RULES: list[tuple[dict[str, Any], str]] = [
    (make_rule("expect_nothing_at_all", column="mode"), "there is no rule expect_nothing_at_all"),
    (make_rule("expect_column_values_to_be_between", column="persons", minimum=1), "minimum extra fields not permitted"),
    (make_rule("expect_column_values_to_be_between", column="persons", min_value=9, max_value=1), "could not be run"),
    (make_rule("expect_column_values_to_be_between", column="mode", min_value=1), "must either be None or of the same type"),
    (make_rule("expect_column_values_to_be_between", column="day", min_value="2023-13-01"), "expected dates like 2023-05-31"),
    (make_rule("expect_column_values_to_match_regex", column="mode", regex="(("), "Invalid regular expression"),
    (make_rule("expect_column_sum_to_be_between", column="persons", min_value=1), "judges a whole column, not rows"),
    (make_rule("expect_table_row_count_to_be_between", min_value=1), "names no column"),
    (make_rule("expect_column_values_to_be_unique", column="mode"), "compares rows with one another"),
    (make_rule("expect_column_values_to_match_regex", column="persons", regex="^1"), "judges texts; column persons holds values"),
    (make_rule("expect_column_values_to_be_of_type", column="persons", type_="int"), "which the columns say themselves"),
    (make_rule("expect_column_values_to_be_in_set", column="mode", value_set=["a"], mostly=0.9), "mostly has no effect here"),
    (make_rule("expect_column_values_to_be_known_code", column="mode", known_in="divisions.planet"), "no list divisions.planet"),
    (make_rule("expect_column_to_equal_sum", column="persons"), "at least two columns"),
    (make_rule("expect_column_values_to_be_in_document_period", column="mode"), "could not be run"),
    (make_rule("expect_column_values_to_be_in_document_period", column="day", min_value=1), "takes column, not min_value"),
    (make_rule("expect_column_values_to_be_in_set", column="day", value_set=["soon"]), "expected dates like 2023-05-31"),
]


def report_with(*rules: dict[str, Any]) -> Report:
    return make_report(
        {"name": "mode", "header": "方式"},
        {"name": "persons", "header": "人次", "type": "integer"},
        {"name": "day", "header": "日期", "type": "date"},
        rules=list(rules),
    )


@pytest.mark.parametrize(("wrong", "words"), WRONG_RULES, ids=lambda part: part["expect"] if isinstance(part, dict) else "")
def test_a_rule_that_cannot_validate_rows_says_why(wrong: dict[str, Any], words: str) -> None:
    (fault,) = check_rules(report_with(wrong))
    assert words in fault
    assert fault.startswith("report=visit: ")


def test_all_faults_of_a_contracts_rules_are_reported_at_once() -> None:
    sound = make_rule("expect_column_values_to_be_between", column="day", min_value="2020-01-01")
    assert check_rules(report_with(sound)) == []
    assert len(check_rules(report_with(sound, *(wrong for wrong, _ in WRONG_RULES)))) == len(WRONG_RULES)


def test_an_unknown_list_of_a_column_is_a_fault() -> None:
    report = make_report({"name": "town_name", "header": "镇", "known_in": "divisions.planet_name"})
    (fault,) = check_rules(report)
    assert "no list divisions.planet_name; there are: divisions.province" in fault


def test_a_rule_that_fails_on_the_rows_fails_the_run() -> None:
    suite = GxSuite("visit", [rule("expect_column_values_to_be_between", "a", column="a", min_value=1)])
    with pytest.raises(RuleError, match="report=visit: rule expect_column_values_to_be_between on a could not be run"):
        suite.run(pd.DataFrame({"a": pd.array(["x"], dtype="str")}))


def test_rules_follow_from_the_columns() -> None:
    report = make_report(
        {"name": "host_uscc", "header": "代码", "type": "uscc", "required": True},
        {"name": "phone", "header": "电话", "type": "phone", "pii": "contact"},
        {"name": "town_code", "header": "镇", "type": "division_code", "known_in": "divisions.town"},
    )
    found = [(rule.expect.removeprefix("expect_"), rule.columns, rule.severity.value) for rule in rules_of(report)]
    assert found == [
        ("column_values_to_not_be_null", ("visit_code",), "error"),
        ("column_values_to_not_be_null", ("host_uscc",), "error"),
        ("compound_columns_to_be_unique", ("visit_code",), "error"),
        ("column_values_to_be_valid_uscc", ("host_uscc",), "error"),
        ("column_values_to_be_valid_phone", ("phone",), "warning"),
        ("column_values_to_be_known_code", ("town_code",), "error"),
    ]
