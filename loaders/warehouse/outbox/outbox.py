"""The outbox as stages and commands see it. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.outgoing_messages import Message
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.outbox import alarms, message_queue
from loaders.warehouse.outbox.alarms import OpenAlarm
from loaders.warehouse.outbox.deliveries import ALARM_TOPIC, Delivery, RetryRules, Server, ServerLimits, take

AlarmComposer = Callable[[Sequence[str], bool], Message | None]
"""Makes the message about the causes of alarms, which are new or over."""


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
    def next_due(
        self, skipped: Collection[Server] = (), limits: ServerLimits | None = None, topic: str | None = None
    ) -> Iterator[Delivery | None]:
        """Takes the message that is due first, of any topic or of one, for the body to send and to record; None when none is due.

        The message is locked until the body ends. An exception, or the end of the process, leaves it queued as it was.
        """
        with self._persistent.transaction() as connection:
            yield take(connection, skipped, limits or ServerLimits(), self._rules, topic)

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

    def sync_alarms(
        self, prefix: str, details: Mapping[str, str], is_checked: Callable[[str], bool], compose: AlarmComposer
    ) -> tuple[list[str], list[str]]:
        """Opens the alarms of causes that are new, and closes those that are over; queues one message about either.

        `details` are all causes that were found, with what is said of each. Open alarms whose causes begin with `prefix` are over
        when they were not found, if `is_checked` says of their cause that it was looked for. `compose` makes the message about
        some causes from them and from whether they are over; None where nobody is to be told.

        Returns:
            The causes that were opened, and those that were closed.
        """
        with self._persistent.transaction() as connection:
            numbers = {cause: alarms.open_alarm(connection, cause, detail) for cause, detail in details.items()}
            opened = {cause: number for cause, number in numbers.items() if number is not None}
            standing = (alarm.cause for alarm in alarms.open_alarms(connection, prefix))
            gone = [cause for cause in standing if cause not in details and is_checked(cause)]
            closed = {cause: number for number, cause in alarms.close_alarms(connection, gone).items()}
            for causes, is_over, key in ((opened, False, "alarm"), (closed, True, "alarm_over")):
                message = compose(list(causes), is_over) if causes else None
                if message is not None:
                    message_queue.enqueue(connection, message, topic=ALARM_TOPIC, key=f"{key}:{min(causes.values())}")
            return list(opened), list(closed)

    def close_alarm(self, cause: str, message: Message | None) -> bool:
        """Closes the alarm of a cause and queues the message that it is over. Returns whether it was open."""
        with self._persistent.transaction() as connection:
            closed = alarms.close_alarms(connection, [cause])
            for number in closed:
                if message is not None:
                    message_queue.enqueue(connection, message, topic=ALARM_TOPIC, key=f"alarm_over:{number}")
            return bool(closed)
