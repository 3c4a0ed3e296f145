"""Decides which numbers of one measure are shown from a build on, given everything that was ever shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from loaders.disclosure.audit import Audit
from loaders.disclosure.knowledge import Knowledge, weight_of
from loaders.disclosure.layout import Layout
from loaders.disclosure.population import SMALLEST_SHOWN, Cell, Flags, Population, Signatures, Span, UnitState
from loaders.disclosure.targets import find_targets, sole_units
from loaders.disclosure.unit_history import remembered_units
from loaders.disclosure.witness import WitnessSearch

MOST_ROWS = 3_000_000
MOST_CANDIDATES = 60_000
_Place = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What changes with a build: numbers that are shown from it on, numbers that are not shown any more, and what to remember.

    `is_complete` is false when the measure is too large for an audit: then nothing is added.
    """

    opened: list[Span]
    closed: list[Span]
    units: dict[str, UnitState]
    is_complete: bool


def decide(
    population: Population,
    cells: Sequence[Cell],
    spans: Sequence[Span],
    units: Mapping[str, UnitState],
    *,
    build: int,
    last_month: int,
    visible_until: int | None,
    scale: float = 1.0,
    areas_changed: bool = False,
) -> Decision:
    """Decides on the numbers of one measure after a build.

    Args:
        cells: all numbers of the measure as they are now, zeros left out or not.
        spans: all numbers of it that were ever shown.
        units: what the last decision remembered, by key.
        last_month: the last month of which numbers are visible with this build.
        visible_until: the last month of which numbers were visible before this build; None before the first decision.
        scale: base units in one unit of the values.
        areas_changed: areas have other members than at the last decision.
    """
    population, remembered, changed = remembered_units(
        population, units, build=build, visible_until=visible_until, last_month=last_month
    )
    if len(population.unit) > MOST_ROWS:
        return Decision([], _outdated(cells, spans), remembered, is_complete=False)
    layout = Layout(population)
    kept, signatures, audit = _prepared(layout, population, remembered, list(cells), list(spans))
    selection = _Selection(layout, population.area_codes, spans, changed, build, scale, areas_changed=areas_changed)
    opened, closed = selection.select(audit, cells)
    after = {
        key: replace(state, signature=int(signature)) for (key, state), signature in zip(kept.items(), signatures, strict=True)
    }
    return Decision(opened, closed, after, is_complete=True)


def _prepared(
    layout: Layout, population: Population, units: Mapping[str, UnitState], cells: list[Cell], spans: list[Span]
) -> tuple[dict[str, UnitState], Signatures, Audit]:
    """Returns the units with what they are alone in, their signatures, which the audit changes, and the audit."""
    states = [units[key] for key in population.keys]
    batch = np.array([state.batch for state in states], np.int64)
    is_late = np.array([state.is_late for state in states], bool)
    is_sole = np.array([state.is_sole for state in states], bool) | sole_units(layout, cells, batch, is_late)
    signatures = np.array([state.signature for state in states], np.uint64)
    moved = np.nonzero([state.was_elsewhere for state in states])[0]
    knowledge = Knowledge(layout, signatures, population.area_codes, spans)
    search = WitnessSearch(layout, knowledge, ~is_sole, batch)
    audit = Audit(layout, knowledge, search, find_targets(layout, cells, batch, is_late), is_free=~is_sole, moved=moved)
    kept = {key: replace(state, is_sole=bool(sole)) for key, state, sole in zip(population.keys, states, is_sole, strict=True)}
    return kept, knowledge.signatures, audit


def _outdated(cells: Sequence[Cell], spans: Sequence[Span]) -> list[Span]:
    """The numbers still shown that are others now."""
    values = {(cell.area, cell.period, cell.basis): cell.value for cell in cells}
    return [span for span in spans if span.is_open and values.get(_place(span)) != span.value]


def _place(one: Cell | Span) -> _Place:
    return one.area, one.period, one.basis


class _Selection:
    """The numbers that are tried one after the other: those that are shown first, then by their rank."""

    def __init__(
        self,
        layout: Layout,
        area_codes: list[str],
        spans: Sequence[Span],
        changed: Flags,
        build: int,
        scale: float,
        *,
        areas_changed: bool,
    ) -> None:
        self._layout, self._area_codes, self._changed = layout, area_codes, changed
        self._build, self._scale, self._areas_changed = build, scale, areas_changed
        self._open = {_place(span): span for span in spans if span.is_open}
        self._former: dict[_Place, list[float]] = {}
        for span in spans:
            self._former.setdefault(_place(span), []).append(span.value)

    def select(self, audit: Audit, cells: Sequence[Cell]) -> tuple[list[Span], list[Span]]:
        """Returns the numbers to be shown anew, and those that end."""
        present = {_place(cell) for cell in cells}
        closed = [span for place, span in self._open.items() if place not in present]
        candidates = []
        for cell in cells:
            span = self._open.get(_place(cell))
            if span is not None and span.value == cell.value and self._is_same(cell):
                continue
            if span is not None:
                closed.append(span)
            if self._may_be_tried(cell):
                candidates.append((span is None or span.value != cell.value, cell.rank, -cell.value, cell))
        candidates.sort(key=lambda one: (*one[:3], _place(one[3])))
        return self._admitted(audit, [one[3] for one in candidates[:MOST_CANDIDATES]]), closed

    def _admitted(self, audit: Audit, candidates: Sequence[Cell]) -> list[Span]:
        opened, answers = [], dict[tuple[int, int, int], bool]()
        for cell in candidates:
            span = Span(cell.area, cell.period, cell.basis, cell.first, cell.last, cell.value, self._build, is_open=True)
            # Numbers over the same months are one number.
            months = (cell.area, cell.first, cell.last)
            if months not in answers:
                answers[months] = audit.admit(*months, weight_of(self._area_codes[cell.area], span))
            if answers[months]:
                opened.append(span)
        return opened

    def _is_same(self, cell: Cell) -> bool:
        """Whether a shown number that kept its value is over the same units: those that did not change give it alone."""
        units = self._layout.units_in(cell.area, cell.first, cell.last)
        return not self._areas_changed and not self._changed[units].any()

    def _may_be_tried(self, cell: Cell) -> bool:
        """Whether a number is large enough, is what the audit counts, and is far enough from what was shown in its place."""
        units = self._layout.units_in(cell.area, cell.first, cell.last)
        counted = self._layout.amount_of(cell.area, cell.first, cell.last)
        if len(units) < SMALLEST_SHOWN or abs(counted / self._scale - cell.value) > 1e-6:
            return False
        changes = [abs(cell.value - value) * self._scale for value in self._former.get(_place(cell), ())]
        return all(change == 0 or change >= SMALLEST_SHOWN for change in changes)
