"""Rows held back: as they were read, personal values masked, with a life of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from loaders.table import ROW, SHEET
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.rows import HeldRow
from loaders.warehouse.submission import Submission

_COPY = "copy quarantine.row (submission_id, sheet, row_number, record) from stdin"
_SUMMARY = """
    select i.report, i.rule, i.severity, count(*) as problems_count, count(distinct i.submission_id) as documents_count,
        count(n.problem_key) as told_count,
        string_agg(distinct m.recipient, ', ' order by m.recipient) as told_to
    from ops.issue as i
    left join ops.notified_problem as n on n.problem_key = i.problem_key
    left join ops.notification as m on m.notification_id = n.notification_id
    group by i.report, i.rule, i.severity
    order by i.report, array_position(array['document', 'error', 'warning'], i.severity), problems_count desc, i.rule
"""


def hold_rejected(connection: Connection, submission: Submission, rejected: pa.Table) -> int:
    """Copy the rows that validation rejected (`_sheet`, `_row`, `record`) into quarantine; the number of rows."""
    batches = rejected.select([SHEET, ROW, "record"]).to_batches(max_chunksize=10_000)
    rows = ((row[SHEET], row[ROW], row["record"]) for batch in batches for row in batch.to_pylist())
    return _hold(connection, submission, rows)


def hold_rows(connection: Connection, submission: Submission, rows: Iterable[HeldRow]) -> int:
    """Copy the rows that the warehouse itself holds back into quarantine; the number of rows."""
    return _hold(connection, submission, ((row.sheet, row.row, row.record) for row in rows))


def summary(connection: Connection) -> list[dict[str, Any]]:
    """One row a report, rule and severity: how many problems, in how many documents, how many told, and to whom."""
    return fetch_all(connection, _SUMMARY)


def _hold(connection: Connection, submission: Submission, rows: Iterator[tuple[str, int, str]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for count, (sheet, row, record) in enumerate(rows, start=1):  # noqa: B007
            copy.write_row((submission.submission_id, sheet, row, _storable(record)))
    return count


def _storable(record: str) -> str:
    # jsonb cannot hold NUL; its picture tells the reader that one was there.
    if "\\u0000" not in record:
        return record
    return json.dumps(_without_nul(json.loads(record)), ensure_ascii=False)


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "␀")
        case dict():
            return {_without_nul(name): _without_nul(part) for name, part in value.items()}
        case list():
            return [_without_nul(part) for part in value]
    return value
