"""What units owe and did not send, near its due day, and who was reminded of it at which step. Each is reminded once per step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from loaders.outgoing_messages import Message, ReminderStep
from loaders.warehouse.connection import Connection, fetch_all

# A document or a declaration ends it: then nothing is owed any more.
_OWED = """
    select s.report, s.unit_code as unit, s.period, s.due_date
    from ops.reporting_status as s
    where s.is_expected and not s.is_received and s.due_date between %(since)s and %(until)s
    order by s.due_date, s.report, s.period, s.unit_code
"""
_REMINDED = """
    select report, unit_code, period, step, channel, address from ops.reminder
    where (report, unit_code, period) in (select * from unnest(%s::text[], %s::text[], %s::text[]))
"""
_OPEN_MATTERS = """
    select report, coalesce(i.issues_count, 0) as issues_count, i.oldest_days, coalesce(m.missing_count, 0) as missing_count
    from (
        select report, count(*) as issues_count, max(age_days_count) as oldest_days
        from ops.issue_state where is_open group by report
    ) as i
    full join (select report, count(*) as missing_count from ops.missing_submission group by report) as m using (report)
    order by report
"""
_RECORD = """
    insert into ops.reminder (report, unit_code, period, step, channel, address, reminded_date, notification_id)
    values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""


def owed(connection: Connection, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """Returns one row per report, unit and period that is owed, not received and due between two days, both included."""
    return fetch_all(connection, _OWED, {"since": since, "until": until})


def reminded(connection: Connection, steps: Sequence[ReminderStep]) -> set[tuple[str, ...]]:
    """Returns (report, unit, period, step, channel, address) of the reminders that were sent about what these steps concern."""
    columns = [[one.report for one in steps], [one.unit for one in steps], [one.period for one in steps]]
    return {tuple(row.values()) for row in fetch_all(connection, _REMINDED, columns)}


def record_reminders(
    connection: Connection, steps: Sequence[ReminderStep], message: Message, day: dt.date, notification_id: int
) -> bool:
    """Records what a message reminds of; returns False when another run reminded the same address of some of it."""
    recorded = 0
    for one in steps:
        values = [one.report, one.unit, one.period, one.step, message.channel, message.recipient, day, notification_id]
        recorded += connection.execute(_RECORD, values).rowcount
    return recorded == len(steps)


def open_matters(connection: Connection) -> list[dict[str, Any]]:
    """Returns one row per report with open issues or missing documents: counts, and the days since the first issue was opened."""
    return fetch_all(connection, _OPEN_MATTERS)
