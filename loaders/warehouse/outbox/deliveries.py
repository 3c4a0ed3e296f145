"""Takes due messages, one per transaction, and records what became of each.

The row stays locked while it is sent. A sender that is killed leaves the message queued, and the next one sends it once more,
under the same Message-ID; other senders pass over it meanwhile (`skip locked`).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from loaders.outgoing_messages import Message
from loaders.warehouse.connection import Connection, fetch_one
from loaders.warehouse.issues.notifications import record_delivery
from loaders.warehouse.outbox import alarms
from loaders.warehouse.outbox.message_queue import enqueue, header_id, read_attachments

Server = tuple[str, str]
"""A channel, and which server of it: empty for mail, the name of the connection for a bot."""

ALARM_TOPIC = "alarm"
# A server that fails so often in a row is told to the operators, before the first message is dead.
ALARMING_FAILURES = 5
_MINUTE = dt.timedelta(minutes=1)
_TAKE = """
    select m.* from ops.outbox_message as m
    left join ops.outbox_server as s on s.channel = m.channel and s.server = m.server
    where m.state = 'queued' and m.next_attempt_at <= clock_timestamp()
      and coalesce(s.retry_at, '-infinity') <= clock_timestamp()
      and (%(topic)s::text is null or m.topic = %(topic)s)
      and not exists (
          select from unnest(%(channels)s::text[], %(servers)s::text[]) as x (channel, server)
          where x.channel = m.channel and x.server = m.server
      )
    order by m.next_attempt_at, m.message_id
    limit 1
    for update of m skip locked
"""
_TRY_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('huimin.outbox.' || %s || '/' || %s, 0)) as is_locked"
_LAST_MINUTE = """
    select count(*) as attempts, min(attempted_at) as oldest from (
        select attempted_at from ops.outbox_attempt
        where channel = %s and server = %s and attempted_at > clock_timestamp() - interval '1 minute'
        order by attempted_at desc limit %s
    ) as newest
"""
_WAIT_UNTIL = """
    insert into ops.outbox_server (channel, server, retry_at) values (%s, %s, %s)
    on conflict (channel, server) do update set retry_at = excluded.retry_at
"""
_ATTEMPT = "insert into ops.outbox_attempt (message_id, channel, server, outcome, error) values (%s, %s, %s, %s, %s)"
_SENT = """
    update ops.outbox_message set state = 'sent', sent_at = clock_timestamp(), last_error = null where message_id = %s
"""
_FORGET_CONTENT = "update ops.outbox_attachment set content = null where message_id = %s"
_SERVER_WORKS = """
    update ops.outbox_server set failures_count = 0, failing_since = null, retry_at = null
    where channel = %s and server = %s and failures_count > 0
"""
_WHOLLY_SENT = """
    select n.notification_id, array(
        select i.issue_key from ops.notified_issue as i where i.notification_id = n.notification_id order by i.issue_key
    ) as keys
    from ops.notification as n
    where n.notification_id = %(id)s and n.sent_at is null
      and not exists (select from ops.outbox_message as m where m.notification_id = %(id)s and m.state <> 'sent')
"""
_FAILED = """
    update ops.outbox_message
    set attempts_count = attempts_count + 1, last_error = %(error)s, state = %(state)s,
        next_attempt_at = clock_timestamp() + %(pause)s
    where message_id = %(id)s
"""
_SERVER_FAILED = """
    insert into ops.outbox_server as s (channel, server, failures_count, failing_since)
    values (%s, %s, 1, clock_timestamp())
    on conflict (channel, server) do update
    set failures_count = s.failures_count + 1, failing_since = coalesce(s.failing_since, clock_timestamp())
    returning failures_count
"""


@dataclass(frozen=True, slots=True)
class RetryRules:
    """When what failed is tried again: after `first_pause`, then twice as long each time up to `longest_pause`, with jitter.

    After `max_attempts` a message is dead. With the defaults that is after three days.
    """

    first_pause: dt.timedelta = dt.timedelta(minutes=1)
    longest_pause: dt.timedelta = dt.timedelta(hours=6)
    max_attempts: int = 20

    def pause(self, failures: int) -> dt.timedelta:
        """Returns how long to wait after the `failures`-th failure in a row, from 1 on."""
        longest = min(self.longest_pause, self.first_pause * (1 << min(failures - 1, 20)))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads attempts, guards nothing


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """How many messages a minute each server takes; one that is not named takes any number."""

    per_minute: Mapping[Server, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is being sent. Call `record_sent` or `record_failed` once, within the transaction that took it."""

    connection: Connection
    message: Message
    message_id: int
    topic: str
    server: Server
    attempts: int
    notification_id: int | None
    rules: RetryRules

    def record_sent(self) -> dict[int, str]:
        """Records that the channel took the message. Returns the alarms that are over by it, with their causes."""
        connection = self.connection
        connection.execute(_ATTEMPT, [self.message_id, *self.server, "sent", None])
        connection.execute(_SENT, [self.message_id])
        connection.execute(_FORGET_CONTENT, [self.message_id])
        connection.execute(_SERVER_WORKS, list(self.server))
        if self.notification_id is not None:
            sent = fetch_one(connection, _WHOLLY_SENT, {"id": self.notification_id})
            if sent is not None:
                record_delivery(connection, self.notification_id, sent["keys"])
        return alarms.close_alarms(connection, [self._server_cause, self._address_cause])

    def record_failed(self, error: str, *, is_server_down: bool, retry_after: float | None = None) -> dict[int, str]:
        """Records that the channel did not take the message, and when it is tried again.

        `retry_after` are the seconds that the server asked to wait. Returns the alarms that this opens, with their causes. A
        message about an alarm never becomes dead: it would be the cause of another one.
        """
        connection = self.connection
        outcome = "unavailable" if is_server_down else "refused"
        connection.execute(_ATTEMPT, [self.message_id, *self.server, outcome, error])
        is_dead = self.attempts + 1 >= self.rules.max_attempts and self.topic != ALARM_TOPIC
        pause = self.rules.pause(self.attempts + 1)
        state = "dead" if is_dead else "queued"
        connection.execute(_FAILED, {"id": self.message_id, "error": error, "state": state, "pause": pause})
        failures = self._record_server_failure(retry_after) if is_server_down else 0
        cause = self._server_cause if is_server_down else self._address_cause
        if not is_dead and failures < ALARMING_FAILURES:
            return {}
        alarm = alarms.open_alarm(connection, cause, error)
        return {} if alarm is None else {alarm: cause}

    def queue(self, message: Message, *, topic: str, key: str) -> bool:
        """Writes another message, such as the one about an alarm, in the same transaction."""
        return enqueue(self.connection, message, topic=topic, key=key)

    def _record_server_failure(self, retry_after: float | None) -> int:
        row = fetch_one(self.connection, _SERVER_FAILED, list(self.server))
        failures = int(row["failures_count"]) if row else 1
        pause = max(self.rules.pause(failures), dt.timedelta(seconds=retry_after or 0))
        self.connection.execute(_WAIT_UNTIL, [*self.server, dt.datetime.now(dt.UTC) + pause])
        return failures

    @property
    def _server_cause(self) -> str:
        return ":".join(filter(None, self.server))

    @property
    def _address_cause(self) -> str:
        return f"{self._server_cause}:{self.message.recipient}"


def take(
    connection: Connection, skipped: Collection[Server], limits: ServerLimits, rules: RetryRules, topic: str | None = None
) -> Delivery | None:
    """Locks the message that is due first and returns it; None when none is due that other senders leave.

    `skipped` are servers that are not to be asked in this run. A server that got its number of messages in the last minute
    waits, and one that another sender uses and that has such a number is left to it: only together would they exceed it.
    With a `topic`, messages about anything else are left.
    """
    left = set(skipped)
    while True:
        parameters = {
            "channels": [channel for channel, _ in left],
            "servers": [server for _, server in left],
            "topic": topic,
        }
        row = fetch_one(connection, _TAKE, parameters)
        if row is None:
            return None
        server = (row["channel"], row["server"])
        if server in limits.per_minute and not _has_capacity(connection, server, limits.per_minute[server]):
            left.add(server)
            continue
        message = Message(
            recipient=row["address"],
            subject=row["subject"],
            body_text=row["body_text"],
            body_html=row["body_html"],
            attachments=read_attachments(connection, row["message_id"]),
            channel=row["channel"],
            conversation=row["conversation_key"],
            header_id=row["header_id"],
            thread_id=header_id(row["conversation_key"]) if row["conversation_key"] else "",
            written_at=row["queued_at"],
        )
        facts = (row["message_id"], row["topic"], server, row["attempts_count"], row["notification_id"])
        return Delivery(connection, message, *facts, rules)


def _has_capacity(connection: Connection, server: Server, per_minute: int) -> bool:
    locked = fetch_one(connection, _TRY_LOCK, list(server))
    if locked is None or not locked["is_locked"]:
        return False
    sent = fetch_one(connection, _LAST_MINUTE, [*server, per_minute])
    if sent is None or sent["attempts"] < per_minute:
        return True
    connection.execute(_WAIT_UNTIL, [*server, sent["oldest"] + _MINUTE])
    return False
