"""The audit of one population: a number may be shown only as long as every target keeps a witness."""

from __future__ import annotations

import numpy as np

from loaders.disclosure.knowledge import Knowledge
from loaders.disclosure.layout import Layout
from loaders.disclosure.population import SMALLEST_SHOWN, Flags, Integers
from loaders.disclosure.targets import Target
from loaders.disclosure.witness import NOBODY, Move, WitnessSearch


class Audit:
    """Targets with their witnesses, and what is known; `admit` adds a number to what is known, or refuses it."""

    def __init__(
        self,
        layout: Layout,
        knowledge: Knowledge,
        search: WitnessSearch,
        targets: list[Target],
        *,
        is_free: Flags,
        moved: Integers,
    ) -> None:
        """`moved`: units that counted in another way before a correction, or are gone."""
        self._layout, self._knowledge, self._search = layout, knowledge, search
        self._targets, self._is_free, self._moved = targets, is_free, moved
        self._moves = np.full((len(targets), 4), NOBODY, np.int64)
        self._refusals = np.zeros(len(targets), np.int64)
        self._unprotected: Flags = np.zeros(layout.units_count, bool)
        for number, target in enumerate(targets):
            found = search.find(target)
            if found is None:
                self._unprotected[target.units] = True
            else:
                self._moves[number] = (found.unit, found.kind, found.leaf, found.other)
        self._unprotected[moved[~self._is_hidden_among_others()[moved]]] = True

    def admit(self, area: int, first: int, last: int, weight: int) -> bool:
        """Adds the number of an area in some months to what is known, if every target keeps a witness; else changes nothing.

        A number that touches a unit for which no witness is known is refused.
        """
        units = self._layout.units_in(area, first, last)
        inside = np.zeros(self._layout.units_count, bool)
        inside[units] = True
        if (inside & self._unprotected).any():
            return False
        patterns = self._layout.patterns_in(first, last)
        self._knowledge.add(units, area, patterns, weight)
        found = self._repair(np.nonzero(self._differences(inside, area, patterns))[0])
        if found is None or not self._hides_moved():
            self._knowledge.remove(units, area, patterns, weight)
            return False
        for number, move in found.items():
            self._moves[number] = (move.unit, move.kind, move.leaf, move.other)
        return True

    def _differences(self, inside: Flags, area: int, patterns: Flags) -> Integers:
        """Returns by how much the witness of each target would change the number."""
        unit, kind, leaf, other = self._moves.T
        layout = self._layout
        belongs = layout.members[:, area].astype(np.int64)
        # Who belongs for a time counts neither as inside nor as outside: such a witness is looked for again.
        belongs[belongs > 1] = 7

        def there(who: Integers) -> Integers:
            return np.where(who == NOBODY, 0, inside[who].astype(np.int64))

        goes_in = np.where(leaf == NOBODY, 0, belongs[leaf] * patterns[layout.pattern_of[unit]])
        comes_back = np.where(other == NOBODY, 0, belongs[layout.leaf_of[unit]] * patterns[layout.pattern_of[other]])
        return there(kind) + goes_in + comes_back - there(unit) - there(other)

    def _repair(self, broken: Integers) -> dict[int, Move] | None:
        """Finds other witnesses for the targets; None when one of them has none left."""
        found = {}
        # What made a number be refused before probably does so again.
        for number in broken[np.argsort(-self._refusals[broken], kind="stable")]:
            move = self._search.find(self._targets[number])
            if move is None:
                self._refusals[number] += 1
                return None
            found[int(number)] = move
        return found

    def _hides_moved(self) -> bool:
        """Whether those that were corrected or are gone are still among enough others of the same signature."""
        watched = self._moved[~self._unprotected[self._moved]]
        return not len(watched) or bool(self._is_hidden_among_others()[watched].all())

    def _is_hidden_among_others(self) -> Flags:
        """Returns, for each unit, whether readers cannot tell it from enough others, or know nothing of it."""
        signatures = self._knowledge.signatures
        _, kind, counts = np.unique(signatures, return_inverse=True, return_counts=True)
        kind = kind.reshape(-1)
        free = np.bincount(kind, weights=self._is_free)
        hidden: Flags = (signatures == 0) | ((counts[kind] >= SMALLEST_SHOWN) & (free[kind] > 0))
        return hidden
