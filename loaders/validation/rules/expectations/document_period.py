"""Days and periods of a row against the period of its document. A batch holds many documents, so that period is a column."""

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

from loaders.validation.rules.predicates import in_document_period, on_or_before_document_period


class InDocumentPeriod(MulticolumnMapMetricProvider):
    """Whether first and last day of the value lie in the period."""

    condition_metric_name = "multicolumn_values.in_document_period"

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, **_: Any) -> pd.Series[Any]:
        return in_document_period(column_list)


class OnOrBeforeDocumentPeriod(MulticolumnMapMetricProvider):
    """Whether the value does not lie after the period."""

    condition_metric_name = "multicolumn_values.on_or_before_document_period"

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, **_: Any) -> pd.Series[Any]:
        return on_or_before_document_period(column_list)


class ExpectColumnValuesToBeInDocumentPeriod(MulticolumnMapExpectation):
    """Expect days (or months, quarters, years) that lie in the document's period."""

    map_metric: ClassVar[str] = "multicolumn_values.in_document_period"


class ExpectColumnValuesToBeOnOrBeforeDocumentPeriod(MulticolumnMapExpectation):
    """Expect days (or periods) that do not lie after the document's period."""

    map_metric: ClassVar[str] = "multicolumn_values.on_or_before_document_period"
