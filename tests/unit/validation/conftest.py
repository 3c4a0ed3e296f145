"""The city's divisions and a judge: what the validation tests have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.table import Verdict
from loaders.validation import Judge, Judgeable
from tests.unit.validation.making import KEY, make_reading

SEED = Path(__file__).parents[3] / "dbt_project" / "seeds" / "divisions.csv"


@pytest.fixture(scope="session")
def divisions() -> Divisions:
    return Divisions.load(SEED)


@pytest.fixture(scope="session")
def judge_rows(divisions: Divisions) -> Callable[..., Verdict]:
    """Judge rows of one document."""
    return _judging(divisions, quick=False)


@pytest.fixture(scope="session")
def judge_quickly(divisions: Divisions) -> Callable[..., Verdict]:
    """Judge rows of one document without the rule engine, with the same verdicts (see `test_quick`)."""
    return _judging(divisions, quick=True)


def _judging(divisions: Divisions, *, quick: bool) -> Callable[..., Verdict]:
    def judge(
        report: Report,
        *rows: dict[str, str | None],
        period: str | None = "2023-05",
        unit: str = "441302",
        **reading: Any,
    ) -> Verdict:
        item = Judgeable(make_reading(report, rows, **reading), unit, Period.parse(period) if period else None)
        return Judge(report, divisions, KEY, quick=quick).judge([item])[0]

    return judge
