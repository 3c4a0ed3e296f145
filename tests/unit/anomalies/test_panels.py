"""Planted anomalies in panels whose making is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray

from loaders.anomalies import AnomalyKind, ColumnCounts, Panel, find_column_anomalies, find_value_anomalies, season_of
from loaders.anomalies.seasons import NEW_YEAR

NEW_YEARS = [dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22)]
MONTHS = [dt.date(year, month, 1) for year in (2021, 2022, 2023) for month in range(1, 13)]
SEASONS = [season_of(month, NEW_YEARS) for month in MONTHS]
UNITS = 7


def panel(seed: int = 1, level: float = 300.0) -> NDArray[np.float64]:
    """Seven units that grow, with a third less in the month of the New Year, and 8 % of noise."""
    rng = np.random.default_rng(seed)
    growth = 1.0 + np.arange(36) / 36.0
    season = np.where(np.array(SEASONS) == NEW_YEAR, 0.65, 1.0)
    sizes = level * np.linspace(0.5, 2.0, UNITS)
    return np.round(sizes[:, None] * growth * season * rng.lognormal(0.0, 0.08, (UNITS, 36)))


def kinds(values: NDArray[np.float64]) -> dict[tuple[int, int], AnomalyKind]:
    return {(one.unit, one.month): one.kind for one in find_value_anomalies(Panel(values, SEASONS))}


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_panel_as_it_was_made_has_almost_nothing_to_tell(seed: int) -> None:
    assert len(kinds(panel(seed))) <= 0.01 * UNITS * 24


@pytest.mark.parametrize("month", [14, 24, 35])
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda value: value * 10, AnomalyKind.UNUSUAL_VALUE),
        (lambda value: round(value / 10), AnomalyKind.UNUSUAL_VALUE),
        (lambda value: value * 10_000, AnomalyKind.UNUSUAL_VALUE),
        (lambda value: 0.0, AnomalyKind.SUDDEN_ZERO),
    ],
)
def test_a_planted_value_is_found_with_its_band(month: int, change: object, kind: AnomalyKind) -> None:
    values = panel()
    sound = values[3, month]
    values[3, month] = change(sound)  # type: ignore[operator]

    found = {(one.unit, one.month): one for one in find_value_anomalies(Panel(values, SEASONS))}

    anomaly = found[3, month]
    assert anomaly.kind is kind
    assert anomaly.low <= sound <= anomaly.high
    assert not anomaly.low <= values[3, month] <= anomaly.high
    assert anomaly.history_months == month


def test_the_new_year_is_no_anomaly_and_the_same_dip_in_summer_is() -> None:
    values = panel()
    is_new_year = [month for month, season in enumerate(SEASONS) if season == NEW_YEAR]
    assert not [place for place in kinds(values) if place[1] in is_new_year]
    values[2, 30] *= 0.4
    assert (2, 30) in kinds(values)


def test_a_series_that_ended_is_reported_once() -> None:
    values = panel()
    values[1, 20:] = 0.0
    assert [place for place, kind in kinds(values).items() if kind is AnomalyKind.SUDDEN_ZERO] == [(1, 20)]


def test_a_copied_month_is_found_and_numbers_that_are_small_by_nature_are_not() -> None:
    values = panel()
    values[4, 20:24] = values[4, 20]
    assert kinds(values).get((4, 23)) is AnomalyKind.REPEATED_VALUE
    small = np.tile(np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0]), (UNITS, 6))
    assert kinds(small) == {}


def test_a_share_that_jumps_is_found_although_the_value_itself_is_usual() -> None:
    values = panel()
    values[[0, 1, 2, 3, 4, 6], 30] *= 0.55
    assert kinds(values)[5, 30] is AnomalyKind.SHARE_JUMP


def test_months_that_were_not_reported_are_neither_checked_nor_history() -> None:
    values = panel()
    values[0, 5:12] = np.nan
    values[0, 13] *= 20
    # Of fourteen months, six were reported: too few to tell.
    assert (0, 13) not in kinds(values)


@pytest.mark.parametrize("seed", range(1, 6))
def test_an_amount_in_wan_yuan_is_checked_as_the_same_amount_in_yuan(seed: int) -> None:
    yuan = panel(seed, level=3_000.0)
    yuan[3, 30] *= 10
    yuan[5, 33] = 0.0
    yuan[2, 20:25] = yuan[2, 20]
    by_yuan = find_value_anomalies(Panel(yuan, SEASONS))
    by_wan_yuan = find_value_anomalies(Panel(yuan / 10_000, SEASONS, scale=10_000))
    assert {(3, 30), (5, 33), (2, 24)} <= {(one.unit, one.month) for one in by_wan_yuan}
    assert [(one.kind, one.unit, one.month) for one in by_wan_yuan] == [(one.kind, one.unit, one.month) for one in by_yuan]
    for small, large in zip(by_wan_yuan, by_yuan, strict=True):
        factor = 1 if small.kind is AnomalyKind.SHARE_JUMP else 10_000
        assert [small.value * factor, small.low * factor, small.high * factor] == pytest.approx(
            [large.value, large.low, large.high], rel=1e-6
        )


def test_a_short_history_is_not_checked() -> None:
    values = panel()[:, :12]
    values[:, 11] *= 100
    assert find_value_anomalies(Panel(values, SEASONS[:12])) == []


def test_a_column_that_is_empty_all_at_once_is_found() -> None:
    full = ColumnCounts(rows=40, filled=39, numbers=0, rounded=0)
    empty = ColumnCounts(rows=40, filled=0, numbers=0, rounded=0)
    assert [(one.kind, one.month) for one in find_column_anomalies([full, full, full, empty, full])] == [
        (AnomalyKind.EMPTY_COLUMN, 3)
    ]
    # A column that is filled later, such as the date of an end, was not forgotten before.
    assert find_column_anomalies([empty, empty, full, full]) == []


def test_numbers_that_become_round_are_found() -> None:
    usual = ColumnCounts(rows=60, filled=60, numbers=60, rounded=13)
    rounded = ColumnCounts(rows=60, filled=60, numbers=60, rounded=57)
    assert [(one.kind, one.month) for one in find_column_anomalies([usual, usual, usual, rounded])] == [
        (AnomalyKind.ROUNDED_VALUES, 3)
    ]
    # Money in steps of fifty is round in every document.
    assert find_column_anomalies([rounded] * 5) == []
