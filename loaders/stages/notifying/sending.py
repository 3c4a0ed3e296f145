"""Sends what waits in the outbox. A channel that is down stops and delays nothing: its messages wait there."""

from __future__ import annotations

import logging
import time

import psycopg

from loaders.feedback import ChannelDown, ChannelError, messages_per_minute, open_channel, split_message
from loaders.messages import phrase
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.warehouse import Delivery, Outbox, RetryRules, Server, ServerLimits

_log = logging.getLogger(__name__)


class Mailer:
    """Sends the messages of one run. `failures` states, one line each, what was not taken and now waits for the next run.

    A server that is down is asked once, not for each message; one that refuses messages slowly is not asked without end.
    """

    def __init__(self, settings: Settings, *, message_seconds: float = 60.0, rules: RetryRules | None = None) -> None:
        self._settings = settings
        self._message_seconds = message_seconds
        self._outbox = Outbox(settings.warehouse_url, rules)
        self._skipped: set[Server] = set()
        self._failing_seconds: dict[Server, float] = {}
        self.failures: list[str] = []

    @property
    def is_set(self) -> bool:
        """Whether there is a mail server at all."""
        return self._settings.smtp_url is not None

    @property
    def operators(self) -> str | None:
        """Where the data engineers read their mail; None when nobody is to be told.

        A process without a mail server queues what they are told: the sender of the outbox has one.
        """
        return self._settings.operators_mail

    def queue_or_send(self, message: Message, *, topic: str, key: str) -> None:
        """Queues a message and sends what waits; without a warehouse that holds the outbox, sends this message at once."""
        try:
            for number, part in enumerate(split_message(message)):
                self._outbox.queue(part, topic=topic, key=f"{key}#{number}" if number else key)
            self.send_due()
        except psycopg.Error as error:
            _log.error("the outbox cannot be reached (%s); the message is sent without it", type(error).__name__)
            self.send_at_once(message)

    def send_at_once(self, message: Message) -> bool:
        """Sends a message without the outbox, which cannot be reached; returns whether it was taken. A failure is only logged."""
        try:
            self._send(message, "")
        except ChannelError as refused:
            self._record_failure(message, refused)
            return False
        return True

    def send_due(self, most: int | None = None, *, topic: str | None = None) -> int:
        """Sends the messages of the outbox that are due, at most `most`, or of one topic; returns how many were taken.

        A failure is logged and kept in `failures`: whoever loads or extracts must not fail by it.
        """
        sent = tried = 0
        limits = self._limits()
        while most is None or tried < most:
            with self._outbox.next_due(self._skipped, limits, topic) as delivery:
                if delivery is None:
                    return sent
                tried += 1
                sent += self._attempt(delivery)
        return sent

    def _attempt(self, delivery: Delivery) -> bool:
        started = time.monotonic()
        try:
            self._send(delivery.message, delivery.server[1])
        except ChannelError as error:
            is_down = isinstance(error, ChannelDown)
            self._record_failure(delivery.message, error)
            self._note_slowness(delivery.server, time.monotonic() - started, is_down=is_down)
            retry_after = error.retry_after if isinstance(error, ChannelDown) else None
            alarms = delivery.record_failed(str(error), is_server_down=is_down, retry_after=retry_after)
            self._queue_alarms(delivery, alarms, "outbox.alarm", str(error))
            return False
        _log.info("%s: %s was told: %s", delivery.message.channel, delivery.message.recipient, delivery.message.subject)
        self._queue_alarms(delivery, delivery.record_sent(), "outbox.over", "")
        return True

    def _send(self, message: Message, server: str) -> None:
        open_channel(message.channel, server, self._settings, message_seconds=self._message_seconds).send(message)

    def _record_failure(self, message: Message, error: ChannelError) -> None:
        self.failures.append(f'"{message.subject}": {error}')
        _log.error("%s", self.failures[-1])

    def _note_slowness(self, server: Server, seconds: float, *, is_down: bool) -> None:
        self._failing_seconds[server] = self._failing_seconds.get(server, 0.0) + seconds
        if is_down or self._failing_seconds[server] > self._message_seconds:
            self._skipped.add(server)

    def _queue_alarms(self, delivery: Delivery, alarms: dict[int, str], code: str, error: str) -> None:
        """Tells the operators, in the transaction of the delivery, what began or ended; the outbox keeps that too."""
        for number, cause in alarms.items():
            _log.warning("%s: %s %s", code, cause, error)
            if self.operators is None:
                continue
            subject, text = phrase(f"{code}.subject", cause=cause), phrase(code, cause=cause, error=error)
            message = Message(self.operators, f"[huimin] {subject.en}", f"{text.zh}\n{text.en}\n")
            delivery.queue(message, topic="alarm", key=f"{code}:{number}")

    def _limits(self) -> ServerLimits:
        """Returns how many messages a minute the servers take for which messages wait; skips those that are not set up here.

        A task of Airflow knows the connections of its own report alone; that it does not know others is no failure of theirs.
        """
        found = {}
        for channel, name in self._outbox.waiting_servers():
            try:
                per_minute = messages_per_minute(channel, name, self._settings)
            except ChannelDown as unset:
                if (channel, name) not in self._skipped:
                    _log.warning("messages wait for another sender: %s", unset)
                self._skipped.add((channel, name))
                continue
            if per_minute is not None:
                found[channel, name] = per_minute
        return ServerLimits(found)
