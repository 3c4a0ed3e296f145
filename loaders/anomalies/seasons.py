"""Seasons: the calendar month, and the month of the lunar New Year, which falls into January or February."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEW_YEAR = 0
_HALF_WINDOW = 6


def season_of(month: dt.date, new_years: Collection[dt.date]) -> int:
    """Returns the season of a month, given by its first day: its number, or NEW_YEAR when one of `new_years` falls into it."""
    is_new_year = any((day.year, day.month) == (month.year, month.month) for day in new_years)
    return NEW_YEAR if is_new_year else month.month


def seasonal_effects(logs: Floats, seasons: Sequence[int]) -> tuple[Floats, NDArray[np.int64]]:
    """Returns what the season adds to each value, and from how many other values of the season that is known.

    It is the median, over the other values of the season of all units, of their distance from the half year on both sides. So an
    error does not explain itself. Without another value it is zero.
    """
    distances = logs - _surroundings(logs)
    effects = np.zeros_like(logs)
    counts = np.zeros(logs.shape, dtype=np.int64)
    labels = np.asarray(seasons)
    for season in np.unique(labels):
        months = np.flatnonzero(labels == season)
        block = distances[:, months]
        for unit in range(block.shape[0]):
            for position, month in enumerate(months):
                others = np.delete(block.ravel(), unit * len(months) + position)
                others = others[~np.isnan(others)]
                counts[unit, month] = others.size
                effects[unit, month] = np.median(others) if others.size else 0.0
    return effects, counts


def _surroundings(logs: Floats) -> Floats:
    """The median of the months around each one, without itself; not a number where there are none."""
    result = np.full(logs.shape, np.nan)
    for month in range(logs.shape[1]):
        before = logs[:, max(0, month - _HALF_WINDOW) : month]
        around = np.concatenate([before, logs[:, month + 1 : month + _HALF_WINDOW + 1]], axis=1)
        known = ~np.isnan(around).all(axis=1)
        if known.any():
            result[known, month] = np.nanmedian(around[known], axis=1)
    return result
