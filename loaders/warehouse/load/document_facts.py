"""What a document says of itself, known once it is read: its period, its revision mark, and the day on which it was filled in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from loaders.contract import Report
from loaders.warehouse.connection import Connection
from loaders.warehouse.ledger.due_dates import due_date_of
from loaders.warehouse.ledger.submissions import LOCAL_TIMEZONE, named_revision
from loaders.warehouse.submission import LoadItem, Submission, period_fields


def record_facts(connection: Connection, report: Report, item: LoadItem) -> Submission:
    """Completes a submission in the ledger from its reading, before it is decided which submission is current."""
    submission = _with_period(connection, report, item)
    return submission if item.reading.refusal is not None else _with_revision(connection, report, submission, item)


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


def _with_revision(connection: Connection, report: Report, submission: Submission, item: LoadItem) -> Submission:
    number = max(named_revision(report, submission.source_uri), item.reading.revision_number)
    stamped_on = _plausible(submission, item.reading.stamped_on)
    if (number, stamped_on) == (submission.revision_number, submission.stamped_on):
        return submission
    query = "update ops.submission set revision_number = %s, stamped_on = %s where submission_id = %s"
    connection.execute(query, [number, stamped_on, submission.submission_id])
    return replace(submission, revision_number=number, stamped_on=stamped_on)


def _plausible(submission: Submission, stamped_on: dt.date | None) -> dt.date | None:
    """Returns the day that a document states, unless the document arrived before it or its period began after it.

    A slip of the pen (2032 for 2023), or a form of last year, must neither win over all corrections nor lose to them.
    """
    if stamped_on is None or stamped_on > submission.arrived_at.astimezone(LOCAL_TIMEZONE).date():
        return None
    return stamped_on if submission.period is None or submission.period.start <= stamped_on else None
