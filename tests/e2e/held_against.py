"""The warehouse's values held against those computed by hand from the city's truth, for every indicator, area and period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.settings import PROJECT_ROOT
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, values
from tests.e2e.evidence_by_hand import Truth, evidence

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
ALL_VALUES = """
    select measure_code, area_code, period_code, value, ytd, to_date from indicators.measure_value
    union all
    select measure_code, area_code, period_code, value, ytd, to_date from indicators.ratio_value
"""
_LAST_PLACE = Decimal("0.000001")


def expected_values(truth: Path, last_month: dt.date) -> dict[Key, Triple]:
    """(value, year to date, to date) by (measure, area, period), by hand."""
    divisions = SEEDS / "divisions.csv"
    rows = evidence(Truth(truth, divisions, PROJECT_ROOT / "sample_city" / "given"))
    return values(rows, measures(SEEDS), Areas(divisions), last_month)


def differences(expected: dict[Key, Triple], found: Iterable[tuple[Any, ...]]) -> list[str]:
    """Where the two disagree, one line each, at most fifty."""
    ours = {(code, area, period): triple for code, area, period, *triple in found}
    lines = [
        f"{key}: warehouse {ours.get(key)}, by hand {triple}"
        for key, triple in expected.items()
        if not _agree(ours.get(key), triple)
    ]
    lines += [f"{key}: warehouse {ours[key]}, by hand nothing" for key in sorted(ours.keys() - expected.keys())]
    return lines[:50]


def _agree(found: Iterable[Decimal | None] | None, expected: Triple) -> bool:
    return found is not None and all(_is_same(ours, ours_by_hand) for ours, ours_by_hand in zip(found, expected, strict=True))


def _is_same(value: Decimal | None, by_hand: Decimal | None) -> bool:
    if value is None or by_hand is None:
        return value is by_hand
    return abs(value - by_hand) <= _LAST_PLACE
