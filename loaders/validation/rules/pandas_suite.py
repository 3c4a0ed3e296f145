"""The commonest rules judged without Great Expectations, for the check of a document at somebody's desk.

Loading the rule engine takes three seconds, reading and judging a small document a fifth of one. What is judged here is judged
as the engine judges it, by the same pandas operations on the same frame (a test compares the two); a report with any other
rule is judged by the engine. The pipeline always asks the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from loaders.contract import ColumnType, Report
from loaders.identifiers import is_valid_phone, is_valid_resident_id
from loaders.validation.model.row_rule import EQUAL_SUM, NOT_NULL, UNIQUE, RowRule, RuleError
from loaders.validation.rules.predicates import (
    check_distinct,
    equal_sum,
    has_valid_uscc_form,
    in_document_period,
    on_or_before_document_period,
)

Rows = npt.NDArray[np.int64]
Predicate = Callable[[pd.DataFrame, Mapping[str, Any]], "pd.Series[Any]"]

_BETWEEN = "expect_column_values_to_be_between"
_GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
_COMPARABLE_TYPES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE})


class PandasSuite:
    """The rules of one report, all of them of kinds that are judged here (see `can_evaluate`)."""

    def __init__(self, report: str, rules: Sequence[RowRule]) -> None:
        self._report = report
        self.rules = tuple(rules)
        self.columns = frozenset(name for rule in self.rules for name in rule.frame_columns)

    def run(self, frame: pd.DataFrame) -> list[Rows]:
        """The rows (positions in the frame) that break each rule, in the order of the rules.

        Raises:
            RuleError: a rule failed on these rows; nothing is judged then.
        """
        return [self._failing_rows(frame, rule) for rule in self.rules]

    def _failing_rows(self, frame: pd.DataFrame, rule: RowRule) -> Rows:
        for name, values in rule.where.items():
            frame = frame[frame[name].isin(list(values))]
        condition, _ = _PREDICATES[rule.expect]
        try:
            holds = condition(frame, rule.arguments)
        except (TypeError, ValueError) as error:
            where = f"report={self._report}: rule {rule.expect} on {', '.join(rule.columns)}"
            raise RuleError(f"{where} could not be run: {error}") from error
        return np.asarray(holds.index[~holds.to_numpy(dtype=bool, na_value=False)], dtype=np.int64)


def can_evaluate(report: Report, rules: Sequence[RowRule]) -> bool:
    """Whether every rule is of a kind, and takes arguments, that are judged here."""
    return all(_is_known(report, rule) for rule in rules)


def _is_known(report: Report, rule: RowRule) -> bool:
    _, takes = _PREDICATES.get(rule.expect, (None, frozenset()))
    if not takes or not rule.arguments.keys() <= takes:
        return False
    if rule.expect == _BETWEEN:
        return report.column(rule.arguments["column"]).type in _COMPARABLE_TYPES and _are_bounds(rule.arguments)
    if rule.expect == _GREATER:
        return bool(rule.arguments["ignore_row_if"] == "either_value_is_missing")
    return True


def _are_bounds(arguments: Mapping[str, Any]) -> bool:
    bounds = [arguments[name] for name in ("min_value", "max_value") if arguments.get(name) is not None]
    return bool(bounds) and all(isinstance(bound, int | float | dt.datetime) for bound in bounds) and bounds[0] <= bounds[-1]


def _of_values(holds: Callable[..., pd.Series[Any]], *named: str) -> tuple[Predicate, frozenset[str]]:
    """A condition on the values of one column; blanks break it never."""

    def condition(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
        values = frame[arguments["column"]]
        return holds(values[values.notna()], *(arguments.get(name) for name in named))

    return condition, frozenset({"column", *named})


def _of_rows(holds: Callable[..., pd.Series[Any]], *named: str) -> tuple[Predicate, frozenset[str]]:
    """A condition on several columns; a row with a blank in one of them breaks it never."""

    def condition(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
        return holds(frame[list(arguments["column_list"])].dropna(), *(arguments[name] for name in named))

    return condition, frozenset({"column_list", "ignore_row_if", *named})


def _has_value(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
    values: pd.Series[Any] = frame[arguments["column"]]
    return values.notna()


def _has_none(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
    return ~_has_value(frame, arguments)


def _is_unique(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
    return ~frame[list(arguments["column_list"])].duplicated(keep=False)


def _is_greater(frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
    first, second = arguments["column_A"], arguments["column_B"]
    rows = frame[list(dict.fromkeys([first, second]))].dropna()
    holds: pd.Series[Any] = rows[first] >= rows[second] if arguments.get("or_equal") else rows[first] > rows[second]
    return holds


def _is_between(values: pd.Series[Any], least: Any, most: Any, above: bool | None, below: bool | None) -> pd.Series[Any]:
    holds = pd.Series(data=True, index=values.index)
    if least is not None:
        holds &= values > least if above else values >= least
    if most is not None:
        holds &= values < most if below else values <= most
    return holds


def _matches(values: pd.Series[Any], regex: str) -> pd.Series[Any]:
    return values.astype(str).str.contains(regex)


_PREDICATES: Mapping[str, tuple[Predicate, frozenset[str]]] = {
    NOT_NULL: (_has_value, frozenset({"column"})),
    "expect_column_values_to_be_null": (_has_none, frozenset({"column"})),
    UNIQUE: (_is_unique, frozenset({"column_list", "ignore_row_if"})),
    EQUAL_SUM: _of_rows(equal_sum, "tolerance"),
    "expect_column_values_to_be_in_document_period": _of_rows(in_document_period),
    "expect_column_values_to_be_on_or_before_document_period": _of_rows(on_or_before_document_period),
    "expect_column_values_to_be_valid_uscc": _of_values(lambda values: check_distinct(values, has_valid_uscc_form)),
    "expect_column_values_to_be_valid_resident_id": _of_values(lambda values: check_distinct(values, is_valid_resident_id)),
    "expect_column_values_to_be_valid_phone": _of_values(lambda values: check_distinct(values, is_valid_phone)),
    "expect_column_values_to_be_known_code": _of_values(lambda values, known, _: values.isin(known), "value_set", "known_in"),
    "expect_column_values_to_be_in_set": _of_values(lambda values, known: values.isin(known), "value_set"),
    "expect_column_values_to_match_regex": _of_values(_matches, "regex"),
    "expect_column_values_to_not_match_regex": _of_values(lambda values, regex: ~_matches(values, regex), "regex"),
    _BETWEEN: _of_values(_is_between, "min_value", "max_value", "strict_min", "strict_max"),
    _GREATER: (_is_greater, frozenset({"column_A", "column_B", "or_equal", "ignore_row_if"})),
}
