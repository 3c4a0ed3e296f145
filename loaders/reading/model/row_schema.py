"""Row schema: the columns of the rows that a reader returns, and the reading of a refused document."""

from __future__ import annotations

import pyarrow as pa

from loaders.contract import Report
from loaders.model import ROW, SHEET, Issue, Reading


def rows_schema(report: Report) -> pa.Schema:
    """Returns the Arrow schema of `Reading.rows` for a report."""
    text = [pa.field(column.name, pa.string()) for column in report.columns]
    return pa.schema([pa.field(SHEET, pa.string()), pa.field(ROW, pa.int32()), *text])


def refused(report: Report, issue: Issue, rows_total: int = 0) -> Reading:
    """Builds the reading of a document that yields no table."""
    return Reading(rows=rows_schema(report).empty_table(), rows_total=rows_total, refusal=issue)
