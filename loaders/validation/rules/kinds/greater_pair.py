"""A value is greater than another one of its row (an end after a start)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind


class _Arguments(Arguments):
    column_A: str
    column_B: str
    or_equal: bool | None = None
    ignore_row_if: Literal["either_value_is_missing"] = "either_value_is_missing"


def _check(columns: pd.DataFrame, settings: Mapping[str, Any]) -> pd.Series[Any]:
    first, second = columns.iloc[:, 0], columns.iloc[:, -1]
    passes: pd.Series[Any] = first >= second if settings["or_equal"] else first > second
    return passes


KIND = RuleKind(
    expect="expect_column_pair_values_a_to_be_greater_than_b",
    domain=Domain.PAIR,
    arguments=_Arguments,
    check=_check,
    settings={"or_equal": bool},
    is_stock=True,
)
