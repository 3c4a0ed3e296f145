"""The warehouse for whoever decides that somebody is told: a message is queued in the transaction that records the decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from loaders.contract import Report
from loaders.model import Notice, OpenIssue
from loaders.outgoing_messages import Message, ReminderStep, SettledConversation
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.issues import conversations, notices, notifications
from loaders.warehouse.issues.notifications import AlreadyNotified
from loaders.warehouse.obligations import reminders
from loaders.warehouse.outbox.message_queue import enqueue
from loaders.warehouse.submission import submissions_by_id


class NotificationLedger:
    """The part of `Warehouse` for notifications. Every call is one transaction."""

    _persistent: PersistentConnection

    def unnotified_issues(self, report: Report) -> list[OpenIssue]:
        """Returns the issues of which the report's owner was not notified yet."""
        with self._persistent.transaction() as connection:
            return notifications.unnotified_issues(connection, report)

    def document_issues(self, submission_id: int) -> tuple[str, list[OpenIssue]]:
        """Returns the SHA-256 of a submission's document, and all of its issues."""
        with self._persistent.transaction() as connection:
            submission = submissions_by_id(connection, [submission_id])[submission_id]
            return submission.sha256, notifications.document_issues(connection, submission_id)

    def queue_issue_messages(self, report: str | None, messages: Sequence[Message], digest_day: dt.date | None = None) -> None:
        """Writes messages about issues into the outbox, all or none, and records that their owners are notified of them.

        `report` is the one that all of them concern, if it is one. `digest_day`: they are the digests of that day.

        Raises:
            AlreadyNotified: another run notified somebody of the same meanwhile; nothing was written.
        """
        with self._persistent.transaction() as connection:
            for message in messages:
                record = notifications.reserve if message.issue_keys else notifications.record_message
                number = record(connection, report, message, message.channel)
                # Only the first part of a message that its channel splits stands for the digest.
                day = digest_day if message.parts else None
                if day is not None and not conversations.record_digest(connection, message, day, number):
                    raise AlreadyNotified(f"{message.recipient} had the digest of {digest_day} from another run")
                conversations.join(connection, number, message)
                enqueue(connection, message, topic="issues", key=f"notification:{number}", notification_id=number)

    def settled_conversations(self, report: Report) -> list[SettledConversation]:
        """Returns the open conversations of a report of whose issues none is open any more."""
        with self._persistent.transaction() as connection:
            return conversations.settled(connection, report.report)

    def queue_closing(self, report: Report, settled: Sequence[SettledConversation], message: Message) -> None:
        """Writes the message that closes conversations into the outbox.

        Raises:
            AlreadyNotified: another run closed one of them meanwhile; nothing was written.
        """
        with self._persistent.transaction() as connection:
            number = notifications.record_message(connection, report.report, message, message.channel)
            if conversations.close(connection, [one.conversation_id for one in settled], number) != len(settled):
                raise AlreadyNotified(f"report={report.report}: another run closed one of these conversations meanwhile")
            enqueue(connection, message, topic="closing", key=f"notification:{number}", notification_id=number)

    def owed(self, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
        """Returns one row per report, unit and period that is owed, not received and due between two days, both included."""
        with self._persistent.transaction() as connection:
            return reminders.owed(connection, since, until)

    def reminded(self, steps: Sequence[ReminderStep]) -> set[tuple[str, ...]]:
        """Returns (report, unit, period, step, channel, address) of the reminders about what these steps concern."""
        with self._persistent.transaction() as connection:
            return reminders.reminded(connection, steps)

    def open_matters(self) -> list[dict[str, Any]]:
        """Returns one row per report with open issues or missing documents: counts, and the days since the first was opened."""
        with self._persistent.transaction() as connection:
            return reminders.open_matters(connection)

    def queue_reminder(self, steps: Sequence[ReminderStep], parts: Sequence[Message], day: dt.date) -> None:
        """Writes a message into the outbox that reminds one address of what is owed, in the parts that its channel needs.

        Raises:
            AlreadyNotified: another run reminded the same address meanwhile; nothing was written.
        """
        with self._persistent.transaction() as connection:
            number = notifications.record_message(connection, None, parts[0], parts[0].channel)
            if not reminders.record_reminders(connection, steps, parts[0], day, number):
                raise AlreadyNotified(f"{parts[0].recipient} was reminded by another run meanwhile")
            for index, part in enumerate(parts):
                enqueue(connection, part, topic="reminder", key=f"notification:{number}#{index}", notification_id=number)

    def had_digest(self, day: dt.date) -> Collection[tuple[str, str]]:
        """Returns the channel and address of everybody who had the digest of a day."""
        with self._persistent.transaction() as connection:
            return conversations.had_digest(connection, day)

    def sync_notices(self, topic: str, found: Iterable[Notice], *, checked: Collection[str] | None = None) -> None:
        """Updates the open notices of a topic to those that were found, so that each is sent once.

        `checked` are the keys that were examined, when it was not the whole topic: other notices stay as they are.
        """
        with self._persistent.transaction() as connection:
            notices.sync_notices(connection, topic, found, checked=checked)

    def unnotified_notices(self, topic: str) -> list[Notice]:
        """Returns the open notices of a topic that were not sent yet."""
        with self._persistent.transaction() as connection:
            return notices.unnotified(connection, topic)

    def queue_notices(self, topic: str, to_send: Sequence[Notice], message: Message, *, report: str | None = None) -> None:
        """Writes a message into the outbox, and records that its notices are notified.

        Raises:
            AlreadyNotified: another run sent one of them meanwhile; nothing was written.
        """
        with self._persistent.transaction() as connection:
            number = notices.reserve(connection, topic, to_send, message, report=report, channel=message.channel)
            enqueue(connection, message, topic="notice", key=f"notification:{number}", notification_id=number)
