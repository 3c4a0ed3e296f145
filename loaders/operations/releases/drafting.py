"""Prepares a draft: what a release would freeze, and all that the person who decides must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from loaders import pipeline
from loaders.contract import load_contracts
from loaders.operations.releases.digests import contracts_digest, models_digest
from loaders.operations.releases.scope import Scope, is_published_with, scope_of
from loaders.period import Period, PeriodKind
from loaders.release import ReleasedValue, values_digest
from loaders.settings import Settings
from loaders.warehouse import contract_sha256
from loaders.warehouse.releases import (
    CannotBeReleased,
    DraftFacts,
    ReleaseLog,
    current_values,
    draft_facts,
    period_codes,
    restatement_causes,
)

_MOST_LISTED = 500
_MOST_FILES = 5


def prepare(settings: Settings, period: Period) -> int:
    """Keeps a draft of the release of a period. Changes no value.

    Returns:
        The number of the draft.

    Raises:
        CannotBeReleased: the indicators have no values of this period. There is no draft then.
    """
    codes = [code for code in period_codes(settings.transformer_url) if Period.parse(code).kind is period.kind]
    if str(period) not in codes:
        covered = f"of the {period.kind}s {min(codes)} to {max(codes)}" if codes else f"of no {period.kind}"
        raise CannotBeReleased(f"the indicators have no values of {period}: they have those {covered}")
    log = ReleaseLog(settings.warehouse_url)
    scope = release_scope(settings, period, log)
    return log.add_draft(str(period), values_digest(scope.values), summary_of(settings, period, scope))


def release_scope(settings: Settings, period: Period, log: ReleaseLog) -> Scope:
    """What a release of a period would freeze now: its values, and those of periods released before that changed since."""
    released = log.released_values()
    known = {key.period_code for key in released}
    codes = [
        code for code in period_codes(settings.transformer_url) if code in known or is_published_with(Period.parse(code), period)
    ]
    return scope_of(current_values(settings.transformer_url, codes), released)


def summary_of(settings: Settings, period: Period, scope: Scope) -> dict[str, Any]:
    """What the draft tells, as plain values; long lists are cut, their counts are not."""
    month = str(Period.containing(period.end, PeriodKind.MONTH))
    released = ReleaseLog(settings.warehouse_url).releases()
    last = released[-1] if released else None
    facts = draft_facts(
        settings.warehouse_url,
        settings.transformer_url,
        start=period.start,
        end=period.end,
        periods=sorted({value.period_code for value in scope.values}),
        month=month,
        published_until=max((Period.parse(one.period_code).end for one in released), default=None),
    )
    return {
        "added": len(scope.added),
        "added_by_period": dict(sorted(Counter(value.period_code for value in scope.added).items())),
        "restated": len(scope.restated),
        "restatements": _restatements(settings, scope),
        "rates": facts.rates,
        "missing": facts.missing[:_MOST_LISTED],
        "refusals": facts.refusals[:_MOST_LISTED],
        "open_refusals": len(facts.refusals),
        "errors": facts.errors,
        "outside": facts.outside,
        "targets": {"reached": sum(row["is_reached"] for row in facts.targets), "targets": len(facts.targets)},
        "target_rows": facts.targets[:_MOST_LISTED],
        "changed_documents": facts.changed_documents[:_MOST_LISTED],
        "contracts_changed": last is not None and last.contracts_digest != contracts_digest(settings),
        "models_changed": last is not None and last.models_digest != models_digest(settings),
        "stale_contracts": _stale_contracts(settings, facts),
        "is_built": pipeline.is_built(settings),
    }


def _restatements(settings: Settings, scope: Scope) -> list[dict[str, Any]]:
    listed = scope.restated[:_MOST_LISTED]
    causes = restatement_causes(settings.transformer_url, [now.key for _, now in listed])
    return [_restatement(before, now) | _cause(causes.get(now.key)) for before, now in listed]


def _cause(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Why a value differs; the first documents of many. Without a cause where the comparison of the warehouse has no such row."""
    if found is None:
        return {"causes": [], "files": [], "more_files": 0, "rows": None, "note": None}
    files = found["source_uris"] or []
    return {
        "causes": found["causes"],
        "files": files[:_MOST_FILES],
        "more_files": max(0, len(files) - _MOST_FILES),
        "rows": found["changed_rows_count"],
        "note": f"{found['note']} ({found['noted_by']})" if found["note"] else None,
    }


def _restatement(before: ReleasedValue, now: ReleasedValue) -> dict[str, Any]:
    changed = {
        name: [_text(getattr(before, name)), _text(getattr(now, name))]
        for name in ("value", "ytd", "to_date", "numerator", "denominator")
        if getattr(before, name) != getattr(now, name)
    }
    return {"indicator": now.indicator_code, "area": now.area_code, "period": now.period_code, "changed": changed}


def _text(number: Any) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _stale_contracts(settings: Settings, facts: DraftFacts) -> list[dict[str, Any]]:
    contracts = load_contracts(settings.expectations).reports
    present = {name: contract_sha256(report) for name, report in contracts.items()}
    return [row for row in facts.contracts if row["report"] in present and row["contract_sha256"] != present[row["report"]]]
