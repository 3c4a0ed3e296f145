"""Small worlds for the audit: who counts where, build by build, and what a reader sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from loaders.disclosure import MEMBER, Cell, Population, Span, UnitState, decide
from tests.support.disclosure.attack import Attack, History, Place, Seen, plain_kinds

Footprints = Mapping[str, frozenset[Place]]


@dataclass
class World:
    """Towns with the areas above them; `poll` is a build and what is shown after it."""

    above: Mapping[str, Sequence[str]]
    windows: Sequence[tuple[str, str, int, int]]
    seen: list[Seen] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    history: list[Footprints] = field(default_factory=list)
    _units: dict[str, UnitState] = field(default_factory=dict)
    _last_month: int | None = None

    @property
    def towns_of(self) -> dict[str, frozenset[str]]:
        areas = {area for above in self.above.values() for area in above} | set(self.above)
        return {area: frozenset(t for t, above in self.above.items() if area == t or area in above) for area in areas}

    def poll(self, persons: Footprints, last_month: int) -> dict[tuple[str, str, str], int]:
        """Builds with these persons; returns what is shown: (area, period, basis) -> number, zeros left out."""
        build = len(self.history)
        areas = sorted(self.towns_of)
        towns = sorted(self.above)
        population = self._population(persons, areas, towns)
        cells = []
        for area in areas:
            for period, basis, first, last in self.windows:
                if last <= last_month and (count := self._count(persons, area, first, last)):
                    rank = -100 * len(self.towns_of[area]) - (last - first)
                    cells.append(Cell(areas.index(area), period, basis, first, last, float(count), rank))
        done = decide(
            population, cells, self.spans, self._units, build=build + 1, last_month=last_month, visible_until=self._last_month
        )
        ended = {(span.area, span.period, span.basis) for span in done.closed}
        kept = [s if not s.is_open or (s.area, s.period, s.basis) not in ended else _closed(s) for s in self.spans]
        self.spans, self._units, self._last_month = kept + done.opened, done.units, last_month
        self.history.append(persons)
        shown = {(areas[s.area], s.period, s.basis): int(s.value) for s in self.spans if s.is_open}
        for area in areas:
            for period, basis, first, last in self.windows:
                if last <= last_month:
                    count = self._count(persons, area, first, last)
                    assert shown.get((area, period, basis), count) == count, "what is shown is true"
                    value = 0 if count == 0 else shown.get((area, period, basis))
                    self.seen.append(Seen(build, area, first, last, value))
        return shown

    def histories(self) -> list[History]:
        keys = sorted({key for persons in self.history for key in persons})
        return [tuple(persons.get(key, frozenset()) for persons in self.history) for key in keys]

    def attack(self, rng: np.random.Generator, most: int) -> list[object]:
        """Attacks some of the small numbers and changes."""
        months = range(max(last for _, _, _, last in self.windows) + 1)
        people = self.histories()
        kinds = [*plain_kinds(sorted(self.above), months, len(self.history)), *people]
        before = {(one.build, one.area, one.first, one.last): one for one in self.seen}
        targets: list[tuple[str, Seen, Seen | None]] = []
        for one in self.seen:
            former = before.get((one.build - 1, one.area, one.first, one.last))
            truth = self._count(self.history[one.build], one.area, one.first, one.last)
            if one.value is None and truth < 5:
                targets.append(("cell", one, None))
            if former is not None and self.history[one.build] != self.history[one.build - 1]:
                targets += [("came", one, former), ("went", former, one)]
        chosen = [targets[number] for number in rng.permutation(len(targets))]
        attack = Attack(self.towns_of, kinds, self.seen)
        small = [(w, now, then) for w, now, then in chosen if 0 < self._size(now, then) < 5]
        return list(attack.find(small[:most], people))

    def _size(self, now: Seen, then: Seen | None) -> int:
        def those(one: Seen) -> set[str]:
            towns = self.towns_of[one.area]
            return {
                key
                for key, places in self.history[one.build].items()
                if any(town in towns and one.first <= month <= one.last for town, month in places)
            }

        return len(those(now) - (those(then) if then else set()))

    def _count(self, persons: Footprints, area: str, first: int, last: int) -> int:
        towns = self.towns_of[area]
        return sum(any(t in towns and first <= m <= last for t, m in places) for places in persons.values())

    def _population(self, persons: Footprints, areas: list[str], towns: list[str]) -> Population:
        keys = sorted(persons)
        rows = [
            (keys.index(key), towns.index(town), areas.index(area), month)
            for key in keys
            for town, month in sorted(persons[key])
            for area in (town, *self.above[town])
        ]
        columns = np.array(rows, np.int64).reshape(-1, 4).T
        membership = np.zeros((len(towns), len(areas)), np.int8)
        for town, above in self.above.items():
            for area in (town, *above):
                membership[towns.index(town), areas.index(area)] = MEMBER
        amount = np.ones(len(rows))
        return Population(keys, towns, areas, *columns, amount=amount, is_sum=False, membership=membership)


def _closed(span: Span) -> Span:
    return Span(span.area, span.period, span.basis, span.first, span.last, span.value, span.opened, is_open=False)
