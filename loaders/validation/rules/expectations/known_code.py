"""Codes and names that must stand in a list that the city keeps."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider


class KnownCode(ColumnMapMetricProvider):
    """Whether each value stands in the list."""

    condition_metric_name = "column_values.known_code"
    condition_value_keys = ("value_set",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], value_set: list[str], **_: Any) -> pd.Series[Any]:
        return column.isin(value_set)


class ExpectColumnValuesToBeKnownCode(ColumnMapExpectation):
    """Expect values of a list; `known_in` is the list's name, `value_set` what it holds."""

    known_in: str
    value_set: list[str]
    map_metric: ClassVar[str] = "column_values.known_code"
    success_keys: ClassVar[tuple[str, ...]] = ("value_set", "mostly")
