"""Quarantined rows: as they were read, personal values masked.

open -> notified -> corrected (by a later document) | reloaded (the same document, validated again) | withdrawn
                 -> released (its key became free: the row is current after all)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa

from loaders.model import ROW, SHEET
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.postgres_limits import sanitize_json
from loaders.warehouse.rows.conflicting_rows import KEY_HELD_ELSEWHERE, ConflictingRow
from loaders.warehouse.submission import Submission

RowLocations = Collection[tuple[str, int]]

_COPY = "copy quarantine.row (submission_id, sheet, row_number, record) from stdin"
_UPSERT_CONFLICTING = """
    insert into quarantine.row (submission_id, sheet, row_number, record, key_holder_id)
    select %s, h.sheet, h.row_number, h.record::jsonb, h.key_holder_id
    from unnest(%s::text[], %s::integer[], %s::text[], %s::bigint[]) as h (sheet, row_number, record, key_holder_id)
    on conflict (submission_id, sheet, row_number) do update
    set state = 'open', record = excluded.record, key_holder_id = excluded.key_holder_id
"""
_SUMMARY = """
    select i.report, i.rule, i.severity, count(*) as issues_count, count(distinct i.submission_id) as documents_count,
        count(n.issue_key) as notified_count,
        string_agg(distinct m.recipient, ', ' order by m.recipient) as recipients
    from ops.issue as i
    left join ops.notified_issue as n on n.issue_key = i.issue_key
    left join ops.notification as m on m.notification_id = n.notification_id
    where i.resolved_at is null
    group by i.report, i.rule, i.severity
    order by i.report, array_position(array['document', 'error', 'warning'], i.severity), issues_count desc, i.rule
"""


def insert_rejected(connection: Connection, documents: Sequence[tuple[Submission, pa.Table]]) -> None:
    """Copies the rows that validation rejected (`_sheet`, `_row`, `record`) into quarantine."""
    if not any(rejected.num_rows for _, rejected in documents):
        return
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for submission, rejected in documents:
            for row in _rows_of(rejected):
                copy.write_row((submission.submission_id, row[SHEET], row[ROW], sanitize_json(row["record"])))


def upsert_conflicting(connection: Connection, submission: Submission, rows: Sequence[ConflictingRow]) -> None:
    """Puts rows with key conflicts into quarantine."""
    if not rows:
        return
    columns = [[getattr(row, name) for row in rows] for name in ("sheet", "row", "record", "key_holder_id")]
    columns[2] = [sanitize_json(record) for record in columns[2]]
    connection.execute(_UPSERT_CONFLICTING, [submission.submission_id, *columns])


def update_key_holders(connection: Connection, submission: Submission, rows: Sequence[ConflictingRow]) -> None:
    """Keeps rows in quarantine, with the submission that holds their key now."""
    query = """
        update quarantine.row as q set key_holder_id = h.key_holder_id
        from unnest(%s::text[], %s::integer[], %s::bigint[]) as h (sheet, row_number, key_holder_id)
        where q.submission_id = %s and q.sheet = h.sheet and q.row_number = h.row_number
    """
    columns = [[getattr(row, name) for row in rows] for name in ("sheet", "row", "key_holder_id")]
    connection.execute(query, [*columns, submission.submission_id])


def release_rows(connection: Connection, submission: Submission, locations: RowLocations) -> None:
    """Marks quarantined rows as current after all, and resolves their issues."""
    sheets, rows = [sheet for sheet, _ in locations], [row for _, row in locations]
    parameters = {"id": submission.submission_id, "sheets": sheets, "rows": rows, "rule": KEY_HELD_ELSEWHERE}
    connection.execute(
        """
        update quarantine.row as q set state = 'released', key_holder_id = null
        from unnest(%(sheets)s::text[], %(rows)s::integer[]) as p (sheet, row_number)
        where q.submission_id = %(id)s and q.sheet = p.sheet and q.row_number = p.row_number
        """,
        parameters,
    )
    connection.execute(
        """
        update ops.issue as i set resolved_at = now()
        from unnest(%(sheets)s::text[], %(rows)s::integer[]) as p (sheet, row_number)
        where i.submission_id = %(id)s and i.sheet = p.sheet and i.row_number = p.row_number
          and i.rule = %(rule)s and i.resolved_at is null
        """,
        parameters,
    )


def close_open_rows(connection: Connection, submission_id: int, state: str) -> None:
    """Closes the open rows of a submission, because another one is current or it is withdrawn."""
    query = "update quarantine.row set state = %s where submission_id = %s and state in ('open', 'notified')"
    connection.execute(query, [state, submission_id])


def delete_conflicting(connection: Connection, submission_id: int) -> None:
    """Deletes a submission's rows with key conflicts and resolves their issues: the conflicts are determined again."""
    connection.execute(
        "update ops.issue set resolved_at = now() where submission_id = %s and rule = %s and resolved_at is null",
        [submission_id, KEY_HELD_ELSEWHERE],
    )
    connection.execute("delete from quarantine.row where submission_id = %s and key_holder_id is not null", [submission_id])


def reopen(connection: Connection, submission_id: int) -> None:
    """Opens the closed rows of a submission again."""
    query = "update quarantine.row set state = 'open' where submission_id = %s and state in ('corrected', 'reloaded')"
    connection.execute(query, [submission_id])
    set_notified(connection, [submission_id])


def set_notified(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Marks rows of submissions as notified whose owner was notified of the same issue in an earlier revision."""
    query = """
        update quarantine.row as q set state = 'notified'
        from ops.issue as i
        inner join ops.notified_issue as n on n.issue_key = i.issue_key
        where i.submission_id = any(%(ids)s) and q.submission_id = i.submission_id and q.state = 'open'
          and q.sheet = i.sheet and q.row_number = i.row_number
    """
    connection.execute(query, {"ids": list(submission_ids)})


def summary(connection: Connection) -> list[dict[str, Any]]:
    """Returns one row per report, rule and severity: counts of issues, documents and notified issues, and the recipients."""
    return fetch_all(connection, _SUMMARY)


def _rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.select([SHEET, ROW, "record"]).to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()
