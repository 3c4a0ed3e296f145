"""Key conflicts: what happens to a row whose key another document holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg import sql

from loaders.contract import Report
from loaders.warehouse.connection import Connection, fetch_one
from loaders.warehouse.issues.issue_log import IssueLog, RowLocation
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.rows import quarantine
from loaders.warehouse.rows.conflicting_rows import ConflictingRow, conflicting_row
from loaders.warehouse.submission import State, Submission, submissions_by_id


def quarantine_displaced(connection: Connection, report: Report, winner: Submission, rows: Sequence[dict[str, Any]]) -> None:
    """Quarantines rows that were current until `winner` took their keys."""
    owners = submissions_by_id(connection, {row["_submission_id"] for row in rows})
    for number, group in groupby(sorted(rows, key=itemgetter("_submission_id")), key=itemgetter("_submission_id")):
        conflicting = [conflicting_row(report, owners[number], values, winner) for values in group]
        quarantine_rows(connection, report, owners[number], conflicting)
        refresh_counts(connection, number)


def quarantine_rows(
    connection: Connection, report: Report, submission: Submission, conflicting: Sequence[ConflictingRow]
) -> None:
    """Puts rows into quarantine, with an issue each in the ledger."""
    quarantine.upsert_conflicting(connection, submission, conflicting)
    records: dict[RowLocation, str] = {(row.sheet, row.row): row.issue.found or "" for row in conflicting}
    IssueLog(connection, report, submission).write([row.issue for row in conflicting], records)


def refresh_counts(connection: Connection, submission_id: int) -> None:
    """Sets the counts and the state of a current submission by its rows in quarantine."""
    query = "select count(*) as rows_count from quarantine.row where submission_id = %s and state <> 'released'"
    row = fetch_one(connection, query, [submission_id])
    quarantined = int(row["rows_count"]) if row else 0
    change_state(
        connection,
        [submission_id],
        State.ACCEPTED_WITH_REJECTS if quarantined else State.ACCEPTED,
        rows_quarantined=quarantined,
        rows_loaded=sql.SQL("rows_total - rows_furniture - {}").format(sql.Literal(quarantined)),
        state_reason=None,
        superseded_by=None,
    )
