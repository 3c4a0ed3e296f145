"""A printed total against its parts, row by row."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics import MulticolumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider import multicolumn_condition_partial


class EqualSum(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """Whether the first column is the sum of the others, within the tolerance."""

    condition_metric_name = "multicolumn_values.equal_sum"
    condition_value_keys = ("tolerance",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, tolerance: float, **_: Any) -> pd.Series[Any]:  # noqa: N805
        difference = column_list.iloc[:, 0] - column_list.iloc[:, 1:].sum(axis=1)
        return difference.abs() < tolerance


class ExpectColumnToEqualSum(MulticolumnMapExpectation):  # type: ignore[misc]
    """Expect the first column to equal the sum of the others; `tolerance` is half of the last decimal place."""

    tolerance: float
    map_metric: ClassVar[str] = "multicolumn_values.equal_sum"
    success_keys: ClassVar[tuple[str, ...]] = ("tolerance", "mostly")
