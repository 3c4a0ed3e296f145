"""Two releases side by side: the values that both have and that differ, each with the release that changed it and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loaders.release import ValueKey
from loaders.settings import Settings
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog

_NUMBERS = ("value", "ytd", "to_date", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """One number of a value: what the earlier and the later release have. `number` is value, ytd, to_date or a side of a ratio.

    `release_number` is the release that changed it last; `causes` are those that its draft named, `note` words about it.
    """

    key: ValueKey
    number: str
    before: Decimal | None
    after: Decimal | None
    release_number: int
    causes: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """`added` counts values that only the later one has, by period."""

    earlier: int
    later: int
    differences: tuple[ValueDifference, ...]
    added: Mapping[str, int]


def compare_releases(settings: Settings, earlier: int, later: int) -> ReleaseComparison:
    """Compares what was published when two releases were made.

    Raises:
        CannotBeReleased: there is no such release, or `earlier` is not the earlier one.
    """
    log = ReleaseLog(settings.warehouse_url)
    last = len(log.releases())
    if not 1 <= earlier < later <= last:
        raise CannotBeReleased(f"expected two releases of 1 to {last}, the earlier one first, found {earlier} and {later}")
    before, after = log.released_values(earlier), log.released_values(later)
    changed = [key for key, value in before.items() if after[key].numbers != value.numbers]
    reasons = _reasons(log, earlier, later)
    differences = (
        ValueDifference(key, name, getattr(before[key], name), getattr(after[key], name), *_reason(reasons, key, later))
        for key in sorted(changed)
        for name in _NUMBERS
        if getattr(before[key], name) != getattr(after[key], name)
    )
    added = Counter(key.period_code for key in after.keys() - before.keys())
    return ReleaseComparison(earlier, later, tuple(differences), dict(sorted(added.items())))


def _reasons(log: ReleaseLog, earlier: int, later: int) -> dict[ValueKey, tuple[int, Mapping[str, Any]]]:
    """What the drafts of the releases between said of each value that they restated; the last one counts."""
    found: dict[ValueKey, tuple[int, Mapping[str, Any]]] = {}
    drafts = [draft for draft in log.drafts() if draft.release_number is not None and earlier < draft.release_number <= later]
    for draft in sorted(drafts, key=lambda one: one.release_number or 0):
        for row in draft.summary["restatements"]:
            found[ValueKey(row["indicator"], row["area"], row["period"])] = (draft.release_number or 0, row)
    return found


def _reason(
    reasons: Mapping[ValueKey, tuple[int, Mapping[str, Any]]], key: ValueKey, later: int
) -> tuple[int, tuple[str, ...], str | None]:
    """Release, causes and note. A draft lists the first of many restatements; of the others the causes are not known."""
    number, row = reasons.get(key, (later, {}))
    return number, tuple(row.get("causes", ())), row.get("note")
