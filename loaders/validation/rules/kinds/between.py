"""A number or a date lies between bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

import pandas as pd
from pydantic import model_validator

from loaders.contract import ColumnType, Report
from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind

Bound = int | float | dt.datetime
_COMPARABLE_TYPES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE})


class _Arguments(Arguments):
    column: str
    min_value: Bound | None = None
    max_value: Bound | None = None
    strict_min: bool | None = None
    strict_max: bool | None = None

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        bounds: list[Any] = [bound for bound in (self.min_value, self.max_value) if bound is not None]
        if not bounds or bounds[0] > bounds[-1]:
            raise ValueError("between needs a bound, and the lower one first")
        return self


def _check(values: pd.Series[Any], settings: Mapping[str, Any]) -> pd.Series[Any]:
    lower, upper = settings["min_value"], settings["max_value"]
    passes = pd.Series(data=True, index=values.index)
    if lower is not None:
        passes &= values > lower if settings["strict_min"] else values >= lower
    if upper is not None:
        passes &= values < upper if settings["strict_max"] else values <= upper
    return passes


def _supports(report: Report, arguments: Mapping[str, Any]) -> bool:
    return report.column(arguments["column"]).type in _COMPARABLE_TYPES


KIND = RuleKind(
    expect="expect_column_values_to_be_between",
    domain=Domain.COLUMN,
    arguments=_Arguments,
    check=_check,
    settings={"min_value": Bound, "max_value": Bound, "strict_min": bool, "strict_max": bool},
    is_stock=True,
    supports=_supports,
)
