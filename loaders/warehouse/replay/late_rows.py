"""Quarantined rows that are loaded later, in one transaction: by a replay, or because a person confirmed them.

Only these rows change: their document stays the same submission, with its other rows as they are, and its counts follow.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.currency.reinstatement import reinstate_waiting
from loaders.warehouse.currency.supersession import supersede_if_no_current_rows
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.issues.overrides import ConfirmedRows, RowPlace, at_places, record_overrides
from loaders.warehouse.ledger.submissions import lock_report
from loaders.warehouse.replay.revalidation import Revalidation, held_rows, places_of
from loaders.warehouse.rows import key_conflicts, quarantine
from loaders.warehouse.rows.conflicting_rows import KEY_HELD_ELSEWHERE, KEY_REPEATED
from loaders.warehouse.rows.row_writer import RowWriter
from loaders.warehouse.submission import CURRENT_STATES, Submission

_ISSUES = """
    select issue_id, issue_key, coalesce(sheet, '') as sheet, row_number from ops.issue
    where submission_id = %s and resolved_at is null and row_number is not null and cross_rule is null and rule <> all(%s)
"""
_RESOLVE = "update ops.issue set resolved_at = now() where issue_id = any(%s)"
_REPLAYED = """
    insert into ops.issue_event (issue_key, report, event, submission_id)
    select distinct k.issue_key, %s, 'replayed', %s::bigint from unnest(%s::text[]) as k (issue_key) order by 1
"""
_RECORD_REPLAYED = """
    insert into ops.replayed_row (submission_id, sheet, row_number)
    select %s, p.* from unnest(%s::text[], %s::integer[]) as p on conflict do nothing
"""
_ADD_ACCEPTED = "update ops.submission set rows_accepted = rows_accepted + %s where submission_id = %s"


class NoLongerCurrent(WarehouseError):
    """A document that another one replaced while it was validated again; nothing of it was changed."""


def lock_current(connection: Connection, report: Report, submission: Submission) -> None:
    """Waits for the lock of the report's loads, and checks that a document still counts.

    Raises:
        NoLongerCurrent: it was superseded or withdrawn meanwhile.
    """
    lock_report(connection, report, "load")
    query = "select from ops.submission where submission_id = %s and state = any(%s)"
    if fetch_one(connection, query, [submission.submission_id, list(CURRENT_STATES)]) is None:
        raise NoLongerCurrent(
            f"submission {submission.submission_id} ({submission.source_uri}) was replaced meanwhile; run it again"
        )


def replay_rows(connection: Connection, report: Report, revalidation: Revalidation, rule: str | None) -> set[RowPlace]:
    """Loads the quarantined rows of a document that pass now, and renews the issues of those that do not.

    Returns:
        The places of the rows that were loaded.

    Raises:
        NoLongerCurrent: the document was superseded or withdrawn meanwhile.
    """
    submission = revalidation.submission
    lock_current(connection, report, submission)
    held = held_rows(connection, submission.submission_id, rule)
    passing = held & revalidation.passing()
    _renew_issues(connection, report, revalidation, held)
    replayed = at_places(revalidation.accepted, passing)
    load_late_rows(connection, report, revalidation, replayed)
    _record_replayed(connection, submission, places_of(replayed))
    confirm_rows(connection, report, revalidation, passing)
    sync_issue_events(connection, report)
    return passing


def confirm_rows(connection: Connection, report: Report, revalidation: Revalidation, places: set[RowPlace]) -> set[RowPlace]:
    """Loads quarantined rows that overrides let pass, among some places. Returns those that were loaded."""
    chosen = at_places(revalidation.confirmed.rows, places)
    found = places_of(chosen)
    decisions = tuple(decision for decision in revalidation.confirmed.decisions if decision[0] in found)
    load_late_rows(connection, report, revalidation, chosen)
    partial = tuple(decision for decision in revalidation.confirmed.partial if decision[0] in places)
    record_overrides(connection, revalidation.submission, ConfirmedRows(chosen, decisions, partial))
    return found


def load_late_rows(connection: Connection, report: Report, revalidation: Revalidation, rows: pa.Table) -> None:
    """Appends rows of a current submission to its raw table, takes them out of quarantine, and counts them as loaded."""
    if rows.num_rows == 0:
        return
    submission = revalidation.submission
    writer = RowWriter(connection, report, submission, None, revalidation.chain)
    conflicting = writer.write(rows)
    quarantine.release_rows(connection, submission, sorted(places_of(rows)))
    key_conflicts.quarantine_rows(connection, report, submission, conflicting)
    connection.execute(_ADD_ACCEPTED, [rows.num_rows, submission.submission_id])
    key_conflicts.refresh_counts(connection, submission.submission_id)
    if report.replaces is Replaces.KEY:
        supersede_if_no_current_rows(connection, report, writer.released_holders, submission)
    reinstate_waiting(connection, report, writer.released_holders)


def _record_replayed(connection: Connection, submission: Submission, places: set[RowPlace]) -> None:
    sheets, rows = [sheet for sheet, _ in places], [row for _, row in places]
    connection.execute(_RECORD_REPLAYED, [submission.submission_id, sheets, rows])


def _renew_issues(connection: Connection, report: Report, revalidation: Revalidation, held: set[RowPlace]) -> None:
    """Resolves the issues of quarantined rows that are no longer found, and adds those that are new."""
    number = revalidation.submission.submission_id
    known = fetch_all(connection, _ISSUES, [number, [KEY_HELD_ELSEWHERE, KEY_REPEATED]])
    before = [row for row in known if (row["sheet"], row["row_number"]) in held]
    now = {
        key: row
        for (issue, key), row in zip(revalidation.issues, revalidation.ledger_rows, strict=True)
        if issue.row is not None and (issue.sheet or "", issue.row) in held
    }
    gone = [row for row in before if row["issue_key"] not in now]
    connection.execute(_RESOLVE, [[row["issue_id"] for row in gone]])
    connection.execute(_REPLAYED, [report.report, number, [row["issue_key"] for row in gone]])
    known_keys = {row["issue_key"] for row in before}
    log = IssueLog(connection, report, revalidation.submission)
    log.write_rows([row for key, row in now.items() if key not in known_keys])
