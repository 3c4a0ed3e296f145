"""Which submission speaks. A pure function of the documents, never of the order in which they came.

Inside a scope the submission with the greatest precedence speaks; its rows are current, those of all others are closed.
The scope is what the contract's `replaces` says: the unit's period, the unit's register, one key, or (for a log of events)
the one document, which can only be replaced by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.raw_tables import table_of
from loaders.warehouse.submission import SPEAKING, State, Submission

_SCOPES = {
    Replaces.PERIOD: "s.unit_code = %(unit)s and s.period = %(period)s",
    Replaces.REGISTER: "s.unit_code = %(unit)s",
    Replaces.NOTHING: "s.source_uri = %(uri)s",
}
_LOADED = (*SPEAKING, State.SUPERSEDED)


def speaker(connection: Connection, report: Report, submission: Submission) -> Submission | None:
    """The submission that speaks in the scope of this one; None when the scope is empty, or each key is one."""
    found = [other for other, _ in _in_scope(connection, report, submission, SPEAKING)]
    return max(found, key=lambda other: other.precedence, default=None)


def predecessor_rows(connection: Connection, report: Report, submission: Submission) -> int | None:
    """How many rows the submission just before this one has in the same scope; None when it is the first."""
    before = [
        (other.precedence, rows)
        for other, rows in _in_scope(connection, report, submission, _LOADED)
        if other.precedence < submission.precedence
    ]
    return max(before)[1] if before else None


def close(connection: Connection, report: Report, old: Submission, new_id: int) -> None:
    """End the current rows of a submission; its held-back rows are put right by the one that follows."""
    statement = """
        update {} set _superseded_at = now(), _superseded_by = %s
        where _submission_id = %s and _superseded_at is null
    """
    connection.execute(sql.SQL(statement).format(table_of(report)), [new_id, old.submission_id])
    mark_superseded(connection, old.submission_id, new_id)


def mark_superseded(connection: Connection, old_id: int, new_id: int) -> None:
    """Write into ledger and quarantine that another submission speaks instead."""
    connection.execute(
        "update ops.submission set state = 'superseded', superseded_by = %s where submission_id = %s", [new_id, old_id]
    )
    connection.execute(
        "update quarantine.row set state = 'corrected' where submission_id = %s and state in ('open', 'notified')", [old_id]
    )


def mark_if_silent(connection: Connection, report: Report, ids: Sequence[int], new_id: int) -> None:
    """Mark those submissions superseded of which no row is current any more (where each key is its own scope)."""
    query = """
        select s.submission_id from ops.submission as s
        where s.submission_id = any(%s) and s.state = any(%s) and s.rows_loaded > 0
          and not exists (select from {} as r where r._submission_id = s.submission_id and r._superseded_at is null)
    """
    rows = fetch_all(connection, sql.SQL(query).format(table_of(report)), [list(ids), list(SPEAKING)])
    for row in rows:
        mark_superseded(connection, row["submission_id"], new_id)


def _in_scope(
    connection: Connection, report: Report, submission: Submission, states: Sequence[State]
) -> list[tuple[Submission, int]]:
    scope = _SCOPES.get(report.replaces)
    if scope is None:
        return []
    query = f"""
        select s.* from ops.submission as s
        where s.report = %(report)s and s.state = any(%(states)s) and s.submission_id <> %(id)s and {scope}
    """  # noqa: S608
    parameters: dict[str, Any] = {
        "report": report.report,
        "states": list(states),
        "id": submission.submission_id,
        "unit": submission.unit_code,
        "period": str(submission.period) if submission.period else None,
        "uri": submission.source_uri,
    }
    rows = connection.execute(sql.SQL(query), parameters).fetchall()  # type: ignore[arg-type]
    return [(Submission.from_row(row), row["rows_loaded"]) for row in rows]
