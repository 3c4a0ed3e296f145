"""The outbox as stages and commands see it. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.outgoing_messages import Message
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.outbox import alarms, message_queue
from loaders.warehouse.outbox.alarms import OpenAlarm
from loaders.warehouse.outbox.deliveries import ALARM_TOPIC, Delivery, RetryRules, Server, ServerLimits, take


class Outbox:
    """The outbox of one warehouse, opened with the loader's URL."""

    def __init__(self, url: str, rules: RetryRules | None = None) -> None:
        self._persistent = PersistentConnection(url)
        self._rules = rules or RetryRules()

    def queue(self, message: Message, *, topic: str, key: str) -> bool:
        """Writes a message that is to be sent; returns False when one with this idempotency key was written before."""
        with self._persistent.transaction() as connection:
            return message_queue.enqueue(connection, message, topic=topic, key=key)

    @contextmanager
    def next_due(self, skipped: Collection[Server] = (), limits: ServerLimits | None = None) -> Iterator[Delivery | None]:
        """Takes the message that is due first, for the body to send and to record; None when none is due.

        The message is locked until the body ends. An exception, or the end of the process, leaves it queued as it was.
        """
        with self._persistent.transaction() as connection:
            yield take(connection, skipped, limits or ServerLimits(), self._rules)

    def waiting_servers(self) -> list[Server]:
        """Returns the servers for which messages wait."""
        with self._persistent.transaction() as connection:
            return message_queue.waiting_servers(connection)

    def messages(self, state: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Returns the newest messages, of one state or of all, without their texts."""
        with self._persistent.transaction() as connection:
            return message_queue.listed(connection, state, limit)

    def retry(self, message_ids: Sequence[int] | None = None) -> int:
        """Queues messages that are dead or wait for their next attempt, to be sent now; None: all. Returns their number."""
        with self._persistent.transaction() as connection:
            return message_queue.retry(connection, message_ids)

    def open_alarm(self, cause: str, detail: str, message: Message | None) -> bool:
        """Opens an alarm and queues the message about it. Where one is open for this cause, it gets this detail and no message.

        Returns:
            Whether the alarm was opened.
        """
        with self._persistent.transaction() as connection:
            number = alarms.open_alarm(connection, cause, detail)
            if number is None:
                alarms.add_detail(connection, cause, detail)
            elif message is not None:
                message_queue.enqueue(connection, message, topic=ALARM_TOPIC, key=f"alarm:{number}")
            return number is not None

    def open_alarms(self, prefix: str) -> list[OpenAlarm]:
        """Returns the open alarms whose causes begin with a text, the oldest first."""
        with self._persistent.transaction() as connection:
            return alarms.open_alarms(connection, prefix)

    def close_alarm(self, cause: str, message: Message | None) -> bool:
        """Closes the alarm of a cause and queues the message that it is over. Returns whether it was open."""
        with self._persistent.transaction() as connection:
            closed = alarms.close_alarms(connection, [cause])
            for number in closed:
                if message is not None:
                    message_queue.enqueue(connection, message, topic=ALARM_TOPIC, key=f"alarm_over:{number}")
            return bool(closed)
