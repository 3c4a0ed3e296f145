"""The outbox as stages and commands see it. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.outgoing_messages import Message
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.outbox import message_queue
from loaders.warehouse.outbox.deliveries import Delivery, RetryRules, Server, ServerLimits, take


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
