"""A reader who kept every number that was ever shown and solves for those that were not, by linear programs over kinds.

It shares nothing with the audit. A kind is what a person's history can be: for each build the towns and months in which the
person counts. The numbers of each kind are unknown; what was shown are equations over them, zeros leave kinds out, and a number
that is hidden but not zero is at least one. A number is found when its least and greatest possible values leave no second whole
number.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Place = tuple[str, int]
History = tuple[frozenset[Place], ...]


@dataclass(frozen=True)
class Seen:
    """A number as a reader saw it after a build (the place of the build in the histories); None: hidden and not zero."""

    build: int
    area: str
    first: int
    last: int
    value: int | None


@dataclass(frozen=True)
class Found:
    """A number of 1 to 4 that follows from what was shown."""

    what: str
    seen: Seen
    truth: int
    low: float
    high: float


class Attack:
    """What a reader knows: `towns_of` names the towns of each area; `kinds` are all histories that persons may have."""

    def __init__(self, towns_of: Mapping[str, frozenset[str]], kinds: Iterable[History], seen: Sequence[Seen]) -> None:
        self._towns_of = towns_of
        possible = list(dict.fromkeys(kinds))
        for one in seen:
            if one.value == 0:
                possible = [kind for kind in possible if not self._counts(kind, one)]
        self._kinds = possible
        shown = [one for one in seen if one.value]
        hidden = [one for one in seen if one.value is None]
        self._equal = csr_matrix(np.array([self._row(one) for one in shown]).reshape(len(shown), len(possible)))
        self._values = [one.value for one in shown]
        self._least = csr_matrix(-np.array([self._row(one) for one in hidden]).reshape(len(hidden), len(possible)))

    def find(self, targets: Iterable[tuple[str, Seen, Seen | None]], persons: Sequence[History]) -> list[Found]:
        """Returns the targets of 1 to 4 persons of which the size follows: those in a cell, without those in another one."""
        found = []
        for what, now, before in targets:
            truth = sum(self._is_in(person, now, before) for person in persons)
            if 0 < truth < 5:
                row = np.array([self._is_in(kind, now, before) for kind in self._kinds], float)
                low, high = self._bound(row), -self._bound(-row)
                if np.floor(high + 1e-6) - np.ceil(low - 1e-6) < 1:
                    found.append(Found(what, now, truth, low, high))
        return found

    def _bound(self, row: np.ndarray) -> float:
        least = {"A_ub": self._least, "b_ub": [-1] * self._least.shape[0]} if self._least.shape[0] else {}
        equal = {"A_eq": self._equal, "b_eq": self._values} if self._values else {}
        solved = linprog(row, bounds=(0, None), method="highs", **least, **equal)
        if solved.status == 3:
            return -np.inf
        assert solved.status == 0, solved.message
        return float(solved.fun)

    def _row(self, one: Seen) -> list[float]:
        return [float(self._counts(kind, one)) for kind in self._kinds]

    def _counts(self, kind: History, one: Seen) -> bool:
        towns = self._towns_of[one.area]
        return any(town in towns and one.first <= month <= one.last for town, month in kind[one.build])

    def _is_in(self, kind: History, now: Seen, before: Seen | None) -> bool:
        return self._counts(kind, now) and not (before is not None and self._counts(kind, before))


def plain_kinds(towns: Sequence[str], months: Sequence[int], builds: int) -> list[History]:
    """Returns the histories of persons who count in one town, in one or two months, from some build on, until another or not."""
    spots = [(month,) for month in months] + list(itertools.combinations(months, 2))
    kinds = []
    for town, spot in itertools.product(towns, spots):
        there = frozenset((town, month) for month in spot)
        for begin in range(builds):
            for end in range(begin + 1, builds + 1):
                kinds.append(tuple(there if begin <= build < end else frozenset() for build in range(builds)))
    return kinds
