"""Keys that two documents hold: what happens to the row of the one that loses it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from loaders.contract import Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.issues.issue_log import IssueLog, RowLocation
from loaders.warehouse.rows import quarantine
from loaders.warehouse.rows.conflicting_rows import ConflictingRow, conflicting_row
from loaders.warehouse.submission import Submission, submissions_by_id


def quarantine_displaced(connection: Connection, report: Report, winner: Submission, rows: Sequence[dict[str, Any]]) -> None:
    """Hold rows back that were current until `winner` came, whose key they had."""
    owners = submissions_by_id(connection, {row["_submission_id"] for row in rows})
    for number, group in groupby(sorted(rows, key=itemgetter("_submission_id")), key=itemgetter("_submission_id")):
        conflicting = [conflicting_row(report, owners[number], values, winner) for values in group]
        quarantine_rows(connection, report, owners[number], conflicting)
        refresh_counts(connection, number)


def quarantine_rows(
    connection: Connection, report: Report, submission: Submission, conflicting: Sequence[ConflictingRow]
) -> None:
    """Put rows into quarantine, and say why in the ledger."""
    quarantine.upsert_conflicting(connection, submission, conflicting)
    records: dict[RowLocation, str] = {(row.sheet, row.row): row.issue.found or "" for row in conflicting}
    IssueLog(connection, report, submission).write([row.issue for row in conflicting], records)


def refresh_counts(connection: Connection, submission_id: int) -> None:
    """Bring the ledger's counts and state of a speaking submission up to date with its rows in quarantine."""
    query = """
        with held as (
            select count(*) as rows_count from quarantine.row where submission_id = %(id)s and state <> 'released'
        )
        update ops.submission as s set
            rows_quarantined = held.rows_count,
            rows_loaded = s.rows_total - s.rows_furniture - held.rows_count,
            state = case when held.rows_count > 0 then 'accepted_with_rejects' else 'accepted' end,
            state_reason = null,
            superseded_by = null
        from held
        where s.submission_id = %(id)s
    """
    connection.execute(query, {"id": submission_id})
