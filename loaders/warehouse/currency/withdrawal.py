"""Processes documents that have gone from their source, once no document of their report is incomplete or pending.

By then a document under another name has superseded what it replaces. The report's owner is notified once of each document that
is gone and still current. With `when_gone: close` in the contract it is withdrawn: its rows are closed, the next document of its
scope (or of each of its keys) becomes current, and its next duplicate is validated. If a later document of the same unit and
period was refused or is held, the gone one stays until that one is corrected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from loaders.contract import Report, WhenGone
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency import duplicates
from loaders.warehouse.currency.gone_documents import GONE
from loaders.warehouse.currency.reinstatement import make_next_current
from loaders.warehouse.currency.supersession import close_rows
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.precedence import is_greater
from loaders.warehouse.rows import quarantine
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, State, Submission

_LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")
# A file that may still be being uploaded may be what takes the place of one that has gone; one that never gets whole is not
# waited for.
_PENDING = """
    select from ops.submission where report = %(report)s and state = 'landed'
    union all
    select from ops.waiting_file where report = %(report)s and first_seen_at > now() - interval '1 day'
    limit 1
"""
_GONE = """
    select s.*, g.gone_at
    from ops.gone_document as g
    inner join ops.submission as s on s.report = g.report and s.source_uri = g.source_uri
    where g.report = %s and g.returned_at is null and s.state = any(%s)
    order by s.submission_id
"""
# A refused document whose place still shows it, and that would take the place of the one that has gone.
_IS_REPLACEMENT_PENDING = f"""
    select from ops.submission as gone
    inner join ops.submission as s
        on s.report = gone.report and s.unit_code = gone.unit_code and s.period is not distinct from gone.period
    where gone.submission_id = %s and s.state = 'rejected' and {is_greater("s", "gone")}
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri
            and (newer.arrived_at, newer.submission_id) > (s.arrived_at, s.submission_id)
      )
      and not exists (
          select from ops.gone_document as g
          where g.report = s.report and g.source_uri = s.source_uri and g.returned_at is null
      )
    limit 1
"""  # noqa: S608 - the condition is a text of this package
_HAS_OPEN_ISSUE = "select from ops.issue where submission_id = %s and rule = %s and resolved_at is null limit 1"
_RESOLVE_REPLACED = """
    update ops.issue as i set resolved_at = now()
    from ops.submission as s
    where s.submission_id = i.submission_id and i.rule = %s and i.resolved_at is null
      and s.report = %s and s.state not in ('accepted', 'accepted_with_rejects', 'withdrawn')
"""


def process_gone_documents(connection: Connection, report: Report) -> None:
    """Withdraws or keeps the documents that have gone, with an issue each, unless documents of the report are pending."""
    if fetch_one(connection, _PENDING, {"report": report.report}) is not None:
        return
    connection.execute(_RESOLVE_REPLACED, [GONE, report.report])
    rows = fetch_all(connection, _GONE, [report.report, list(LOADED_STATES)])
    gone = [(Submission.from_row(row), row["gone_at"]) for row in rows]
    if report.when_gone is WhenGone.CLOSE:
        pending_replacement = {submission.source_uri for submission, _ in gone if _is_replacement_pending(connection, submission)}
        _withdraw(connection, report, [submission for submission, _ in gone if submission.source_uri not in pending_replacement])
    for submission, gone_at in gone:
        if (
            submission.state in CURRENT_STATES
            and fetch_one(connection, _HAS_OPEN_ISSUE, [submission.submission_id, GONE]) is None
        ):
            is_kept = report.when_gone is not WhenGone.CLOSE or submission.source_uri in pending_replacement
            IssueLog(connection, report, submission).write([_gone_issue(submission, gone_at, is_kept=is_kept)])


def _is_replacement_pending(connection: Connection, gone: Submission) -> bool:
    """Returns whether a document that would replace this one was refused, so that its correction is still to come."""
    if gone.state not in CURRENT_STATES:
        return False
    return fetch_one(connection, _IS_REPLACEMENT_PENDING, [gone.submission_id]) is not None


def _withdraw(connection: Connection, report: Report, gone: Sequence[Submission]) -> None:
    if not gone:
        return
    # All of them first: none of them may become current in the stead of another.
    change_state(connection, [submission.submission_id for submission in gone], State.WITHDRAWN, state_reason=GONE)
    for submission in gone:
        quarantine.close_open_rows(connection, submission.submission_id, State.WITHDRAWN)
        if submission.state in CURRENT_STATES:
            close_rows(connection, report, submission, None)
            make_next_current(connection, report, submission, None)
    duplicates.promote_duplicates_of_gone(connection, report)


def _gone_issue(submission: Submission, gone_at: dt.datetime, *, is_kept: bool) -> Issue:
    name = "/".join(submission.source_uri.rsplit("/", 2)[-2:])
    day = f"{gone_at.astimezone(_LOCAL_TIMEZONE):%Y-%m-%d %H:%M}"
    return issue_of(GONE if is_kept else f"{GONE}.withdrawn", name=name, day=day)
