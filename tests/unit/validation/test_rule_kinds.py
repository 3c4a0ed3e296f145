"""Every registered kind breaks the same rows on pandas and on Great Expectations, whatever the frame."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contract import LocalizedText
from loaders.model import Severity
from loaders.validation.model.row_rule import NOT_NULL, UNIQUE, RowRule
from loaders.validation.rules.engines.gx_suite import GxSuite
from loaders.validation.rules.engines.pandas_suite import PandasSuite
from loaders.validation.rules.registry import rule_kinds

WORDS = LocalizedText(zh="应当如此", en="it is so")
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
DAYS = st.dates(dt.date(2023, 4, 28), dt.date(2023, 6, 3))
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.01, 0.02, 0.03, 1e15, 1e15 + 0.25])
NUMBERS_OF_PEOPLE = ["13800138000", "52441300MJK000022D", "52441300MJK0000220", "11010519491231002X"]
TEXTS = st.sampled_from(["", "甲", "乙1", "51", "x51", *NUMBERS_OF_PEOPLE])
REGEXES = st.sampled_from([{"column": "text", "regex": regex} for regex in ("^51", r"\d$", "甲|乙")])
ANY_COLUMN = st.sampled_from(["text", "number", "other", "day", "last_day", "whole", "flag"])
TEXT_COLUMN = st.just({"column": "text"})


def columns(*names: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({"column_list": list(names), "ignore_row_if": "any_value_is_missing", **more})


def bounds(column: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    strict = {"strict_min": st.booleans(), "strict_max": st.booleans()}
    both = st.tuples(values, values).map(sorted).map(lambda pair: {"column": column, "min_value": pair[0], "max_value": pair[1]})
    one = st.fixed_dictionaries({"column": st.just(column), "min_value": values})
    return st.tuples(both | one, st.fixed_dictionaries({}, optional=strict)).map(lambda parts: parts[0] | parts[1])


PERIODS = columns("day", "start", "end") | columns("day", "last_day", "start", "end")
MOMENTS = DAYS.map(lambda day: dt.datetime.combine(day, dt.time()))
ARGUMENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    NOT_NULL: st.fixed_dictionaries({"column": ANY_COLUMN}),
    "expect_column_values_to_be_null": st.fixed_dictionaries({"column": ANY_COLUMN}),
    UNIQUE: st.lists(ANY_COLUMN, min_size=1, max_size=2, unique=True).map(
        lambda names: {"column_list": ["document", *names], "ignore_row_if": "never"}
    ),
    "expect_column_to_equal_sum": columns("number", "other", "whole", tolerance=0.005),
    "expect_column_values_to_be_in_document_period": PERIODS,
    "expect_column_values_to_be_on_or_before_document_period": PERIODS,
    "expect_column_values_to_be_valid_uscc": TEXT_COLUMN,
    "expect_column_values_to_be_valid_resident_id": TEXT_COLUMN,
    "expect_column_values_to_be_valid_phone": TEXT_COLUMN,
    "expect_column_values_to_be_known_code": st.lists(TEXTS).map(
        lambda known: {"column": "text", "known_in": "divisions.town", "value_set": known}
    ),
    "expect_column_values_to_be_in_set": st.lists(TEXTS, min_size=1).map(lambda known: {"column": "text", "value_set": known})
    | st.lists(st.integers(-3, 3), min_size=1).map(lambda known: {"column": "whole", "value_set": known})
    | st.lists(MOMENTS, min_size=1).map(lambda known: {"column": "day", "value_set": known}),
    "expect_column_values_to_match_regex": REGEXES,
    "expect_column_values_to_not_match_regex": REGEXES,
    "expect_column_values_to_be_between": bounds("number", NUMBERS)
    | bounds("whole", st.integers(-3, 3))
    | bounds("day", MOMENTS),
    "expect_column_pair_values_a_to_be_greater_than_b": st.fixed_dictionaries(
        {
            "column_A": st.sampled_from(["number", "other"]),
            "column_B": st.sampled_from(["number", "whole"]),
            "ignore_row_if": st.just("either_value_is_missing"),
        },
        optional={"or_equal": st.booleans()},
    ),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "document": st.integers(0, 1),
            "text": st.none() | TEXTS,
            "number": st.none() | NUMBERS,
            "other": st.none() | NUMBERS,
            "whole": st.integers(-3, 3),
            "day": st.none() | DAYS,
            "last_day": st.none() | DAYS,
            "start": st.none() | DAYS,
            "end": st.none() | DAYS,
            "flag": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)
CONDITIONS = st.sampled_from([{}, {"text": ("甲", "51")}, {"whole": (0, 1)}])


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows with the column types of a validation frame."""
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("day", "last_day"):
        columns[name] = np.array(columns[name], dtype="datetime64[ns]")
    for name in ("start", "end"):
        columns[name] = np.array(columns[name], dtype="datetime64[s]")
    for name in ("number", "other"):
        columns[name] = np.array(columns[name], dtype=float)
    columns["text"] = pd.array(columns["text"], dtype=TEXT)
    columns["flag"] = np.array(columns["flag"], dtype=object)
    return pd.DataFrame(columns)


def test_every_kind_is_compared() -> None:
    assert ARGUMENTS.keys() == rule_kinds().keys()


@pytest.mark.parametrize("expect", rule_kinds())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_engines_find_the_same_rows(expect: str, data: st.DataObject) -> None:
    frame = frame_of(data.draw(ROWS))
    arguments = data.draw(ARGUMENTS[expect])
    rule = RowRule(expect, arguments, ("text",), Severity.ERROR, WORDS, data.draw(CONDITIONS))
    on_pandas, on_gx = (suite("visit", [rule]).run(frame)[0].tolist() for suite in (PandasSuite, GxSuite))
    assert on_pandas == on_gx
