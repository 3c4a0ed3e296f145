"""Credit codes (GB 32100-2015), resident identity numbers (GB 11643) and telephone numbers, checked once per distinct value."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider

from loaders.identifiers import is_valid_phone, is_valid_resident_id
from loaders.validation.rules.predicates import check_distinct, has_valid_uscc_form


class ValidUscc(ColumnMapMetricProvider):
    """Whether each value is a credit code with both check characters right."""

    condition_metric_name = "column_values.valid_uscc"

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], **_: Any) -> pd.Series[Any]:
        return check_distinct(column, has_valid_uscc_form)


class ValidResidentId(ColumnMapMetricProvider):
    """Whether each value is a resident's number: check digit and birthday. The region is not judged."""

    condition_metric_name = "column_values.valid_resident_id"

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], **_: Any) -> pd.Series[Any]:
        return check_distinct(column, is_valid_resident_id)


class ValidPhone(ColumnMapMetricProvider):
    """Whether each value is a mobile, landline or service number."""

    condition_metric_name = "column_values.valid_phone"

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], **_: Any) -> pd.Series[Any]:
        return check_distinct(column, is_valid_phone)


class ExpectColumnValuesToBeValidUscc(ColumnMapExpectation):
    """Expect credit codes whose outer and inner check characters are right."""

    map_metric: ClassVar[str] = "column_values.valid_uscc"


class ExpectColumnValuesToBeValidResidentId(ColumnMapExpectation):
    """Expect resident identity numbers with a right check digit and a real birthday."""

    map_metric: ClassVar[str] = "column_values.valid_resident_id"


class ExpectColumnValuesToBeValidPhone(ColumnMapExpectation):
    """Expect telephone numbers of the mainland."""

    map_metric: ClassVar[str] = "column_values.valid_phone"
