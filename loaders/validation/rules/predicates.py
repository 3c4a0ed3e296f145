"""Predicates over pandas columns that several rule kinds share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd


def check_distinct(values: pd.Series[Any], check: Callable[[str], bool]) -> pd.Series[Any]:
    """Whether each value passes a check, which is asked once per distinct value."""
    codes, distinct = pd.factorize(values)
    results = pd.Series([check(value) for value in distinct], dtype=bool).to_numpy()
    return pd.Series(results[codes], index=values.index)
