"""The decision on a draft, as a scheduler asks for it: the draft, the mail that it waits, and the answer of a person.

A scheduler keeps its own record of the answer only as long as the run. It is copied here, in the transaction that freezes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from loaders.contract.release_rules import load_release_rules
from loaders.messages import phrase
from loaders.model import Notice
from loaders.operations.releases.drafting import prepare
from loaders.operations.releases.preconditions import objections
from loaders.operations.releases.publishing import publish, return_draft
from loaders.period import Period, PeriodKind, local_today
from loaders.settings import Settings
from loaders.stages.notifications import queue_notices
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Warehouse
from loaders.warehouse.releases import ReleaseLog

_TOPIC = "releases"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered: who, in which words, when, and where (the run of the scheduler, and the user's id there)."""

    by: str
    words: str
    at: dt.datetime
    place: str


def prepare_draft(settings: Settings, period: str | None) -> int:
    """Prepares the draft that a person is asked about; of the last whole month when no period is named.

    Returns:
        The number of the draft.

    Raises:
        ValueError: `period` is no period.
    """
    this_month = Period.containing(local_today(), PeriodKind.MONTH)
    return prepare(settings, Period.parse(period) if period else this_month.previous())


def notify_approvers(settings: Settings, mailer: Mailer, draft_id: int, link: str) -> int:
    """Mails the approvers, or else the data engineers, that a draft waits, once.

    Returns:
        The number of messages sent: 0 without a mail server, or when this draft was notified before.
    """
    draft = ReleaseLog(settings.warehouse_url).draft(draft_id)
    rules = load_release_rules(settings.release_rules)
    text = phrase(
        "release.waiting",
        draft=draft_id,
        period=draft.period_code,
        added=draft.summary["added"],
        restated=draft.summary["restated"],
        objections=len(list(objections(draft.summary, rules))),
        link=link,
    )
    warehouse = Warehouse(settings.warehouse_url)
    warehouse.sync_notices(_TOPIC, [Notice(_key(draft_id), f"{text.zh}\n{text.en}")], checked=[_key(draft_id)])
    opening = phrase("release.waiting.opening")
    mails = ", ".join(dict.fromkeys(one.mail for one in rules.approvers if one.mail))
    queue_notices(
        _TOPIC,
        warehouse,
        recipient=(mails or mailer.operators) if mailer.is_set else None,
        subject=" / ".join((phrase("release.waiting.subject").zh, phrase("release.waiting.subject").en)),
        opening=f"{opening.zh}\n{opening.en}",
    )
    return mailer.send_due()


def record_approval(settings: Settings, draft_id: int, answer: Answer) -> None:
    """Publishes a draft by an answer. Does nothing when this answer was recorded already, as by a task that is run again.

    Raises:
        CannotBeReleased: the draft must not be published; the message lists why, and the draft is still open.
    """
    if not ReleaseLog(settings.warehouse_url).is_decided(draft_id, answer.at, answer.place):
        publish(settings, draft_id, by=answer.by, reason=answer.words, decided_at=answer.at, decided_in=answer.place)
    _resolve_notice(settings, draft_id)


def record_return(settings: Settings, draft_id: int, answer: Answer) -> None:
    """Returns a draft by an answer. Does nothing when this answer was recorded already.

    Raises:
        CannotBeReleased: the draft is decided already.
    """
    if not ReleaseLog(settings.warehouse_url).is_decided(draft_id, answer.at, answer.place):
        return_draft(settings, draft_id, by=answer.by, reason=answer.words, decided_at=answer.at, decided_in=answer.place)
    _resolve_notice(settings, draft_id)


def _resolve_notice(settings: Settings, draft_id: int) -> None:
    Warehouse(settings.warehouse_url).sync_notices(_TOPIC, [], checked=[_key(draft_id)])


def _key(draft_id: int) -> str:
    return f"draft {draft_id}"
