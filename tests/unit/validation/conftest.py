"""The city's divisions and a judge: what the validation tests have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import ValidationResult
from loaders.period import Period
from loaders.validation import ValidationInput, Validator
from tests.support.validation.readings import KEY, make_reading

SEED = Path(__file__).parents[3] / "dbt_project" / "seeds" / "divisions.csv"


@pytest.fixture(scope="session")
def divisions() -> Divisions:
    return Divisions.load(SEED)


@pytest.fixture(scope="session")
def validate_rows(divisions: Divisions) -> Callable[..., ValidationResult]:
    """Judge rows of one document."""
    return _validate_with(divisions, prefer_pandas=False)


@pytest.fixture(scope="session")
def validate_quickly(divisions: Divisions) -> Callable[..., ValidationResult]:
    """Judge rows of one document without the rule engine, with the same verdicts (see `test_quick`)."""
    return _validate_with(divisions, prefer_pandas=True)


def _validate_with(divisions: Divisions, *, prefer_pandas: bool) -> Callable[..., ValidationResult]:
    def validate(
        report: Report,
        *rows: dict[str, str | None],
        period: str | None = "2023-05",
        unit: str = "441302",
        **reading: Any,
    ) -> ValidationResult:
        item = ValidationInput(make_reading(report, rows, **reading), unit, Period.parse(period) if period else None)
        return Validator(report, divisions, KEY, prefer_pandas=prefer_pandas).validate([item])[0]

    return validate
