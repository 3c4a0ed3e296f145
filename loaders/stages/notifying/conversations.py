"""Queues what is told about issues: errors at once, warnings in one digest a day, and one message when all are settled.

A conversation is of one report, unit, period and address. One sending joins those of one report, period and address into one
message with a section per unit: a bureau that answers for all units gets one message, a unit with an address of its own gets
its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

from loaders.contract import Report
from loaders.feedback import IssueSection, compose_closing_message, compose_issue_message, issue_sections, split_message
from loaders.model import OpenIssue, Severity
from loaders.outgoing_messages import Attachment, Message, Recipient, SettledConversation
from loaders.schedule import WorkingDays
from loaders.settings import Settings
from loaders.stages.notifying.routes import Routes
from loaders.warehouse import AlreadyNotified, Warehouse

# Within how many working days a unit is asked to correct what was rejected.
FIX_WORKING_DAYS = 5
_log = logging.getLogger(__name__)

AttachmentsOf = Callable[[IssueSection], Sequence[Attachment]]
"""What goes with a unit's own message about a section, such as its document with notes."""


@dataclass
class _Joined:
    """What one message to one recipient is about. `issue_keys` are those that count as notified by it."""

    recipient: Recipient
    sections: list[IssueSection] = field(default_factory=list)
    issue_keys: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True)
class Conversations:
    """Who is told what about issues, for one run."""

    warehouse: Warehouse
    routes: Routes
    settings: Settings
    attachments: AttachmentsOf = lambda _: ()

    def queue_errors(self, report: Report) -> int:
        """Queues messages about each unit and period with a refused document or rejected rows, with its warnings.

        Returns:
            The number of messages.
        """
        urgent = [section for section in self._sections(report) if not _has_warnings_only(section)]
        queued = 0
        for _, group in groupby(urgent, key=lambda section: section.period):
            messages = list(self._messages(group, is_digest=False))
            queued += self._queue(partial(self.warehouse.queue_issue_messages, report.report, messages), len(messages))
        return queued

    def queue_digests(self, reports: Iterable[Report]) -> int:
        """Queues one message per address about all warnings without errors; an address that had its digest today waits.

        Returns:
            The number of messages.
        """
        had = self.warehouse.had_digest(self.routes.day)
        sections = [
            section
            for report in reports
            for section in filter(_has_warnings_only, self._sections(report))
            if not any((one.channel, one.address) in had for one in self._recipients(section))
        ]
        messages = list(self._messages(sections, is_digest=True))
        if not messages:
            return 0
        queue = partial(self.warehouse.queue_issue_messages, None, messages, self.routes.day)
        return self._queue(queue, len(messages))

    def queue_closings(self, report: Report) -> int:
        """Queues a message to each address of whose conversations about a report and period some are settled.

        Returns:
            The number of messages.
        """
        queued = 0
        settled = sorted(self.warehouse.settled_conversations(report), key=_conversation)
        for _, group in groupby(settled, key=_conversation):
            together = list(group)
            names = {one.unit_code: self.routes.name(one.unit_code) for one in together}
            message = compose_closing_message(report, together, names, language=self.settings.message_language)
            queued += self._queue(partial(self.warehouse.queue_closing, report, together, message), 1)
        return queued

    def _sections(self, report: Report) -> list[IssueSection]:
        issues: list[OpenIssue] = self.warehouse.unnotified_issues(report)
        return issue_sections(report, issues, {one.unit_code: self.routes.name(one.unit_code) for one in issues})

    def _recipients(self, section: IssueSection) -> list[Recipient]:
        """Returns who is told of a section; the first is the owner, by whose message its issues count as notified."""
        return [*self.routes.owner(section.report), *self.routes.unit(section.report, section.unit_code)]

    def _messages(self, sections: Iterable[IssueSection], *, is_digest: bool) -> Iterator[Message]:
        """Yields the messages about some sections, joined by address."""
        joined: dict[tuple[str, str], _Joined] = {}
        for section in sections:
            own = {(one.channel, one.address) for one in self.routes.unit(section.report, section.unit_code)}
            for number, recipient in enumerate(self._recipients(section)):
                key = (recipient.channel, recipient.address)
                message = joined.setdefault(key, _Joined(recipient))
                if section in message.sections:
                    continue
                message.sections.append(section)
                message.issue_keys += () if number else section.part.issue_keys
                message.attachments += self.attachments(section) if key in own and recipient.channel == "mail" else ()
        for one in joined.values():
            yield from self._composed(one, is_digest=is_digest)

    def _composed(self, joined: _Joined, *, is_digest: bool) -> Iterator[Message]:
        """Yields a message, in parts where its channel needs them; the first part stands for what is recorded."""
        message = compose_issue_message(
            joined.recipient,
            joined.sections,
            fix_by=WorkingDays.load(self.settings.holiday_arrangements).nth_after(self.routes.day, FIX_WORKING_DAYS),
            language=self.settings.message_language,
            is_digest=is_digest,
            attachments=joined.attachments,
        )
        first, *others = split_message(message)
        yield replace(first, issue_keys=tuple(dict.fromkeys(joined.issue_keys)))
        yield from (replace(one, parts=()) for one in others)

    def _queue(self, queue: Callable[[], None], count: int) -> int:
        try:
            queue()
        except AlreadyNotified as already_notified:
            _log.info("%s", already_notified)
            return 0
        return count


def _has_warnings_only(section: IssueSection) -> bool:
    return all(issue.severity is Severity.WARNING for issue in section.issues)


def _conversation(one: SettledConversation) -> tuple[str, str, str]:
    return one.channel, one.address, one.period or ""
