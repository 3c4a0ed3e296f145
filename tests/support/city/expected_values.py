"""Expected values of every indicator, area and period, computed from the city's truth, to compare with the warehouse's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.settings import PROJECT_ROOT
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, values
from tests.support.city.expected_evidence import Truth, evidence

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
ALL_VALUES = """
    select measure_code, area_code, period_code, value, ytd, to_date from indicators.measure_value
    union all
    select measure_code, area_code, period_code, value, ytd, to_date from indicators.ratio_value
"""
_LAST_PLACE = Decimal("0.000001")


def expected_values(truth: Path, last_month: dt.date) -> dict[Key, Triple]:
    """Computes (value, year to date, to date) by (measure, area, period)."""
    divisions = SEEDS / "divisions.csv"
    rows = evidence(Truth(truth, divisions, PROJECT_ROOT / "sample_city" / "fixed_documents"))
    return values(rows, measures(SEEDS), Areas(divisions), last_month)


def differences(expected: dict[Key, Triple], found: Iterable[tuple[Any, ...]]) -> list[str]:
    """Lists the differences, one line each, at most fifty."""
    ours = {(code, area, period): triple for code, area, period, *triple in found}
    lines = [
        f"{key}: warehouse {ours.get(key)}, by hand {triple}"
        for key, triple in expected.items()
        if not _agree(ours.get(key), triple)
    ]
    lines += [f"{key}: warehouse {ours[key]}, by hand nothing" for key in sorted(ours.keys() - expected.keys())]
    return lines[:50]


def _agree(found: Iterable[Decimal | None] | None, expected: Triple) -> bool:
    return found is not None and all(_is_same(ours, computed) for ours, computed in zip(found, expected, strict=True))


def _is_same(value: Decimal | None, computed: Decimal | None) -> bool:
    if value is None or computed is None:
        return value is computed
    return abs(value - computed) <= _LAST_PLACE
