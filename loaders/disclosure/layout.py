"""The population arranged for the audit: the rows of each area, the months of each unit, and how a number meets them."""

from __future__ import annotations

import numpy as np

from loaders.disclosure.population import MEMBER, NOT_MEMBER, Flags, Floats, Integers, Population


class Layout:
    """One population, read only.

    `leaf_of[u]`: the only leaf of a unit, or -1. `pattern_of[u]`: the number of its set of months. `presence[p, m]`: whether
    pattern p has the month `first_month + m`. `members[leaf, area]`: as the population's membership.
    """

    def __init__(self, population: Population) -> None:
        self.units_count = len(population.keys)
        self.areas_count = len(population.area_codes)
        self.members = population.membership
        self._is_sum = population.is_sum
        order = np.lexsort((population.month, population.area))
        self._unit, self._month = population.unit[order], population.month[order]
        self._amount: Floats = population.amount[order]
        self._starts = np.searchsorted(population.area[order], np.arange(self.areas_count + 1))
        self.first_month = int(population.month.min(initial=0)) if len(population.month) else 0
        self.months_count = int(population.month.max(initial=0)) - self.first_month + 1 if len(population.month) else 1
        self.leaf_of = _only_leaves(population, self.units_count)
        grid = np.zeros((self.units_count, self.months_count), bool)
        grid[population.unit, population.month - self.first_month] = True
        self.presence, self.pattern_of = _patterns(grid)
        self._upto = np.concatenate(
            [np.zeros((len(self.presence), 1), np.int64), np.cumsum(self.presence, axis=1, dtype=np.int64)], axis=1
        )

    def units_in(self, area: int, first: int, last: int) -> Integers:
        """Returns the units that count in an area in the months from `first` to `last`, each once, in order."""
        return np.unique(self._unit[self._rows(area, first, last)])

    def amount_of(self, area: int, first: int, last: int) -> float:
        """Returns the number over them, in base units: of a sum, all that they add up to."""
        rows = self._rows(area, first, last)
        return float(self._amount[rows].sum()) if self._is_sum else float(len(np.unique(self._unit[rows])))

    def patterns_in(self, first: int, last: int) -> Flags:
        """Returns, for each pattern, whether it has one of the months from `first` to `last`."""
        begin = min(max(first - self.first_month, 0), self.months_count)
        end = min(max(last + 1 - self.first_month, begin), self.months_count)
        hits: Flags = self._upto[:, end] > self._upto[:, begin]
        return hits

    def leaves_of(self, area: int) -> Flags:
        """Returns, for each leaf, whether it belongs to the area at some time."""
        belongs: Flags = self.members[:, area] != NOT_MEMBER
        return belongs

    def is_steady(self, area: int) -> Flags:
        """Returns, for each leaf, whether it belongs to the area at all times, or never."""
        steady: Flags = (self.members[:, area] == MEMBER) | (self.members[:, area] == NOT_MEMBER)
        return steady

    def first_batches(self, batch: Integers) -> Integers:
        """Returns, by leaf and pattern, the latest of the builds since which the leaf has somebody in each month of the pattern.

        Where it has nobody in one of the months, the number is larger than any build.
        """
        never = np.iinfo(np.int64).max
        known = np.full((len(self.members), self.months_count), never, np.int64)
        single = np.nonzero(self.leaf_of >= 0)[0]
        for pattern_month in range(self.months_count):
            there = single[self.presence[self.pattern_of[single], pattern_month]]
            np.minimum.at(known[:, pattern_month], self.leaf_of[there], batch[there])
        latest = np.zeros((len(self.members), len(self.presence)), np.int64)
        for pattern, months in enumerate(self.presence):
            latest[:, pattern] = known[:, months].max(axis=1, initial=0)
        return latest

    def _rows(self, area: int, first: int, last: int) -> slice:
        begin, end = int(self._starts[area]), int(self._starts[area + 1])
        months = self._month[begin:end]
        return slice(begin + int(np.searchsorted(months, first)), begin + int(np.searchsorted(months, last, side="right")))


def _patterns(grid: Flags) -> tuple[Flags, Integers]:
    """Returns the different rows of a grid in order, and the number of each row's. By bytes: NumPy compares rows bit by bit."""
    rows = [row.tobytes() for row in np.packbits(grid, axis=1)]
    number_of = {row: number for number, row in enumerate(sorted(set(rows)))}
    pattern_of = np.array([number_of[row] for row in rows], np.int64)
    presence = np.zeros((len(number_of), grid.shape[1]), bool)
    presence[pattern_of] = grid
    return presence, pattern_of


def _only_leaves(population: Population, units_count: int) -> Integers:
    lowest = np.full(units_count, np.iinfo(np.int64).max, np.int64)
    highest = np.full(units_count, -1, np.int64)
    np.minimum.at(lowest, population.unit, population.leaf)
    np.maximum.at(highest, population.unit, population.leaf)
    return np.where(lowest == highest, highest, -1)
