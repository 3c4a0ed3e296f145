"""Anomalies of a panel: one indicator, its units side by side, month by month.

The thresholds were chosen on three seeds of the sample city, and hold on others (`tests/integration/test_anomalies.py`): at most
1 % of the checked values are false alarms, and at least 95 % of values ten times too large or too small, or zero, are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from loaders.anomalies.expected_band import Bands, expected_bands
from loaders.anomalies.kinds import Anomaly, AnomalyKind

Floats = NDArray[np.float64]

# A value is unusual far outside its band, or nearer when it is off by a factor that mistakes of the unit or of a digit make.
_FAR_SCORE = 4.3
_FACTOR_SCORE, _FACTOR = 2.2, 6.0
# From almost nothing, everything is a large factor.
_LEAST_EXPECTED_OF_FACTOR = 5.0
_SHARE_SCORE = 5.0
# A share says something only where several units share, and the others have enough to share.
_MIN_UNITS_OF_SHARE, _MIN_TOTAL_OF_SHARE = 3, 100.0
# How improbable a run of equal values must be.
_RUN_PROBABILITY = 1e-4
_NORMAL_DENSITY = 0.4


@dataclass(frozen=True)
class Panel:
    """The values of one indicator.

    Attributes:
        values: one row per unit, one column per consecutive month; not a number where nothing was reported.
        seasons: the season of each month (`season_of`).
        scale: base units in one unit of the values, 10,000 for 万元. What is small is judged in base units: 0.3 万元 is no count
            that may as well be one or none.
    """

    values: Floats
    seasons: Sequence[int]
    scale: float = 1.0


def find_value_anomalies(panel: Panel) -> list[Anomaly]:
    """Returns what differs from its history, by unit and month; of one value the first kind that explains it."""
    values = panel.values * panel.scale
    bands = expected_bands(values, panel.seasons)
    found: dict[tuple[int, int], Anomaly] = {}
    of_values = (_in_units(one, panel.scale) for one in (*_unusual(values, bands), *_repeated(values, bands)))
    for anomaly in (*of_values, *_share_jumps(values)):
        found.setdefault((anomaly.unit, anomaly.month), anomaly)
    return [found[place] for place in sorted(found)]


def _in_units(anomaly: Anomaly, scale: float) -> Anomaly:
    """The same anomaly with its numbers in the units of the panel instead of base units."""
    numbers = {name: getattr(anomaly, name) / scale for name in ("value", "expected", "low", "high")}
    return replace(anomaly, **numbers)


def _unusual(values: Floats, bands: Bands) -> Iterator[Anomaly]:
    logs = np.log1p(values)
    with np.errstate(invalid="ignore"):
        is_far = np.abs(bands.score) > _FAR_SCORE
        is_factor = (np.abs(bands.score) > _FACTOR_SCORE) & (np.abs(logs - bands.expected_log) > np.log(_FACTOR))
        is_factor &= bands.expected_log > np.log1p(_LEAST_EXPECTED_OF_FACTOR)
    for unit, month in zip(*np.nonzero(is_far | is_factor), strict=True):
        if values[unit, month] > 0:
            yield _anomaly(AnomalyKind.UNUSUAL_VALUE, values, bands, int(unit), int(month))
        elif _is_first_zero(values[unit], month):
            yield _anomaly(AnomalyKind.SUDDEN_ZERO, values, bands, int(unit), int(month))


def _is_first_zero(row: Floats, month: int) -> bool:
    """Whether the month before that was reported was not zero: of a series that ended, the end is told and no more."""
    before = row[:month][~np.isnan(row[:month])]
    return bool(before.size and before[-1] > 0)


def _repeated(values: Floats, bands: Bands) -> Iterator[Anomaly]:
    """Runs of equal values that the spread of the series makes improbable: each month from the one that makes a run so."""
    is_repeat = np.zeros(values.shape, dtype=bool)
    is_repeat[:, 1:] = (values[:, 1:] == values[:, :-1]) & (values[:, 1:] > 0)
    for unit, month in zip(*np.nonzero(is_repeat), strict=True):
        length = _run_length(is_repeat[unit], month)
        spread = bands.deviation[unit, month] * (values[unit, month] + 1.0)
        if np.isnan(spread):
            continue
        chance = max(min(_NORMAL_DENSITY / spread, 1.0), _usual_share(is_repeat, values, unit, month, length))
        if chance**length < _RUN_PROBABILITY:
            yield _anomaly(AnomalyKind.REPEATED_VALUE, values, bands, int(unit), int(month))


def _run_length(is_repeat: NDArray[np.bool_], month: int) -> int:
    """How many repeats in a row end at a month."""
    different = np.flatnonzero(~is_repeat[:month])
    return int(month - different[-1]) if different.size else int(month)


def _usual_share(is_repeat: NDArray[np.bool_], values: Floats, unit: int, month: int, length: int) -> float:
    """How often values are repeated outside of a run: by the unit, or by all units if that is more often."""
    counted = ~np.isnan(values)
    counted[unit, month - length + 1 : month + 1] = False
    repeats = is_repeat & counted
    own = (repeats[unit].sum() + 0.5) / (counted[unit].sum() + 1.0)
    return float(max(own, repeats.sum() / max(counted.sum(), 1)))


def _share_jumps(values: Floats) -> Iterator[Anomaly]:
    """Units whose share of all units is far from what it was: what moves all of them, such as a season, is no jump."""
    if values.shape[0] < _MIN_UNITS_OF_SHARE:
        return
    totals = np.nansum(values, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(totals >= _MIN_TOTAL_OF_SHARE, 100.0 * values / totals, np.nan)
    # A month in which a unit did not report has other shares for all.
    shares[:, np.isnan(values).any(axis=0)] = np.nan
    bands = expected_bands(shares, [1] * shares.shape[1])
    with np.errstate(invalid="ignore"):
        jumps = np.nonzero(np.abs(bands.score) > _SHARE_SCORE)
    for unit, month in zip(*jumps, strict=True):
        yield _anomaly(AnomalyKind.SHARE_JUMP, shares, bands, int(unit), int(month))


def _anomaly(kind: AnomalyKind, values: Floats, bands: Bands, unit: int, month: int) -> Anomaly:
    centre, half = bands.expected_log[unit, month], _FAR_SCORE * bands.deviation[unit, month]
    expected, low, high = (max(float(np.expm1(bound)), 0.0) for bound in (centre, centre - half, centre + half))
    return Anomaly(kind, unit, month, float(values[unit, month]), expected, low, high, int(bands.history_months[unit, month]))
