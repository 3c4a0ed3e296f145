"""Decides what people are told, and queues it in the outbox: in the transaction that records that they are notified.

Two kinds:

- issues of rows and documents, to the owner of their report (`notifying.conversations`);
- notices: any other matter of which somebody is notified once (`queue_notices`). Whoever finds such matters records all that he
  found, at each look, by `Warehouse.sync_notices`; what is gone is resolved by that.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from loaders.contract import Report
from loaders.feedback import compose_notice_message, compose_task_failure_message
from loaders.messages import phrase
from loaders.model import READER_INTERRUPTED, Issue, Notice, WaitingFile
from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import AlreadyNotified, Outcome, State, Submission, Warehouse

_log = logging.getLogger(__name__)
_LONGEST_UPLOAD = dt.timedelta(days=1)


def queue_notices(
    topic: str,
    warehouse: Warehouse,
    *,
    recipient: str | None,
    subject: str,
    opening: str,
    report: str | None = None,
    recipient_role: str | None = None,
) -> int:
    """Queues one message about the notices of a topic that were not notified yet; returns the number of messages, 0 or 1.

    Without a `recipient` they wait. `report` is the one that the message speaks of, if it is one; `recipient_role` the office
    that the recipient answers for.
    """
    notices = warehouse.unnotified_notices(topic) if recipient else []
    if not notices or recipient is None:
        return 0
    message = compose_notice_message(recipient, f"{subject}: {len(notices)}", opening, notices)
    message = replace(message, recipient_role=recipient_role)
    return int(_is_queued(lambda: warehouse.queue_notices(topic, notices, message, report=report)))


def record_unavailable_documents(
    report: Report, warehouse: Warehouse, missed: Mapping[str, str], *, checked: Collection[str] | None = None
) -> None:
    """Keep which documents of a report could not be had and why, by their places, to be told by `queue_document_notices`."""
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


def log_refused_documents(submissions: Iterable[Submission], outcomes: Iterable[Outcome]) -> None:
    """Writes a line into the log for each document that was refused, with its reason: so a task that is green says so."""
    refused = {one.submission_id: one.reason for one in outcomes if one.state is State.REJECTED}
    for submission in submissions:
        if submission.submission_id in refused:
            _log.warning("refused: %s: %s", submission.source_uri, refused[submission.submission_id])


def queue_document_notices(report: Report, warehouse: Warehouse, mailer: Mailer) -> int:
    """Queues messages to the data engineers about documents of a report that could not be fetched; returns their number."""
    matters = (
        (_fetch_topic(report), "not_fetched"),
        (_waiting_topic(report), "incomplete"),
        (_landing_topic(report), "landed_lost"),
        (_reader_topic(report), "reader_ended"),
    )
    sent = 0
    for topic, matter in matters:
        opening = phrase(f"notice.{matter}.opening", report=report.report)
        sent += queue_notices(
            topic,
            warehouse,
            recipient=mailer.operators,
            subject=f"[huimin] {report.report}: {phrase(f'notice.{matter}.subject').en}",
            opening=f"{opening.zh}\n{opening.en}",
            report=report.report,
        )
    return sent


def notify_operators(settings: Settings, *, task: str, run: str, error: BaseException | None) -> None:
    """Tells the data engineers once that a task failed for good; without an address for them, only the log knows.

    Where the warehouse, and the outbox with it, cannot be reached, the mail is sent at once and may be lost.
    """
    mailer = Mailer(settings)
    if mailer.operators is None:
        return
    # Only our own errors are known to hold no personal data.
    is_ours = type(error).__module__.partition(".")[0] == "loaders"
    what = f"{type(error).__name__}: {error}" if is_ours else type(error).__name__
    message = compose_task_failure_message(mailer.operators, task, run, what)
    mailer.queue_or_send(message, topic="task", key=f"task:{task}:{run}")


def _is_queued(queue: Callable[[], None]) -> bool:
    """Queues a message; returns False when another run notified somebody of the same meanwhile, so that nothing was queued."""
    try:
        queue()
    except AlreadyNotified as already_notified:
        _log.info("%s", already_notified)
        return False
    return True


def _fetch_topic(report: Report) -> str:
    return f"fetch:{report.report}"


def _waiting_topic(report: Report) -> str:
    return f"waiting:{report.report}"


def _reader_topic(report: Report) -> str:
    return f"reader:{report.report}"


def _landing_topic(report: Report) -> str:
    return f"landing:{report.report}"
