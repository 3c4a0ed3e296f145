"""The preconditions of a release: why a draft must not be published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.contract import LocalizedText
from loaders.contract.release_rules import ReleaseRules
from loaders.messages import phrase


def objections(summary: dict[str, Any], rules: ReleaseRules) -> Iterator[LocalizedText]:
    """Yields each precondition that a draft fails, by its summary, one sentence each."""
    if not summary["is_built"]:
        yield phrase("release.not_built")
    if not summary["added"] and not summary["restated"]:
        yield phrase("release.nothing_new")
    yield from _low_rates(summary["rates"], rules)
    refusals, errors = summary["open_refusals"], sum(row["errors"] for row in summary["errors"])
    if rules.maximum_open_refusals is not None and refusals > rules.maximum_open_refusals:
        yield phrase("release.open_refusals", count=refusals, most=rules.maximum_open_refusals)
    if rules.maximum_unresolved_errors is not None and errors > rules.maximum_unresolved_errors:
        yield phrase("release.unresolved_errors", count=errors, most=rules.maximum_unresolved_errors)
    outside = [row["indicator"] for row in summary["outside"]]
    if len(outside) > rules.maximum_outside_published:
        yield phrase("release.outside_published", indicators=", ".join(outside))
    if rules.require_current_contracts:
        for row in summary["stale_contracts"]:
            yield phrase("release.stale_contract", report=row["report"], count=row["documents"])


def _low_rates(rates: list[dict[str, Any]], rules: ReleaseRules) -> Iterator[LocalizedText]:
    for rate in rates:
        least = rules.minimum_rate(rate["report"])
        if rate["rate_pct"] is not None and rate["rate_pct"] < least:
            yield phrase(
                "release.low_rate",
                report=rate["report"],
                period=rate["period"],
                received=rate["received"],
                expected=rate["expected"],
                rate=f"{rate['rate_pct']:g}",
                least=f"{least:g}",
            )
