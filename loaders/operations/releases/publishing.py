"""Publishes or returns a draft: the decision of a person, frozen with the values in one transaction."""

from __future__ import annotations

import datetime as dt

from loaders.contract.release_rules import load_release_rules
from loaders.identifiers import redact
from loaders.landing import write_record
from loaders.messages import phrase
from loaders.operations.releases.digests import contracts_digest, models_digest
from loaders.operations.releases.drafting import release_scope, summary_of
from loaders.operations.releases.preconditions import objections
from loaders.period import Period
from loaders.release import Release, ValueKey, submissions_digest, values_digest
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse import Warehouse
from loaders.warehouse.releases import CannotBeReleased, Draft, Publication, ReleaseLog, add_note

COMMAND_LINE = "huimin release"


def publish(
    settings: Settings,
    draft_id: int,
    *,
    by: str,
    reason: str,
    decided_at: dt.datetime | None = None,
    decided_in: str = COMMAND_LINE,
) -> Release:
    """Freezes the values of a draft, with the decision of the person who approved it: who, in which words, when and where.

    `decided_at` is now unless it is given. Personal numbers in the words are masked: BI shows them.

    Raises:
        CannotBeReleased: the draft is decided, its values changed since it was prepared, or a precondition fails. Nothing was
            frozen, and a draft that was open is still open.
    """
    log = ReleaseLog(settings.warehouse_url)
    # No build may change a value between the comparison and the freeze.
    with Warehouse(settings.warehouse_url).exclusive_build(), log.publishing(draft_id) as (draft, publication):
        period = Period.parse(draft.period_code)
        scope = release_scope(settings, period, log)
        if values_digest(scope.values) != draft.values_digest:
            raise CannotBeReleased(
                f"the values changed since draft {draft_id} was prepared: huimin release prepare --period {period}"
            )
        failed = list(objections(summary_of(settings, period, scope), load_release_rules(settings.release_rules)))
        if failed:
            heading = phrase("release.must_not_be_published", draft=draft_id)
            listed = (f"- {objection.en}\n  {objection.zh}" for objection in failed)
            raise CannotBeReleased("\n".join([heading.en, heading.zh, *listed]))
        words = {"approved_by": redact(by), "reason": redact(reason), "decided_in": decided_in}
        release = _release(settings, draft, publication, words, decided_at)
        decision = publication.freeze(release, scope.values)
        # The record is on the disk before the decision is in the ledger for good.
        write_record(settings.landing, decision)
    return release


def _release(
    settings: Settings, draft: Draft, publication: Publication, decision: dict[str, str], decided_at: dt.datetime | None
) -> Release:
    now = dt.datetime.now(dt.UTC)
    return Release(
        release_number=publication.number,
        period_code=draft.period_code,
        released_at=now,
        git_revision=git_revision(),
        models_digest=models_digest(settings),
        contracts_digest=contracts_digest(settings),
        values_digest=draft.values_digest,
        submissions_digest=submissions_digest(publication.submissions),
        previous_hash=publication.previous_hash,
        decided_at=decided_at or now,
        build_id=publication.build_id,
        **decision,
    )


def return_draft(
    settings: Settings,
    draft_id: int,
    *,
    by: str,
    reason: str,
    decided_at: dt.datetime | None = None,
    decided_in: str = COMMAND_LINE,
) -> None:
    """Records that a person returned a draft, and why.

    Raises:
        CannotBeReleased: the draft is decided already.
    """
    now = dt.datetime.now(dt.UTC)
    log = ReleaseLog(settings.warehouse_url)
    words = {"by": redact(by), "reason": redact(reason)}
    with log.returning(draft_id, **words, decided_at=decided_at or now, decided_in=decided_in) as decision:
        write_record(settings.landing, decision)


def note(settings: Settings, key: ValueKey, *, by: str, reason: str) -> None:
    """Attaches the words of a person to a released value that differs now. Personal numbers in them are masked.

    Raises:
        CannotBeReleased: the value was never released.
    """
    add_note(settings.warehouse_url, key, reason=redact(reason), by=redact(by))
