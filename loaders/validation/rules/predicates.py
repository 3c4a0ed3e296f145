"""Predicates over pandas columns that several rule kinds share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from loaders.validation.model.string_column import Mask


def check_distinct(values: pd.Series[Any], check: Callable[[str], bool]) -> pd.Series[Any]:
    """Whether each value passes a check, which is asked once per distinct value."""
    return check_all_distinct(values, lambda distinct: np.array([check(value) for value in distinct], dtype=bool))


def check_all_distinct(values: pd.Series[Any], check: Callable[[Sequence[str]], Mask]) -> pd.Series[Any]:
    """Whether each value passes a check that takes all distinct values at once."""
    codes, distinct = pd.factorize(values)
    return pd.Series(check(list(distinct))[codes], index=values.index)
