"""Telling people, after the work is done. A mail server that is down stops and delays nothing: what it did not take waits.

What is to be told stands in the ledger until it was told, so that the next run tells it. Two kinds:

- issues of rows and documents, to the owner of their report (`notify_owner`);
- notices: any other matter that somebody is told once (`send_notices`). Whoever finds such matters notes all that he found,
  at each look, by `Warehouse.note(topic, notices)`; what is gone is resolved by that, and what is new is told by the next
  `send_notices` of the topic.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.feedback import (
    ChannelDown,
    ChannelError,
    SmtpChannel,
    compose_issue_messages,
    compose_notice_message,
    compose_task_failure_message,
)
from loaders.messages import phrase
from loaders.model import READER_INTERRUPTED, Issue, Message, Notice, WaitingFile
from loaders.settings import Settings
from loaders.warehouse import AlreadyNotified, Warehouse

_log = logging.getLogger(__name__)
_LONGEST_UPLOAD = dt.timedelta(days=1)


class Mailer:
    """Sends the messages of one run. `failures` says, a line each, what was not taken and now waits for the next run.

    A server that is down is asked once, not for each message; one that refuses messages slowly is not asked for ever.
    """

    def __init__(self, settings: Settings, *, message_seconds: float = 60.0) -> None:
        self._settings = settings
        self._message_seconds = message_seconds
        self._is_down = False
        self._failing_seconds = 0.0
        self.failures: list[str] = []

    @property
    def is_set(self) -> bool:
        """Whether there is a mail server at all."""
        return self._settings.smtp_url is not None

    @property
    def operators(self) -> str | None:
        """Where the data engineers read their mail; None when nobody is to be told."""
        return self._settings.operators_mail if self.is_set else None

    def send(self, message: Message, record: AbstractContextManager[None] | None = None) -> bool:
        """Hand a message over, `record` around it; whether it was taken."""
        if self._is_down or self._settings.smtp_url is None:
            return False
        started = time.monotonic()
        try:
            channel = SmtpChannel(self._settings.smtp_url, self._settings.mail_from, message_seconds=self._message_seconds)
            if record is None:
                channel.send(message)
            else:
                with record:
                    channel.send(message)
        except AlreadyNotified as already_told:
            _log.info("%s", already_told)
            return False
        except ChannelError as error:
            self._failing_seconds += time.monotonic() - started
            self._is_down = isinstance(error, ChannelDown) or self._failing_seconds > self._message_seconds
            self.failures.append(f'"{message.subject}": {error}')
            _log.error("%s", self.failures[-1])
            return False
        return True


def notify_owner(report: Report, warehouse: Warehouse, divisions: Divisions, mailer: Mailer) -> int:
    """Tell the owner of a report each issue that was not told yet; the number of messages sent."""
    messages = compose_issue_messages(report, warehouse.unnotified_issues(report), divisions)
    return sum(mailer.send(message, warehouse.notification(report, message)) for message in messages)


def send_notices(
    topic: str,
    warehouse: Warehouse,
    mailer: Mailer,
    *,
    recipient: str | None,
    subject: str,
    opening: str,
    report: str | None = None,
    recipient_role: str | None = None,
) -> int:
    """Tell the notices of a topic that were not told yet, in one message; the number of messages sent.

    Without a `recipient` they stay untold. `report` is the one that the message speaks of, if it is one; `recipient_role` the
    office that the recipient answers for.
    """
    notices = warehouse.unnotified_notices(topic) if recipient else []
    if not notices or recipient is None:
        return 0
    message = compose_notice_message(recipient, f"{subject}: {len(notices)}", opening, notices)
    message = replace(message, recipient_role=recipient_role)
    return int(mailer.send(message, warehouse.notice_delivery(topic, notices, message, report=report)))


def record_unavailable_documents(
    report: Report, warehouse: Warehouse, missed: Mapping[str, str], *, checked: Collection[str] | None = None
) -> None:
    """Keep which documents of a report could not be had and why, by their places, to be told by `send_document_notices`."""
    # Sizes and ports change from look to look, and are no other reason.
    notices = [Notice(uri, f"{uri}: {why}", reason=re.sub(r"\d+", "0", why)) for uri, why in missed.items()]
    warehouse.sync_notices(_fetch_topic(report), notices, checked=checked)


def record_waiting_files(report: Report, warehouse: Warehouse, waiting: Iterable[WaitingFile]) -> None:
    """Keep which files of a report have not become whole for so long that nobody may be uploading them any more."""
    long_ago = dt.datetime.now(dt.UTC) - _LONGEST_UPLOAD
    overdue = {file.uri: file.first_seen_at for file in waiting if file.first_seen_at < long_ago}
    words = "waits to be whole since {:%Y-%m-%d}: its marker or its line in the manifest is missing or older than the file"
    warehouse.sync_notices(
        _waiting_topic(report), [Notice(uri, f"{uri}: {words.format(since)}") for uri, since in overdue.items()]
    )


def record_lost_files(report: Report, warehouse: Warehouse, reasons: Mapping[str, str | None]) -> None:
    """Keep which documents of a report have lost their landed file and why; None for those whose file is whole."""
    notices = [Notice(uri, f"{uri}: {why}", reason=why) for uri, why in reasons.items() if why is not None]
    warehouse.sync_notices(_landing_topic(report), notices, checked=list(reasons))


def record_interrupted_readers(report: Report, warehouse: Warehouse, refusals: Mapping[str, Issue | None]) -> None:
    """Keep which documents of a report were refused because their reader was ended from outside, by their places."""
    notices = [
        Notice(uri, f"{uri}: {refusal.message_en}", reason=refusal.rule)
        for uri, refusal in refusals.items()
        if refusal is not None and refusal.rule == READER_INTERRUPTED
    ]
    warehouse.sync_notices(_reader_topic(report), notices, checked=list(refusals))


def send_document_notices(report: Report, warehouse: Warehouse, mailer: Mailer) -> int:
    """Tell the data engineers which documents of a report could not be had; the number of messages sent."""
    matters = (
        (_fetch_topic(report), "not_fetched"),
        (_waiting_topic(report), "incomplete"),
        (_landing_topic(report), "landed_lost"),
        (_reader_topic(report), "reader_ended"),
    )
    sent = 0
    for topic, matter in matters:
        opening = phrase(f"notice.{matter}.opening", report=report.report)
        sent += send_notices(
            topic,
            warehouse,
            mailer,
            recipient=mailer.operators,
            subject=f"[huimin] {report.report}: {phrase(f'notice.{matter}.subject').en}",
            opening=f"{opening.zh}\n{opening.en}",
            report=report.report,
        )
    return sent


def notify_operators(settings: Settings, *, task: str, run: str, error: BaseException | None) -> None:
    """Mail the data engineers that a task failed; without an address for them, only the log knows."""
    mailer = Mailer(settings)
    if mailer.operators is None:
        return
    # Only our own errors are known to hold no personal data.
    is_ours = type(error).__module__.partition(".")[0] == "loaders"
    what = f"{type(error).__name__}: {error}" if is_ours else type(error).__name__
    mailer.send(compose_task_failure_message(mailer.operators, task, run, what))


def _fetch_topic(report: Report) -> str:
    return f"fetch:{report.report}"


def _waiting_topic(report: Report) -> str:
    return f"waiting:{report.report}"


def _reader_topic(report: Report) -> str:
    return f"reader:{report.report}"


def _landing_topic(report: Report) -> str:
    return f"landing:{report.report}"
