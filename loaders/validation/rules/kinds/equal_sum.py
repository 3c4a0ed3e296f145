"""A printed total equals the sum of its parts, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from loaders.contract import ColumnType, Report, Rule
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.export_forms import ExportForm, QueryForm, identifier
from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind


class _Arguments(Arguments):
    column: str
    addends: list[str] = Field(default_factory=list, validate_default=True)

    @field_validator("addends")
    @classmethod
    def _require_addend(cls, addends: list[str]) -> list[str]:
        if not addends:
            raise ValueError("a sum needs at least two columns: column, and one of addends")
        return addends


def _check(columns: pd.DataFrame, settings: Mapping[str, Any]) -> pd.Series[Any]:
    total, parts = columns.iloc[:, 0], columns.iloc[:, 1:]
    # Large amounts are doubles that are not exact to the last place; each addition may lose as much again.
    lost = np.spacing(total.abs().astype(float)) * columns.shape[1]
    is_equal: pd.Series[Any] = (total - parts.sum(axis=1)).abs() < settings["tolerance"] + lost
    return is_equal


def _compile(report: Report, rule: Rule) -> dict[str, Any]:
    column = report.column(rule.columns[0])
    places = column.shape[1] if column.type is ColumnType.DECIMAL else 0
    tolerance = float(Decimal(1).scaleb(-places) / 2)
    return {"column_list": list(rule.columns), "tolerance": tolerance, "ignore_row_if": "any_value_is_missing"}


def _export(rule: RowRule) -> ExportForm:
    total, *parts = map(identifier, rule.arguments["column_list"])
    return QueryForm(f"abs({total} - ({' + '.join(parts)})) >= {rule.arguments['tolerance']}")


KIND = RuleKind(
    expect="expect_column_to_equal_sum",
    domain=Domain.COLUMNS,
    arguments=_Arguments,
    check=_check,
    settings={"tolerance": float},
    compile=_compile,
    export=_export,
)
