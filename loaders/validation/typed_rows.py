"""Accepted and rejected rows of documents as one typed table, for who checks rules with tools of their own.

The columns are those that rules read: each column of the contract (of a personal one its keyed hash only), the period of the
document, first and last day of periods and moments, and whether the row is accepted. A text that is no value of its column's
type is null there, as it is for every rule.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import ROW, SHEET
from loaders.raw_schema import key_name
from loaders.validation.model.documents import ValidationInput
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import DOCUMENT, PERIOD_END, PERIOD_START, first_day, last_day
from loaders.validation.row_validator import BatchOutcome, RowValidator
from loaders.validation.rules.engines.validation_frame import build_validation_frame

IS_ACCEPTED = "_is_accepted"


def typed_rows(
    report: Report, divisions: Divisions, pii_key: bytes, names: Sequence[str], items: Sequence[ValidationInput]
) -> pa.Table:
    """The rows of some documents; `names` tell the documents from one another.

    Raises:
        RuleError: the contract has a rule that cannot be run.
    """
    batch = RowBatch.of(items)
    outcome = RowValidator(report, divisions, pii_key).validate(batch)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        DOCUMENT: pa.array(np.array(names, dtype=object)[batch.document], pa.string()),
        SHEET: batch.rows.column(SHEET),
        ROW: batch.rows.column(ROW).cast(pa.int64()),
        **_days(report, outcome),
        IS_ACCEPTED: pa.array(~outcome.rejected),
    }
    for column in report.columns:
        name = key_name(column) if column.is_personal else column.name
        columns[name] = outcome.typed.stored.get(name, outcome.typed.values[name])
    return pa.table(columns)


def _days(report: Report, outcome: BatchOutcome) -> dict[str, pa.Array]:
    """The helper columns of the validation frame, as dates."""
    helpers = [part(column.name) for column in report.columns for part in (first_day, last_day)]
    frame = build_validation_frame(report, outcome.batch, outcome.typed, helpers)
    names = [PERIOD_START, PERIOD_END, *(name for name in helpers if name in frame)]
    return {name: pa.array(frame[name].to_numpy().astype("datetime64[D]"), pa.date32()) for name in names}
