"""Conversations: who was notified of which issues of a report, unit and period, and whether all of them are settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from loaders.outgoing_messages import Message, SettledConversation
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.issues.issue_events import LIFE_EVENTS

_OPEN = """
    insert into ops.conversation as c (report, unit_code, period, channel, address, recipient_role)
    values (%s, %s, %s, %s, %s, %s)
    on conflict (report, unit_code, coalesce(period, ''), channel, address) where closed_at is null
    do update set recipient_role = coalesce(excluded.recipient_role, c.recipient_role)
    returning conversation_id
"""
_ADD = """
    insert into ops.conversation_issue (conversation_id, issue_key, notification_id)
    select %s, k.issue_key, %s from unnest(%s::text[]) as k (issue_key)
    on conflict (conversation_id, issue_key) do update set notification_id = excluded.notification_id
"""
# The events of the life of an issue follow each other; the last one says whether it is open.
_SETTLED = f"""
    with told as (
        select c.conversation_id, i.issue_key
        from ops.conversation as c
        inner join ops.conversation_issue as i on i.conversation_id = c.conversation_id
        where c.report = %(report)s and c.closed_at is null
    ),
    life as (
        select distinct on (e.issue_key) e.issue_key, e.event
        from ops.issue_event as e
        where e.issue_key in (select issue_key from told) and e.event in {LIFE_EVENTS}
        order by e.issue_key, e.event_id desc
    )
    select c.conversation_id, c.report, c.unit_code, c.period, c.channel, c.address, c.recipient_role,
        count(*) as issues_count
    from ops.conversation as c
    inner join told as t on t.conversation_id = c.conversation_id
    left join life as l on l.issue_key = t.issue_key
    group by c.conversation_id
    having bool_and(l.event in ('corrected', 'overridden', 'replayed', 'expired'))
    order by c.address, c.period, c.unit_code
"""  # noqa: S608 - the events are a text of this package
_CLOSE = """
    update ops.conversation set closed_at = now(), closing_notification_id = %s
    where conversation_id = any(%s) and closed_at is null
"""
_DIGEST = """
    insert into ops.digest (channel, address, digest_date, notification_id) values (%s, %s, %s, %s) on conflict do nothing
"""
_HAD_DIGEST = "select channel, address from ops.digest where digest_date = %s"


def join(connection: Connection, notification_id: int, message: Message) -> None:
    """Records what a message tells as part of its conversations, which it opens where none is."""
    for part in message.parts:
        values = [part.report, part.unit_code, part.period, message.channel, message.recipient, message.recipient_role]
        row = fetch_one(connection, _OPEN, values)
        if row is not None:
            connection.execute(_ADD, [row["conversation_id"], notification_id, list(part.issue_keys)])


def settled(connection: Connection, report: str) -> list[SettledConversation]:
    """Returns the open conversations of a report of whose issues none is open any more."""
    return [SettledConversation(**row) for row in fetch_all(connection, _SETTLED, {"report": report})]


def close(connection: Connection, conversation_ids: Sequence[int], notification_id: int) -> int:
    """Closes conversations by a message. Returns how many were open."""
    return connection.execute(_CLOSE, [notification_id, list(conversation_ids)]).rowcount


def record_digest(connection: Connection, message: Message, day: dt.date, notification_id: int) -> bool:
    """Records that an address gets its digest of a day; returns False when it had one."""
    return connection.execute(_DIGEST, [message.channel, message.recipient, day, notification_id]).rowcount == 1


def had_digest(connection: Connection, day: dt.date) -> Collection[tuple[str, str]]:
    """Returns the channel and address of everybody who had the digest of a day."""
    return {(row["channel"], row["address"]) for row in fetch_all(connection, _HAD_DIGEST, [day])}
