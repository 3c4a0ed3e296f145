"""Which submission is current in a scope, and how one submission supersedes another. It never depends on the order of arrival.

Within a scope the submission with the greatest precedence is current; the rows of all others are closed. The contract's
`replaces` defines the scope: the unit's period, the unit's register, one key, or (for an event log) the one document, which only
its own later versions replace.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from psycopg import sql

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.rows import quarantine
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import CURRENT_STATES, State, Submission

_SCOPES = {
    Replaces.PERIOD: "s.unit_code = %(unit)s and s.period = %(period)s",
    Replaces.REGISTER: "s.unit_code = %(unit)s",
    Replaces.NOTHING: "s.source_uri = %(uri)s",
}
# Of a document that was validated more than once, only the last submission counts.
NEWEST_REVISION = """
    not exists (
        select from ops.submission as newer
        where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
          and newer.submission_id > s.submission_id and newer.state <> 'landed'
    )
"""


def current_submission(connection: Connection, report: Report, submission: Submission) -> Submission | None:
    """Returns the current submission in the scope of this one; None when the scope is empty, or each key is one."""
    rows = in_scope(connection, report, submission, "s.state = any(%(current_states)s)")
    return _greatest(rows)


def next_submission(connection: Connection, report: Report, submission: Submission) -> Submission | None:
    """Returns the superseded submission with the greatest precedence in the scope of this one."""
    condition = f"s.submission_id <> %(id)s and s.state = 'superseded' and {NEWEST_REVISION}"
    return _greatest(in_scope(connection, report, submission, condition))


def is_only_document(connection: Connection, report: Report, submission: Submission) -> bool:
    """Returns whether no other document of the same scope was validated yet."""
    scope = _SCOPES.get(report.replaces)
    if scope is None:
        return True
    query = f"""
        select from ops.submission as s
        where s.report = %(report)s and {scope} and s.submission_id <> %(id)s and s.state <> 'landed' limit 1
    """
    return fetch_one(connection, query, _scope_of(report, submission)) is None


def is_newest(alias: str) -> str:
    """Returns the SQL condition that a submission is the last of its document, even if the last one waits to be loaded.

    A duplicate that was loaded before stays one when it is promoted: a new submission is validated instead.
    """
    return f"""not exists (
        select from ops.submission as newer
        where newer.report = {alias}.report and newer.source_uri = {alias}.source_uri and newer.sha256 = {alias}.sha256
          and newer.submission_id > {alias}.submission_id
    )"""


def in_scope(connection: Connection, report: Report, submission: Submission, condition: str) -> list[dict[str, Any]]:
    """Returns the submissions in the scope of this one for which a condition on `s` holds."""
    scope = _SCOPES.get(report.replaces)
    if scope is None:
        return []
    query = f"""
        select s.* from ops.submission as s
        where s.report = %(report)s and {scope} and {condition}
    """  # noqa: S608 - scope and condition are texts of this package
    return fetch_all(connection, query, _scope_of(report, submission))


def _scope_of(report: Report, submission: Submission) -> dict[str, Any]:
    return {
        "report": report.report,
        "id": submission.submission_id,
        "unit": submission.unit_code,
        "period": str(submission.period) if submission.period else None,
        "uri": submission.source_uri,
        "current_states": list(CURRENT_STATES),
    }


def supersede(connection: Connection, report: Report, old: Submission, new: Submission, state: State = State.SUPERSEDED) -> None:
    """Closes the current rows of a submission and marks it as superseded; its quarantined rows are corrected by the new one."""
    close_rows(connection, report, old, new)
    record_supersession(connection, old, new, state)


def close_rows(connection: Connection, report: Report, old: Submission, new: Submission | None) -> None:
    """Closes the current rows of a submission because of another one, or (None) because it has gone from its source."""
    # Written so that no plan takes the index of current rows, which are all rows of the table when a report is loaded first.
    statement = """
        update {} set _superseded_at = now(), _superseded_by = %s
        where _submission_id = %s and coalesce(_superseded_at, 'infinity') = 'infinity'
    """
    number = None if new is None else new.submission_id
    connection.execute(sql.SQL(statement).format(table_of(report)), [number, old.submission_id])


def record_supersession(connection: Connection, old: Submission, new: Submission, state: State = State.SUPERSEDED) -> None:
    """Writes into ledger and quarantine that another submission is current instead."""
    column = "duplicate_of" if state is State.DUPLICATE else "superseded_by"
    change_state(connection, [old.submission_id], state, **{column: new.submission_id})
    is_same = (old.source_uri, old.sha256) == (new.source_uri, new.sha256)
    quarantine.close_open_rows(connection, old.submission_id, "reloaded" if is_same else "corrected")


def supersede_if_no_current_rows(connection: Connection, report: Report, ids: Collection[int], new: Submission) -> bool:
    """Marks those submissions superseded that have no current row left (where each key is its own scope).

    Returns:
        Whether there were any.
    """
    query = """
        select s.* from ops.submission as s
        where s.submission_id = any(%s) and s.state = any(%s) and s.rows_loaded > 0
          and not exists (select from {} as r where r._submission_id = s.submission_id and r._superseded_at is null)
    """
    rows = fetch_all(connection, sql.SQL(query).format(table_of(report)), [list(ids), list(CURRENT_STATES)])
    for row in rows:
        record_supersession(connection, Submission.from_row(row), new)
    return bool(rows)


def older_revisions(connection: Connection, report: Report, submission: Submission) -> list[Submission]:
    """Returns the earlier submissions of the same document (location and bytes) that are still current."""
    query = """
        select * from ops.submission
        where report = %s and source_uri = %s and sha256 = %s and submission_id < %s and state = any(%s)
        order by submission_id
    """
    arguments = [report.report, submission.source_uri, submission.sha256, submission.submission_id, list(CURRENT_STATES)]
    return [Submission.from_row(row) for row in fetch_all(connection, query, arguments)]


def _greatest(rows: Sequence[dict[str, Any]]) -> Submission | None:
    return max(map(Submission.from_row, rows), key=lambda other: other.precedence, default=None)
