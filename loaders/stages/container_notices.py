"""Members of containers that are no documents: each container is reported once to the owner, and again when its state changes.

What only a password cures is reported to the data engineers as well, because the contract names it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from loaders.contract import Contracts, LocalizedText, Mailbox, Report, load_contracts
from loaders.messages import join_texts, localized, phrase
from loaders.model import Notice
from loaders.period import local_today
from loaders.settings import Settings
from loaders.sources import PatternDescription
from loaders.stages.container_landing import OpenedContainer, UnreadMember, needs_password
from loaders.stages.member_names import container_options, is_known_to_another
from loaders.stages.notifications import queue_notices
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Warehouse

_MOST_NAMED = 10


def record_container_notices(
    report: Report, warehouse: Warehouse, containers: Sequence[OpenedContainer], settings: Settings
) -> None:
    """Records what the containers of a pull hold that is no document, to be sent by `queue_container_notices`."""
    if not containers:
        return
    contracts = load_contracts(settings.expectations)
    unread = {container: list(_to_report(container, report, contracts)) for container in containers}
    checked = [container.document.uri for container in containers]
    for topic, is_for_operators in ((_topic(report), False), (_operators_topic(report), True)):
        notices = [
            _notice(report, container, members)
            for container, members in unread.items()
            if members and (needs_password(members) or not is_for_operators)
        ]
        warehouse.sync_notices(topic, notices, checked=checked)


def queue_container_notices(report: Report, warehouse: Warehouse, mailer: Mailer) -> int:
    """Queues messages about the recorded notices; returns their number."""
    opening = phrase("notice.container.opening")
    sent = 0
    owner = report.owner_on(local_today())
    told = ((_topic(report), owner.email, owner.role.zh), (_operators_topic(report), mailer.operators, None))
    for topic, recipient, role in told:
        sent += queue_notices(
            topic,
            warehouse,
            recipient=recipient,
            recipient_role=role,
            subject=phrase("notice.container.subject", title=report.title).zh,
            opening=f"{opening.zh}\n{opening.en}",
            report=report.report,
        )
    return sent


def _topic(report: Report) -> str:
    return f"container:{report.report}"


def _operators_topic(report: Report) -> str:
    return f"container:{report.report}:operators"


def _to_report(container: OpenedContainer, report: Report, contracts: Contracts) -> Iterator[UnreadMember]:
    """Yields the unread members that concern this report: not those that another takes, or one that is stopped may take."""
    for member in container.unread:
        is_unknown = member.code == "container.unmatched"
        if not is_unknown or not (contracts.stopped or is_known_to_another(container.document, member.path, report, contracts)):
            yield member


def _notice(report: Report, container: OpenedContainer, members: Sequence[UnreadMember]) -> Notice:
    by_reason: dict[str, list[UnreadMember]] = defaultdict(list)
    for member in members:
        by_reason[member.code].append(member)
    lines = join_texts((_line(report, code, same) for code, same in by_reason.items()), zh="；", en="; ")
    folder, _, name = container.document.uri.rpartition("/")
    text = phrase("container.message", name=name, folder=folder, lines=lines)
    state = "\n".join(sorted(f"{member.code} {member.path}" for member in members))
    return Notice(container.document.uri, f"{text.zh} / {text.en}", hashlib.sha256(state.encode()).hexdigest()[:16])


def _line(report: Report, code: str, members: Sequence[UnreadMember]) -> LocalizedText:
    reason = phrase(code, expected=_expected(report)) if code == "container.unmatched" else members[0].reason
    names = [member.path for member in members if member.path]
    if not names:
        return reason
    shown = "、".join(names[:_MOST_NAMED]) + ("…" if len(names) > _MOST_NAMED else "")
    return phrase("container.line", reason=reason, names=shown)


def _expected(report: Report) -> LocalizedText:
    options = container_options(report)
    patterns = [
        *([report.source.attachments] if isinstance(report.source, Mailbox) else []),
        *([options.members] if options else []),
    ]
    return join_texts(_described(report, patterns), zh="；", en="; ")


def _described(report: Report, patterns: Iterable[str]) -> Iterator[LocalizedText]:
    for pattern in patterns:
        described = PatternDescription.of(report, pattern=pattern)
        example = f" {described.example}" if described.example else ""
        yield localized(described.description.zh + example, described.description.en + example)
