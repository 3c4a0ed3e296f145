"""The validation frame: typed Arrow columns as pandas columns on which every rule runs vectorised.

Texts stay in Arrow; whole numbers, decimals and dates become NumPy's own types, because Great Expectations falls back to
validating value by value on any other. A double holds every amount exactly to the fen up to 90 trillion yuan.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import ColumnType, Report
from loaders.period import Period
from loaders.validation.conversion.typed_columns import TypedColumns
from loaders.validation.model.documents import period_of
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import DOCUMENT, PERIOD_END, PERIOD_START, PERIOD_TYPES, first_day, last_day

_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_ANY_DAY = "datetime64[s]"  # nanoseconds end in 2262, and a document's name may say any year


def build_validation_frame(report: Report, batch: RowBatch, typed: TypedColumns, wanted: Collection[str]) -> pd.DataFrame:
    """The columns that the rules read."""
    columns: dict[str, Any] = {name: _column(values) for name, values in typed.values.items() if name in wanted}
    for column in report.columns:
        if column.type in PERIOD_TYPES and first_day(column.name) in wanted:
            columns |= _days(column.name, typed.values[column.name])
        elif column.type is ColumnType.DATETIME and first_day(column.name) in wanted:
            columns[first_day(column.name)] = _column(pc.cast(typed.values[column.name], pa.date32()))
    columns[DOCUMENT] = batch.document
    periods = [period_of(report, item) for item in batch.items]
    for name, day in ((PERIOD_START, "start"), (PERIOD_END, "end")):
        bounds = np.array([getattr(period, day) if period else None for period in periods], dtype=_ANY_DAY)
        columns[name] = bounds[batch.document]
    return pd.DataFrame(columns, copy=False)


def _column(values: pa.Array) -> Any:
    kind = values.type
    if pa.types.is_string(kind):
        return pd.array(values, dtype=_TEXT)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pc.cast(values, pa.timestamp("ns")).to_numpy(zero_copy_only=False)
    if pa.types.is_decimal(kind):
        return pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)
    return values.to_numpy(zero_copy_only=False)


def _days(name: str, values: pa.Array) -> dict[str, Any]:
    encoded = values.dictionary_encode()
    periods = [Period.parse(text) for text in encoded.dictionary.to_pylist()]
    ends = {first_day(name): [period.start for period in periods], last_day(name): [period.end for period in periods]}
    return {helper: _column(pa.array(days, pa.date32()).take(encoded.indices)) for helper, days in ends.items()}
