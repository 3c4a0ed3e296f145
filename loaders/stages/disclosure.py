"""Decides after a build which numbers of sensitive measures readers may see from now on, given all that they ever saw."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from loaders.disclosure import MEMBER, MEMBER_FOR_A_TIME, Cell, Decision, Population, Span, UnitState, decide
from loaders.period import Period
from loaders.settings import Settings
from loaders.warehouse.disclosure.disclosure_ledger import DisclosureLedger, Place, RecordedDecision
from loaders.warehouse.disclosure.population_queries import SensitiveMeasure

Rows = list[dict[str, Any]]
_KINDS = ("year", "half", "quarter", "month")
_BASES = ("to_date", "value", "ytd")
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
    population = _population(
        measure, ledger.unit_rows(measure), ledger.memberships(), {*_areas(numbers), *_areas(former)}, months
    )
    area_of = {code: number for number, code in enumerate(population.area_codes)}
    last, digest = ledger.last_decision(measure.code), ledger.areas_digest()
    decision = decide(
        population,
        [_cell(measure, row, area_of) for row in numbers],
        [_span(measure, row, area_of) for row in former],
        {row.pop("unit_key"): _state(row) for row in ledger.units(measure.code)},
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


def _population(
    measure: SensitiveMeasure, rows: Rows, members: Rows, more_areas: set[str], months: tuple[int, int]
) -> Population:
    keys = sorted({row["unit_key"] for row in rows})
    leaves = sorted({row["leaf"] for row in rows})
    areas = sorted({row["area"] for row in rows} | more_areas | {row["series_code"] for row in members})
    key_of, leaf_of, area_of = ({name: number for number, name in enumerate(names)} for names in (keys, leaves, areas))
    membership = np.zeros((len(leaves), len(areas)), np.int8)
    for row in members:
        if row["area_code"] in leaf_of:
            kind = MEMBER if row["is_permanent"] else MEMBER_FOR_A_TIME
            membership[leaf_of[row["area_code"]], area_of[row["series_code"]]] = kind
    # What is before the first month counts to date only; a stock without end is there in the last month.
    first = np.maximum(np.array([row["first"] for row in rows], np.int64), months[0] - 1)
    last = np.array([months[1] if row["last"] is None else row["last"] for row in rows], np.int64)
    last = np.maximum(np.minimum(last, months[1]), first - 1) if measure.is_stock else first
    lengths = last - first + 1
    month = np.repeat(first, lengths) + (np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths))
    return Population(
        keys=keys,
        leaf_codes=leaves,
        area_codes=areas,
        unit=np.repeat(np.array([key_of[row["unit_key"]] for row in rows], np.int64), lengths),
        leaf=np.repeat(np.array([leaf_of[row["leaf"]] for row in rows], np.int64), lengths),
        area=np.repeat(np.array([area_of[row["area"]] for row in rows], np.int64), lengths),
        month=month.astype(np.int64),
        amount=np.repeat(np.array([row["amount"] for row in rows], np.float64), lengths),
        is_sum=measure.aggregation == "sum",
        membership=membership,
    )


def _areas(rows: Rows) -> set[str]:
    return {row["area"] for row in rows}


def _place(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["area"], row["period"], row["basis"]


def _cell(measure: SensitiveMeasure, row: dict[str, Any], area_of: dict[str, int]) -> Cell:
    first, last = _bounds(measure, row["basis"], row["first"], row["last"])
    rank = 100 * row["level"] + 10 * _KINDS.index(row["kind"]) + _BASES.index(row["basis"])
    return Cell(area_of[row["area"]], row["period"], row["basis"], first, last, row["value"], rank)


def _span(measure: SensitiveMeasure, row: dict[str, Any], area_of: dict[str, int]) -> Span:
    begin, end = _months(row["period"])
    first, last = _bounds(measure, row["basis"], begin, end)
    area = area_of[row["area"]]
    return Span(area, row["period"], row["basis"], first, last, row["value"], row["opened_build"], is_open=row["is_open"])


def _months(period: str) -> tuple[int, int]:
    """The first and the last month of a period, from year zero."""
    span = Period.parse(period)
    return span.start.year * 12 + span.start.month - 1, span.end.year * 12 + span.end.month - 1


def _bounds(measure: SensitiveMeasure, basis: str, first: int, last: int) -> tuple[int, int]:
    """The months over which a number counts: a stock is that of the last month."""
    if measure.is_stock:
        return last, last
    return {"value": first, "ytd": last - last % 12, "to_date": 0}[basis], last


def _state(row: dict[str, Any]) -> UnitState:
    return UnitState(**row | {"signature": row["signature"] % 2**64})
