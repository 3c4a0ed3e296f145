"""The conditions of the project's own rules over pandas columns: the one place that says when a row breaks them.

Nothing here needs Great Expectations; `expectations` makes expectations of them, and `quick` judges by them directly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from loaders.identifiers import uscc_error


def in_document_period(columns: pd.DataFrame) -> pd.Series[Any]:
    """Whether first and last day of the value lie in the period. Columns: the day (or both days), period start, period end."""
    *days, start, end = (columns.iloc[:, place] for place in range(columns.shape[1]))
    return (days[0] >= start) & (days[-1] <= end)


def on_or_before_document_period(columns: pd.DataFrame) -> pd.Series[Any]:
    """Whether the value does not lie after the period. Columns as above."""
    return columns.iloc[:, -3] <= columns.iloc[:, -1]


def equal_sum(columns: pd.DataFrame, tolerance: float) -> pd.Series[Any]:
    """Whether the first column is the sum of the others, within the tolerance."""
    total, parts = columns.iloc[:, 0], columns.iloc[:, 1:]
    # Large amounts are doubles that are not exact to the last place; each addition may lose as much again.
    lost = np.spacing(total.abs().astype(float)) * columns.shape[1]
    return (total - parts.sum(axis=1)).abs() < tolerance + lost


def check_distinct(values: pd.Series[Any], check: Callable[[str], bool]) -> pd.Series[Any]:
    """Whether each value passes a check, which is asked once per distinct value."""
    codes, distinct = pd.factorize(values)
    results = pd.Series([check(value) for value in distinct], dtype=bool).to_numpy()
    return pd.Series(results[codes], index=values.index)


def has_valid_uscc_form(code: str) -> bool:
    """Whether a credit code has its form and both check characters. Whether its prefix is known is not asked: lists grow."""
    return uscc_error(code) is None
