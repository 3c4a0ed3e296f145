"""Decides after a build which numbers of sensitive measures readers may see from now on, given all that they ever saw."""

from __future__ import annotations

import logging
from typing import Any

from loaders.disclosure import Decision, decide
from loaders.settings import Settings
from loaders.stages.disclosing.arrays import cell_of, population_of, span_of, state_of
from loaders.warehouse.disclosure.disclosure_ledger import DisclosureLedger, Place, RecordedDecision
from loaders.warehouse.disclosure.population_queries import SensitiveMeasure

Rows = list[dict[str, Any]]
_log = logging.getLogger(__name__)


def disclose(settings: Settings, build: int) -> dict[str, int]:
    """Decides on the sensitive measures of which something changed, and records it.

    Returns:
        By measure, how many numbers are shown from this build on that were not before.
    """
    ledger = DisclosureLedger(settings.warehouse_url, settings.transformer_url)
    opened = {}
    for measure in ledger.undecided():
        decision = _of_ratio(ledger, measure) if measure.is_ratio else _of_measure(ledger, measure, build)
        ledger.record(measure.code, build, decision)
        opened[measure.code] = len(decision.opened)
        if not decision.is_complete:
            _log.warning("%s counts too much for an audit of disclosures: none of its numbers is shown anew", measure.code)
    return opened


def _of_measure(ledger: DisclosureLedger, measure: SensitiveMeasure, build: int) -> RecordedDecision:
    months = ledger.visible_months()
    numbers, former = ledger.numbers(measure), ledger.disclosed_values(measure.code)
    population = population_of(
        measure, ledger.unit_rows(measure), ledger.memberships(), {*_areas(numbers), *_areas(former)}, months
    )
    area_of = {code: number for number, code in enumerate(population.area_codes)}
    last, digest = ledger.last_decision(measure.code), ledger.areas_digest()
    decision = decide(
        population,
        [cell_of(measure, row, area_of) for row in numbers],
        [span_of(measure, row, area_of) for row in former],
        {row.pop("unit_key"): state_of(row) for row in ledger.units(measure.code)},
        build=build,
        last_month=months[1],
        visible_until=last.last_month if last else None,
        scale=measure.scale,
        areas_changed=last is not None and last.areas_digest != digest,
    )
    return _recorded(decision, population.area_codes, len(numbers), former, months[1], digest)


def _recorded(
    decision: Decision, areas: list[str], numbers_count: int, former: Rows, last_month: int, digest: str
) -> RecordedDecision:
    shown_count = sum(row["is_open"] for row in former) + len(decision.opened) - len(decision.closed)
    return RecordedDecision(
        opened=[Place(areas[span.area], span.period, span.basis, span.value) for span in decision.opened],
        closed=[Place(areas[span.area], span.period, span.basis, span.value) for span in decision.closed],
        hidden_count=numbers_count - shown_count,
        last_month=last_month,
        areas_digest=digest,
        is_complete=decision.is_complete,
        units={
            key: (one.footprint, one.signature, one.batch, one.is_late, one.was_elsewhere, one.is_sole)
            for key, one in decision.units.items()
        },
    )


def _of_ratio(ledger: DisclosureLedger, ratio: SensitiveMeasure) -> RecordedDecision:
    """A number of a ratio is shown while both of its sides may be seen: shown, zero, or not sensitive."""
    hidden = set[tuple[str, str, str]]()
    for side in ledger.sensitive_sides(ratio):
        shown = {_place(row) for row in ledger.disclosed_values(side.code) if row["is_open"]}
        hidden |= {_place(row) for row in ledger.numbers(side)} - shown
    numbers = {_place(row): row["value"] for row in ledger.numbers(ratio)}
    former = {_place(row): row["value"] for row in ledger.disclosed_values(ratio.code) if row["is_open"]}
    shown_now = {place: value for place, value in numbers.items() if place not in hidden}
    return RecordedDecision(
        opened=[Place(*place, value) for place, value in shown_now.items() if former.get(place) != value],
        closed=[Place(*place, value) for place, value in former.items() if shown_now.get(place) != value],
        hidden_count=len(numbers) - len(shown_now),
        last_month=None,
        areas_digest=None,
        is_complete=True,
        units=None,
    )


def _areas(rows: Rows) -> set[str]:
    return {row["area"] for row in rows}


def _place(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["area"], row["period"], row["basis"]
