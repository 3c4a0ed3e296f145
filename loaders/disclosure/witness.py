"""Witnesses: for each target another world that shows the same numbers and in which the target has another size.

A witness moves one unit, or exchanges two, such that no shown number changes, nothing that is visibly zero gets somebody and
nothing that visibly is not zero loses its last one. As long as every target has one, none of their sizes can be derived, by
equations or by bounds. The moves, in the order in which they are looked for:

- a unit more of the kind of a unit of the target, if no shown number counts that kind;
- a unit becomes one of a kind that exists: one that is in the same shown numbers;
- a unit is in another leaf area in the same months;
- two units of different leaf areas change places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.disclosure.knowledge import Knowledge
from loaders.disclosure.layout import Layout
from loaders.disclosure.population import Flags, Integers
from loaders.disclosure.targets import ANY_BATCH, Target

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Move:
    """`unit` becomes one like `kind`, or goes to `leaf`, in exchange for `other`; NOBODY where it does not apply."""

    unit: int = NOBODY
    kind: int = NOBODY
    leaf: int = NOBODY
    other: int = NOBODY


class WitnessSearch:
    """Looks for witnesses in one population. `is_free`: units whose absence would empty nothing that is visible."""

    def __init__(self, layout: Layout, knowledge: Knowledge, is_free: Flags, batch: Integers) -> None:
        self._layout, self._knowledge = layout, knowledge
        self._is_free, self._batch = is_free, batch
        movers = np.nonzero(is_free & (layout.leaf_of >= 0))[0]
        # Of those of the same leaf, months and batch, one is like the other.
        alike = np.stack([layout.leaf_of[movers], layout.pattern_of[movers], batch[movers]], axis=1)
        self._movers = movers[np.unique(alike, axis=0, return_index=True)[1]]
        self._leaf, self._pattern = layout.leaf_of[self._movers], layout.pattern_of[self._movers]
        self._mover_batch = batch[self._movers]
        self._since = layout.first_batches(batch)

    def find(self, target: Target) -> Move | None:
        """Returns a witness of the target against all that is known, or None."""
        return self._added(target) or self._changed_kind(target) or self._moved_in(target) or self._moved_out(target)

    def _added(self, target: Target) -> Move | None:
        unknown = target.units[self._knowledge.signatures[target.units] == 0]
        return Move(kind=int(unknown[0])) if len(unknown) else None

    def _changed_kind(self, target: Target) -> Move | None:
        signatures = self._knowledge.signatures
        for unit in target.units:
            is_same = signatures == signatures[unit]
            is_same[target.units] = False
            others = np.nonzero(is_same)[0]
            free = others[self._is_free[others]]
            if len(free):
                return Move(unit=int(free[0]), kind=int(unit))
            if len(others) and self._is_free[unit]:
                return Move(unit=int(unit), kind=int(others[0]))
        return None

    def _moved_in(self, target: Target) -> Move | None:
        layout, possible = self._layout, self._knowledge.possible
        inside = layout.leaves_of(target.area)
        hits = layout.patterns_in(target.first, target.last)[self._pattern] & ~inside[self._leaf] & self._is_of(target)
        outside = np.nonzero(hits)[0]
        if not len(outside):
            return None
        for leaf in np.nonzero(inside & layout.is_steady(target.area))[0]:
            allowed = outside[self._since[leaf, self._pattern[outside]] <= self._mover_batch[outside]]
            here = possible[leaf, self._pattern[allowed]]
            there = possible[self._leaf[allowed], self._pattern[allowed]]
            same = np.nonzero(here == there)[0]
            if len(same):
                return Move(unit=int(self._movers[allowed[same[0]]]), leaf=int(leaf))
            found = self._exchanged(target, int(leaf), allowed, here - there)
            if found:
                return found
        return None

    def _exchanged(self, target: Target, leaf: int, allowed: Integers, difference: np.ndarray[Any, Any]) -> Move | None:
        """Looks for a unit of the leaf outside of the target that changes places with one that comes in."""
        layout, possible = self._layout, self._knowledge.possible
        hits = layout.patterns_in(target.first, target.last)
        own = np.nonzero((self._leaf == leaf) & ~hits[self._pattern])[0]
        _, first_of_pattern = np.unique(self._pattern[own], return_index=True)
        for back in own[first_of_pattern]:
            pattern = self._pattern[back]
            fits = (difference == possible[leaf, pattern] - possible[self._leaf[allowed], pattern]) & (
                self._mover_batch[allowed] == self._mover_batch[back]
            )
            fits &= self._since[self._leaf[allowed], pattern] <= self._mover_batch[back]
            if fits.any():
                unit = self._movers[allowed[np.nonzero(fits)[0][0]]]
                return Move(unit=int(unit), leaf=leaf, other=int(self._movers[back]))
        return None

    def _moved_out(self, target: Target) -> Move | None:
        layout, possible = self._layout, self._knowledge.possible
        outside = ~layout.leaves_of(target.area)
        for unit in target.units:
            leaf, pattern = layout.leaf_of[unit], layout.pattern_of[unit]
            if leaf < 0 or not self._is_free[unit] or not layout.is_steady(target.area)[leaf]:
                continue
            same = outside & (possible[:, pattern] == possible[leaf, pattern]) & (self._since[:, pattern] <= self._batch[unit])
            if same.any():
                return Move(unit=int(unit), leaf=int(np.nonzero(same)[0][0]))
        return None

    def _is_of(self, target: Target) -> Flags | bool:
        return True if target.batch == ANY_BATCH else self._mover_batch == target.batch
