"""Publishes or returns a draft: the decision of a person, frozen with the values in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib

from loaders.contract import load_contracts
from loaders.contract.release_rules import load_release_rules
from loaders.dbt.runner import project_fingerprint
from loaders.operations.releases.drafting import objections, release_scope, summary_of
from loaders.period import Period
from loaders.release import Release, submissions_digest, values_digest
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse import Warehouse, contract_sha256
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog


def publish(settings: Settings, draft_id: int, *, by: str, reason: str) -> Release:
    """Freezes the values of a draft, with the decision of the person who approved it.

    Raises:
        CannotBeReleased: the draft is decided, its values changed since it was prepared, or a precondition fails.
    """
    log = ReleaseLog(settings.warehouse_url)
    # No build may change a value between the comparison and the freeze.
    with Warehouse(settings.warehouse_url).exclusive_build(), log.publishing(draft_id) as (draft, publication):
        period = Period.parse(draft.period_code)
        scope = release_scope(settings, period, log)
        digest = values_digest(scope.values)
        if digest != draft.values_digest:
            raise CannotBeReleased(
                f"the values changed since draft {draft_id} was prepared: huimin release prepare --period {period}"
            )
        failed = list(objections(summary_of(settings, period, scope), load_release_rules(settings.release_rules)))
        if failed:
            raise CannotBeReleased(f"draft {draft_id} must not be published:\n" + "\n".join(f"- {reason}" for reason in failed))
        release = Release(
            release_number=publication.number,
            period_code=draft.period_code,
            released_at=dt.datetime.now(dt.UTC),
            approved_by=by,
            reason=reason,
            git_revision=git_revision(),
            models_digest=project_fingerprint(settings),
            contracts_digest=_contracts_digest(settings),
            values_digest=digest,
            submissions_digest=submissions_digest(publication.submissions),
            previous_hash=publication.previous_hash,
        )
        publication.freeze(release, scope.values)
    return release


def return_draft(settings: Settings, draft_id: int, *, by: str, reason: str) -> None:
    """Records that a person returned a draft, and why.

    Raises:
        CannotBeReleased: the draft is decided already.
    """
    ReleaseLog(settings.warehouse_url).return_draft(draft_id, by=by, reason=reason)


def _contracts_digest(settings: Settings) -> str:
    contracts = load_contracts(settings.expectations).reports
    lines = (f"{name} {contract_sha256(report)}\n" for name, report in sorted(contracts.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
