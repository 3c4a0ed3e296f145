"""Handles documents with the same rows in other bytes: another name, layout, title, format or order of columns and rows.

The document that arrived first is the original. A later one is its duplicate: none of its rows is written, and no row of the
original is closed. Both are for the same unit and period; the same rows for another period say that nothing changed.

A document is a duplicate only as long as its rows would be current where those of its original are:

- Where a document replaces the one before as a whole, no document with other rows stands between the two in precedence.
- In an event log, the original is current.
- Where each key is a scope, the original is current with all of its rows.

Otherwise, and when the original is withdrawn, refused or gone, the duplicate is validated once more. Unlike a document with the
bytes that a person withdrew, it was not decided about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from psycopg import sql

from loaders.contract import Replaces, Report, WhenGone
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency.duplicates import WAS_LOADED, promote
from loaders.warehouse.currency.reinstatement import retract
from loaders.warehouse.currency.supersession import NEWEST_REVISION, in_scope, is_newest
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, SAME_CONTENT, State, Submission, submissions_by_id

REPLACED_AS_A_WHOLE = frozenset({Replaces.PERIOD, Replaces.REGISTER})
# What the submission itself superseded just now was current before it.
# The same bytes are the matter of `duplicates`.
_CANDIDATES = f"""
    select s.* from ops.submission as s
    where s.report = %(report)s and s.content_sha256 = %(content)s and s.unit_code = %(unit)s
      and s.period is not distinct from %(period)s and s.sha256 <> %(sha256)s
      and (s.state = any(%(states)s) or s.state = 'superseded' and s.superseded_by = %(id)s) and {NEWEST_REVISION}
      and not (%(gone_is_closed)s and exists (
          select from ops.gone_document as g
          where g.report = s.report and g.source_uri = s.source_uri and g.returned_at is null
      ))
    order by s.arrived_at, s.submission_id
"""  # noqa: S608 - the condition is a text of this package
_DUPLICATES = f"""
    select d.* from ops.submission as d
    where d.report = %(report)s and d.state = 'duplicate' and d.state_reason = %(reason)s
      and (d.unit_code = %(unit)s and d.period is not distinct from %(period)s or d.duplicate_of = any(%(originals)s))
      and {is_newest("d")}
    order by d.arrived_at, d.submission_id
"""  # noqa: S608 - the condition is a text of this package
_HAS_ALL_ROWS = """
    select s.rows_loaded = count(r._submission_id) as has_all
    from ops.submission as s
    left join {} as r on r._submission_id = s.submission_id and (r._superseded_at is null or r._superseded_by = %s)
    where s.submission_id = %s
    group by s.rows_loaded
"""
_AT_LOCATION = f"""
    select s.* from ops.submission as s
    where s.report = %s and s.source_uri = %s and {WAS_LOADED} and {NEWEST_REVISION}
"""  # noqa: S608 - the conditions are texts of this package


class SameContent(Exception):
    """A document has the rows of another one; raised to undo what was written of it."""

    def __init__(self, original: Submission) -> None:
        super().__init__(original.source_uri)
        self.original = original


def original_of(connection: Connection, report: Report, submission: Submission) -> Submission | None:
    """Returns the document of which this one, with its content digest, is a duplicate; None when it is none."""
    earlier = (other for other in _candidates(connection, report, submission) if _arrival(other) < _arrival(submission))
    return next((other for other in earlier if _makes_no_difference(connection, report, submission, other)), None)


def record_duplicate(connection: Connection, submission: Submission, original: Submission) -> None:
    """Marks a submission as a duplicate of another by its content."""
    change_state(
        connection,
        [submission.submission_id],
        State.DUPLICATE,
        state_reason=SAME_CONTENT,
        duplicate_of=original.submission_id,
        content_sha256=submission.content_sha256,
    )


def retract_later_arrivals(connection: Connection, report: Report, submission: Submission) -> None:
    """Retracts documents with the rows of one that was just loaded, and that arrived after it."""
    for other in _candidates(connection, report, submission):
        original = original_of(connection, report, other) if _arrival(other) > _arrival(submission) else None
        if original is None:
            continue
        if other.state in CURRENT_STATES:
            retract(connection, report, other, original, State.DUPLICATE)
        record_duplicate(connection, replace(other, state=State.DUPLICATE), original)


def review_duplicates(connection: Connection, report: Report, submission: Submission, others: Collection[int] = ()) -> None:
    """Promotes the duplicates that are none any more because a submission, or one of `others`, changed its state or its rows.

    They wait to be loaded. A duplicate that has another original now stays one.
    """
    changed = {submission.submission_id, *others}
    rows = fetch_all(connection, _DUPLICATES, {**_scope(report, submission), "reason": SAME_CONTENT, "originals": list(changed)})
    originals = submissions_by_id(connection, {row["duplicate_of"] for row in rows})
    for row in rows:
        duplicate, former = Submission.from_row(row), originals.get(row["duplicate_of"])
        if former is not None and former.submission_id not in changed and _is_apart(report, submission, duplicate, former):
            continue
        original = original_of(connection, report, duplicate)
        if original is None:
            promote(connection, duplicate)
        elif former is None or original.submission_id != former.submission_id:
            record_duplicate(connection, duplicate, original)


def _is_apart(report: Report, submission: Submission, duplicate: Submission, original: Submission) -> bool:
    """Returns whether a submission stands not between two others, where only that counts."""
    lower, upper = sorted((duplicate.precedence, original.precedence))
    return report.replaces in REPLACED_AS_A_WHOLE and not lower < submission.precedence < upper


def _candidates(connection: Connection, report: Report, submission: Submission) -> list[Submission]:
    arguments = {
        **_scope(report, submission),
        "content": submission.content_sha256,
        "states": list(LOADED_STATES if report.replaces in REPLACED_AS_A_WHOLE else CURRENT_STATES),
        "id": submission.submission_id,
        "sha256": submission.sha256,
        "gone_is_closed": report.when_gone is WhenGone.CLOSE,
    }
    return [Submission.from_row(row) for row in fetch_all(connection, _CANDIDATES, arguments)]


def _makes_no_difference(connection: Connection, report: Report, submission: Submission, original: Submission) -> bool:
    """Returns whether the current rows are the same without this submission, while its original has the same rows."""
    if report.replaces is Replaces.NOTHING:
        return True
    if report.replaces is Replaces.KEY:
        query = sql.SQL(_HAS_ALL_ROWS).format(table_of(report))
        row = fetch_one(connection, query, [submission.submission_id, original.submission_id])
        if row is None or not row["has_all"] or not report.has_full_snapshots:
            return row is not None and bool(row["has_all"])
        if original.source_uri != submission.source_uri:
            return False
        loaded = fetch_all(connection, _AT_LOCATION, [report.report, submission.source_uri])
    else:
        loaded = in_scope(connection, report, submission, f"{WAS_LOADED} and {NEWEST_REVISION}")
    lower, upper = sorted((original.precedence, submission.precedence))
    return not any(
        lower < other.precedence < upper and other.content_sha256 != submission.content_sha256
        for other in map(Submission.from_row, loaded)
    )


def _scope(report: Report, submission: Submission) -> dict[str, Any]:
    period = str(submission.period) if submission.period else None
    return {"report": report.report, "unit": submission.unit_code, "period": period}


def _arrival(submission: Submission) -> tuple[dt.datetime, int]:
    return submission.arrived_at, submission.submission_id
