"""The band in which a month's value is expected, from its own series and those beside it, without the month itself.

Values are compared as `log(1 + value)`, so that a unit ten times as large as another has the same band in percent. Expected is
the level of the months before, plus what the season adds. How wide the band is follows from how far the months of the history
were from what was expected of them; counts that are small by nature have at least the width of a Poisson count. Medians
throughout, so that an error in the history moves neither. A series without seasons is checked without them: their estimate would
only widen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.anomalies.seasons import seasonal_effects

Floats = NDArray[np.float64]

MIN_HISTORY_MONTHS = 12
_LEVEL_MONTHS = 6
_MIN_LEVEL_MONTHS = 3
_MIN_ERRORS = 6
_MAD_TO_DEVIATION = 1.4826
# Nothing is known to less than this share of its value, however regular its history.
_LEAST_DEVIATION = 0.05
# How many months of a unit's own history the other units of the indicator weigh as much as.
_POOLED_WEIGHT = 6.0
# Seasons must make the errors smaller by this factor to be believed.
_SEASON_GAIN = 0.85
# Tails heavier than those of a normal distribution widen the band, lighter ones narrow it down to this factor.
_TAIL_QUANTILE, _NORMAL_TAIL, _LEAST_TAIL = 0.95, 1.96, 0.45


@dataclass(frozen=True)
class Bands:
    """What was expected in a panel; not a number where it cannot be told. All have one row per unit and one column per month.

    `score` is the distance from `expected_log`, in `deviation`s; both are of `log(1 + value)`.
    """

    score: Floats
    expected_log: Floats
    deviation: Floats
    history_months: NDArray[np.int64]


def expected_bands(values: Floats, seasons: Sequence[int]) -> Bands:
    """Returns the bands of a panel.

    Args:
        values: one row per unit, one column per consecutive month, in base units; not a number where nothing was reported.
        seasons: the season of each month (`season_of`).
    """
    logs = np.log1p(values)
    effects, occurrences, levels, errors = _best_fit(logs, seasons)
    history = np.cumsum(~np.isnan(logs), axis=1) - ~np.isnan(logs)
    expected, deviation = np.full(logs.shape, np.nan), np.full(logs.shape, np.nan)
    pooled = _deviation(errors[~np.isnan(errors)])
    for unit, month in zip(*np.nonzero(~np.isnan(levels) & (history >= MIN_HISTORY_MONTHS)), strict=True):
        others = np.delete(errors[unit], month)
        others = others[~np.isnan(others)]
        if others.size < _MIN_ERRORS:
            continue
        expected[unit, month] = levels[unit, month] + effects[unit, month] + np.median(others)
        own = (others.size * _deviation(others) ** 2 + _POOLED_WEIGHT * pooled**2) / (others.size + _POOLED_WEIGHT)
        least = max(_LEAST_DEVIATION**2, 1.0 / (max(np.expm1(expected[unit, month]), 0.0) + 1.0))
        deviation[unit, month] = np.sqrt(max(own, least) * _uncertainty_of_season(occurrences, unit, month))
        if occurrences is not None and occurrences[unit, month] == 0:
            # A season that was not seen before may be any season.
            deviation[unit, month] = np.hypot(deviation[unit, month], np.std(effects))
    deviation *= _tail_factors((logs - expected) / deviation)
    return Bands((logs - expected) / deviation, expected, deviation, history)


def _best_fit(logs: Floats, seasons: Sequence[int]) -> tuple[Floats, NDArray[np.int64] | None, Floats, Floats]:
    """What seasons add, from how many values (None: no seasons), the levels and the errors, with seasons only if they help."""
    flat = np.zeros_like(logs)
    levels = _levels(logs)
    errors = logs - levels
    effects, occurrences = seasonal_effects(logs, seasons)
    seasonal_levels = _levels(logs - effects)
    seasonal_errors = logs - effects - seasonal_levels
    with_season, without = (_deviation(found[~np.isnan(found)]) for found in (seasonal_errors, errors))
    if with_season < _SEASON_GAIN * without:
        return effects, occurrences, seasonal_levels, seasonal_errors
    return flat, None, levels, errors


def _levels(plain: Floats) -> Floats:
    """The median of the last months before each one; not a number before the third."""
    result = np.full(plain.shape, np.nan)
    for unit, row in enumerate(plain):
        reported = np.flatnonzero(~np.isnan(row))
        for month in range(plain.shape[1]):
            before = reported[reported < month][-_LEVEL_MONTHS:]
            if before.size >= _MIN_LEVEL_MONTHS:
                result[unit, month] = np.median(row[before])
    return result


def _deviation(errors: Floats) -> float:
    return float(_MAD_TO_DEVIATION * np.median(np.abs(errors - np.median(errors)))) if errors.size else 0.0


def _uncertainty_of_season(occurrences: NDArray[np.int64] | None, unit: int, month: int) -> float:
    return 1.0 if occurrences is None else 1.0 + 1.0 / max(float(occurrences[unit, month]), 1.0)


def _tail_factors(scores: Floats) -> Floats:
    """How much wider each band must be for the tails of all other scores of the panel."""
    factors = np.ones_like(scores)
    checked = ~np.isnan(scores)
    ordered = np.sort(np.abs(scores[checked]))
    if ordered.size < _MIN_ERRORS:
        return factors
    for unit, month in zip(*np.nonzero(checked), strict=True):
        others = np.delete(ordered, np.searchsorted(ordered, abs(scores[unit, month])))
        factors[unit, month] = max(float(np.quantile(others, _TAIL_QUANTILE)) / _NORMAL_TAIL, _LEAST_TAIL)
    return factors
