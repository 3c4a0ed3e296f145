"""A printed total against its parts, row by row."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (
    MulticolumnMapMetricProvider,
)

from loaders.validation.rules.predicates import equal_sum


class EqualSum(MulticolumnMapMetricProvider):
    """Whether the first column is the sum of the others, within the tolerance."""

    condition_metric_name = "multicolumn_values.equal_sum"
    condition_value_keys = ("tolerance",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, tolerance: float, **_: Any) -> pd.Series[Any]:
        return equal_sum(column_list, tolerance)


class ExpectColumnToEqualSum(MulticolumnMapExpectation):
    """Expect the first column to equal the sum of the others; `tolerance` is half of the last decimal place."""

    tolerance: float
    map_metric: ClassVar[str] = "multicolumn_values.equal_sum"
    success_keys: ClassVar[tuple[str, ...]] = ("tolerance", "mostly")
