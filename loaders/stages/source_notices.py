"""What a look at a source shows and no row can carry: files that no contract knows, and documents that vanished in numbers.

Each is told once: to the owner of the report, because it is the office that names and removes files; a folder that looks emptied
to the data engineers as well. What is put right is resolved by the next look.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from loaders.contract import Contracts, FileDrop, LocalizedText, Mailbox, Report, load_contracts
from loaders.messages import join_texts, phrase
from loaders.model import Notice, Pull
from loaders.period import local_today
from loaders.settings import Settings
from loaders.sources import FileNamePattern, PatternDescription, place_of
from loaders.stages.notifications import queue_notices, record_waiting_files
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import UnconfirmedGone, Warehouse

_MOST_NAMED = 10
_log = logging.getLogger(__name__)


def record_source_notices(
    report: Report, warehouse: Warehouse, pull: Pull, unconfirmed: UnconfirmedGone, settings: Settings
) -> None:
    """Keep what a whole look left lying and what it did not find, each to be told once by `notify_owners`."""
    for uri in pull.waiting:
        _log.info("%s is still being written and waits for the next run", uri)
    for uri in pull.unmatched:
        _log.info("%s has a name that the contract does not know and is left where it is", uri)
    record_waiting_files(report, warehouse, pull.waiting_files)
    note_unconfirmed_gone(report, warehouse, unconfirmed)
    record_unmatched_files(report, warehouse, pull, settings)
    record_unknown_senders(report, warehouse, pull)


def record_unknown_senders(report: Report, warehouse: Warehouse, pull: Pull) -> None:
    """Records senders of mails that the contract does not map, to be sent to the data engineers by `queue_source_notices`."""
    if not isinstance(report.source, Mailbox):
        return
    place = f"{report.source.connection}:{report.source.folder}"
    notices = [Notice(sender, _in_both(phrase("notice.sender", sender=sender, place=place))) for sender in pull.unknown_senders]
    # A pull sees new mails only: the other notices stay until the contract maps their senders.
    warehouse.sync_notices(_sender_topic(report), notices, checked=[*report.source.senders, *pull.unknown_senders])


def record_unmatched_files(report: Report, warehouse: Warehouse, pull: Pull, settings: Settings) -> None:
    """Keep which files a whole look left lying because no contract knows their names, to be told by `queue_source_notices`."""
    notices: list[Notice] = []
    if pull.unmatched:
        contracts = load_contracts(settings.expectations)
        if _may_be_of_stopped(report, contracts):
            return
        notices = [_unmatched(uri, report, contracts) for uri in pull.unmatched if not _is_of_another(uri, report, contracts)]
    warehouse.sync_notices(_unmatched_topic(report), notices)


def note_unconfirmed_gone(report: Report, warehouse: Warehouse, unconfirmed: UnconfirmedGone) -> None:
    """Keep that too many documents vanished at once to be believed, to be told by `queue_source_notices`; or that none did."""
    notices = [_unconfirmed_notice(report, unconfirmed)] if unconfirmed.uris else []
    for topic in _unconfirmed_gone_topics(report):
        warehouse.sync_notices(topic, notices)


def queue_source_notices(report: Report, warehouse: Warehouse, mailer: Mailer) -> int:
    """Queues messages about what looks at the report's source showed; returns their number."""
    owner = report.owner_on(local_today())
    opening = _in_both(phrase("notice.unmatched.opening"), separator="\n")
    sent = queue_notices(
        _unmatched_topic(report),
        warehouse,
        recipient=owner.email,
        recipient_role=owner.role.zh,
        subject=phrase("notice.unmatched.subject", title=report.title).zh,
        opening=f"{owner.role.zh}：\n{opening}",
        report=report.report,
    )
    sent += queue_notices(
        _sender_topic(report),
        warehouse,
        recipient=mailer.operators,
        subject=f"[huimin] {report.report}: {phrase('notice.sender.subject').en}",
        opening=_in_both(phrase("notice.sender.opening", report=report.report), separator="\n"),
        report=report.report,
    )
    recipients = ((owner.email, owner.role.zh), (mailer.operators, None))
    for topic, (recipient, role) in zip(_unconfirmed_gone_topics(report), recipients, strict=True):
        sent += queue_notices(
            topic,
            warehouse,
            recipient=recipient,
            recipient_role=role,
            subject=phrase("notice.vanished.subject", title=report.title).zh,
            opening=_in_both(phrase("notice.vanished.opening")),
            report=report.report,
        )
    return sent


def _unmatched_topic(report: Report) -> str:
    """One for all reports of an owner that share a folder, so that a file is told once.

    The first owner names it, so that the notices stay the same when another office answers.
    """
    place = place_of(report.source) if isinstance(report.source, FileDrop) else report.report
    return f"unmatched:{place}:{report.owner_on(dt.date.min).email}"


def _sender_topic(report: Report) -> str:
    return f"sender:{report.report}"


def _unconfirmed_gone_topics(report: Report) -> tuple[str, str]:
    return f"vanished:{report.report}", f"vanished:{report.report}:operators"


def _may_be_of_stopped(report: Report, contracts: Contracts) -> bool:
    """Whether a contract that cannot be read may know the files of this folder: then nobody is told of them yet."""
    return isinstance(report.source, FileDrop) and bool(contracts.stopped)


def _is_of_another(uri: str, report: Report, contracts: Contracts) -> bool:
    """Whether another report knows a file, or has the folder below in which it lies: then that one's owner is told."""
    if not isinstance(report.source, FileDrop):
        return False
    own = place_of(report.source)
    for other, source in _drops(contracts):
        place = place_of(source)
        if other.report != report.report and uri.startswith(place):
            is_deeper = len(place) > len(own)
            if is_deeper or FileNamePattern(other, source).read(uri.removeprefix(place)) is not None:
                return True
    return False


def _drops(contracts: Contracts) -> Iterator[tuple[Report, FileDrop]]:
    for report in contracts.reports.values():
        if isinstance(report.source, FileDrop):
            yield report, report.source


def _unmatched(uri: str, report: Report, contracts: Contracts) -> Notice:
    if not isinstance(report.source, FileDrop):
        return Notice(uri, _in_both(phrase("notice.unmatched.rows", place=uri)))
    folder = place_of(report.source)
    sharing = [(other, source) for other, source in _drops(contracts) if place_of(source) == folder]
    expected = join_texts((_expected(other, source) for other, source in sharing or [(report, report.source)]), zh="；")
    message = phrase("notice.unmatched.file", name=uri.removeprefix(folder), folder=folder, expected=expected)
    return Notice(uri, _in_both(message))


def _expected(report: Report, source: FileDrop) -> LocalizedText:
    described = PatternDescription.of(report, source)
    words = {"title": report.title, "description": described.description}
    if described.example is None:
        return phrase("notice.unmatched.expected", **words)
    return phrase("notice.unmatched.expected_like", **words, example=described.example)


def _unconfirmed_notice(report: Report, unconfirmed: UnconfirmedGone) -> Notice:
    shown = "、".join(uri.rsplit("/", 1)[-1] for uri in unconfirmed.uris[:_MOST_NAMED])
    message = phrase(
        "notice.vanished.report",
        report=phrase("report.title", zh=report.title.zh, en=report.title.en, report=report.report),
        current=unconfirmed.current_count,
        gone=len(unconfirmed.uris),
        shown=shown + ("…" if len(unconfirmed.uris) > _MOST_NAMED else ""),
        limit=f"{report.gone_limit_pct:g}%",
    )
    return Notice(report.report, _in_both(message))


def _in_both(text: LocalizedText, separator: str = " / ") -> str:
    return f"{text.zh}{separator}{text.en}"
