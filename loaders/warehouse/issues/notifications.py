"""Notifications of report owners: the issues of which they were not notified yet, and the record of every message."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import Replaces, Report
from loaders.model import INTERNAL_REFUSALS, OpenIssue, Severity
from loaders.outgoing_messages import Message
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.issues.issue_events import record_notified
from loaders.warehouse.precedence import is_greater

# An issue that was settled and is there again is notified once more: whoever answers was told that it is settled.
_IS_OPEN_ANEW = """
    exists (
        select from ops.issue_event as e
        inner join ops.notification as m on m.notification_id = n.notification_id
        where e.issue_key = n.issue_key and e.event = 'reopened' and e.occurred_at > m.created_at
    )
"""
# An issue that a later document corrected needs no notification: a correction of the same unit and period, or, where documents do
# not replace each other, a later version at the same location.
_UNNOTIFIED = f"""
    select distinct on (i.issue_key)
        i.issue_key, i.submission_id, i.unit_code, i.period, s.source_uri, s.revision, s.state, i.rule, i.severity,
        i.message_zh, i.message_en, i.sheet, i.row_number as row, i.column_name as column, i.cell, i.found, i.expected
    from ops.issue as i
    inner join ops.submission as s on s.submission_id = i.submission_id
    where i.report = %(report)s and i.resolved_at is null and i.rule <> all(%(internal_rules)s)
      and not exists (select from ops.notified_issue as n where n.issue_key = i.issue_key and not {_IS_OPEN_ANEW})
      and not exists (
          select from ops.submission as l
          where l.report = s.report and l.unit_code = s.unit_code and l.period is not distinct from s.period
            and (l.source_uri = s.source_uri or %(is_one_document)s)
            and l.state in ('accepted', 'accepted_with_rejects', 'superseded')
            and {is_greater("l", "s")}
      )
    order by i.issue_key, i.submission_id desc, i.issue_id
"""  # noqa: S608 - the condition is a text of this package
_OF_DOCUMENT = """
    select i.issue_key, i.submission_id, i.unit_code, i.period, s.source_uri, s.revision, s.state, i.rule, i.severity,
        i.message_zh, i.message_en, i.sheet, i.row_number as row, i.column_name as column, i.cell, i.found, i.expected
    from ops.issue as i
    inner join ops.submission as s on s.submission_id = i.submission_id
    where i.submission_id = %s and i.resolved_at is null and i.rule <> all(%s)
    order by i.issue_id
"""
_RESERVE = f"""
    insert into ops.notified_issue as n (issue_key, notification_id)
    select k.issue_key, %s from unnest(%s::text[]) as k (issue_key) order by k.issue_key
    on conflict (issue_key) do update set notification_id = excluded.notification_id where {_IS_OPEN_ANEW}
"""  # noqa: S608 - the condition is a text of this module
_ONE_DOCUMENT = frozenset({Replaces.PERIOD, Replaces.REGISTER})


class AlreadyNotified(WarehouseError):
    """Another run notified the owner of some of these issues meanwhile; this message was not sent."""


def unnotified_issues(connection: Connection, report: Report) -> list[OpenIssue]:
    """Returns the issues of a report of which its owner was not notified yet, in the order of their documents."""
    parameters = {
        "report": report.report,
        "is_one_document": report.replaces in _ONE_DOCUMENT,
        "internal_rules": list(INTERNAL_REFUSALS),
    }
    found = fetch_all(connection, _UNNOTIFIED, parameters)
    issues = [OpenIssue(**{**row, "severity": Severity(row["severity"])}) for row in found]
    return sorted(issues, key=_sort_key)


def document_issues(connection: Connection, submission_id: int) -> list[OpenIssue]:
    """Returns the issues of one submission, in their order."""
    found = fetch_all(connection, _OF_DOCUMENT, [submission_id, list(INTERNAL_REFUSALS)])
    return [OpenIssue(**{**row, "severity": Severity(row["severity"])}) for row in found]


def reserve(connection: Connection, report: str | None, message: Message, channel: str) -> int:
    """Records a message and its issues as notified, in the caller's transaction.

    Raises:
        AlreadyNotified: another run notified the owner of one of them meanwhile.
    """
    notification_id = record_message(connection, report, message, channel)
    keys = list(dict.fromkeys(message.issue_keys))
    reserved = connection.execute(_RESERVE, [notification_id, keys])
    if reserved.rowcount != len(keys):
        already_notified = len(keys) - reserved.rowcount
        raise AlreadyNotified(
            f"report={report} unit={message.unit_code} period={message.period}: {already_notified} of {len(keys)} "
            "problems were told by another run meanwhile; the message was not sent, run the feedback again for the others"
        )
    return notification_id


def record_message(connection: Connection, report: str | None, message: Message, channel: str) -> int:
    """Records a message and returns its number; `report` is None when it concerns several."""
    query = """
        insert into ops.notification (report, unit_code, period, recipient, recipient_role, channel, subject, fix_by_date)
        values (%s, %s, %s, %s, %s, %s, %s, %s) returning notification_id
    """
    recipient = [message.recipient, message.recipient_role]
    arguments = [report, message.unit_code, message.period, *recipient, channel, message.subject, message.fix_by]
    row = fetch_one(connection, query, arguments)
    return int(row["notification_id"]) if row else 0


def record_sent(connection: Connection, notification_id: int) -> None:
    """Records that a message was sent."""
    connection.execute("update ops.notification set sent_at = clock_timestamp() where notification_id = %s", [notification_id])


def set_all_notified(connection: Connection, report: Report) -> int:
    """Marks the open issues of a report as notified, without a message. Returns their number."""
    issues = unnotified_issues(connection, report)
    if issues:
        keys = tuple(issue.issue_key for issue in issues)
        already_notified = Message(recipient="", subject="told before the ledger was rebuilt", body_text="", issue_keys=keys)
        record_delivery(connection, reserve(connection, report.report, already_notified, "rebuilt"), keys)
    return len(issues)


def record_delivery(connection: Connection, notification_id: int, issue_keys: Sequence[str]) -> None:
    """Records that the message was sent, and marks the quarantined rows of its issues as notified."""
    record_sent(connection, notification_id)
    record_notified(connection, notification_id, issue_keys)
    connection.execute(
        """
        update quarantine.row as q set state = 'notified'
        from ops.issue as i
        where i.issue_key = any(%s) and q.state = 'open'
          and q.submission_id = i.submission_id and q.sheet = i.sheet and q.row_number = i.row_number
        """,
        [list(issue_keys)],
    )


def _sort_key(issue: OpenIssue) -> tuple[str, str, str, str, int]:
    return issue.unit_code, issue.period or "", issue.source_uri, issue.sheet or "", issue.row or 0
