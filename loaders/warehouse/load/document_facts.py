"""What a document says of itself, known once it is read: its period, its revision mark, and the day on which it was filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from loaders.contract import Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.ledger.due_dates import due_date_of
from loaders.warehouse.ledger.submissions import LOCAL_TIMEZONE, named_revision
from loaders.warehouse.submission import LoadItem, Submission, period_fields

_SET_REVISIONS = """
    update ops.submission as s set revision_number = f.revision_number, stamped_on = f.stamped_on
    from unnest(%s::bigint[], %s::integer[], %s::date[]) as f (submission_id, revision_number, stamped_on)
    where s.submission_id = f.submission_id
"""


def record_facts(connection: Connection, report: Report, items: Sequence[LoadItem]) -> list[Submission]:
    """Completes submissions in the ledger from their readings, before it is decided which submission is current."""
    known = [_with_period(connection, report, item) for item in items]
    completed = [_with_revision(report, *pair) for pair in zip(known, items, strict=True)]
    changed = [one for one, before in zip(completed, known, strict=True) if one != before]
    if changed:
        columns = [[getattr(one, name) for one in changed] for name in ("submission_id", "revision_number", "stamped_on")]
        connection.execute(_SET_REVISIONS, columns)
    return completed


def _with_period(connection: Connection, report: Report, item: LoadItem) -> Submission:
    """Returns the submission with the period from inside the document, when its name has none."""
    submission, period = item.submission, item.reading.period
    if submission.period is not None or period is None or period.kind is not report.period_kind:
        return submission
    query = """
        update ops.submission set period = %(period)s, period_start = %(period_start)s, period_end = %(period_end)s,
            due_date = %(due)s::date,
            is_on_time = (least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date <= %(due)s::date
        where submission_id = %(id)s
    """
    arguments = {
        **period_fields(period),
        "due": due_date_of(connection, report, submission.unit_code, period),
        "id": submission.submission_id,
    }
    connection.execute(query, arguments)
    return replace(submission, period=period)


def _with_revision(report: Report, submission: Submission, item: LoadItem) -> Submission:
    if item.reading.refusal is not None:
        return submission
    number = max(named_revision(report, submission.source_uri), item.reading.revision_number)
    return replace(submission, revision_number=number, stamped_on=_plausible(submission, item.reading.stamped_on))


def _plausible(submission: Submission, stamped_on: dt.date | None) -> dt.date | None:
    """Returns the day that a document states, unless the document arrived before it or its period began after it.

    A slip of the pen (2032 for 2023), or a form of last year, must neither win over all corrections nor lose to them.
    """
    if stamped_on is None or stamped_on > submission.arrived_at.astimezone(LOCAL_TIMEZONE).date():
        return None
    return stamped_on if submission.period is None or submission.period.start <= stamped_on else None
