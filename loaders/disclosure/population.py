"""Who is counted where: units (a person, or a row of a sum), the areas and months in which each counts, and numbers over them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Signatures = npt.NDArray[np.uint64]

SMALLEST_SHOWN = 5
"""The smallest number of units, beside zero, that is shown."""
NOT_MEMBER, MEMBER, MEMBER_FOR_A_TIME = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that may be shown: the units of an area in the months from `first` to `last`, both included.

    `value` is the number as it would be shown. Cells of a low `rank` are considered first.
    """

    area: int
    period: str
    basis: str
    first: int
    last: int
    value: float
    rank: int


@dataclass(frozen=True, slots=True)
class Span:
    """A number that was shown from the build `opened` on; `is_open`: it still is."""

    area: int
    period: str
    basis: str
    first: int
    last: int
    value: float
    opened: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class UnitState:
    """What is remembered of a unit between two decisions.

    Attributes:
        footprint: digest of where it counted at the last decision; "" when it counts nowhere any more.
        signature: sum of the weights of all numbers ever shown in which it was counted, modulo 2**64.
        batch: the build with which it came or was last corrected.
        is_late: it came into months, or was corrected in months, that had been visible before.
        was_elsewhere: it counted in such months in another way before its last correction, or is gone.
        is_sole: some visible number, or the change of one, once was this unit alone.
    """

    footprint: str
    signature: int
    batch: int
    is_late: bool
    was_elsewhere: bool
    is_sole: bool


@dataclass(frozen=True, slots=True)
class Population:
    """Where units count: `unit[i]`, which is of the leaf area `leaf[i]`, counts in `area[i]` in `month[i]`, with `amount[i]`.

    Months are numbered from year zero; the others index `keys`, `leaf_codes` and `area_codes`. A unit of an area counts once in
    a number unless the amounts are added up (`is_sum`). `membership[leaf, area]`: whether what belongs to the leaf counts in
    the area: NOT_MEMBER, MEMBER, or MEMBER_FOR_A_TIME.
    """

    keys: list[str]
    leaf_codes: list[str]
    area_codes: list[str]
    unit: Integers
    leaf: Integers
    area: Integers
    month: Integers
    amount: Floats
    is_sum: bool
    membership: npt.NDArray[np.int8]

    def footprints(self, until: int) -> list[str]:
        """Returns a digest of the leaves and months (up to `until`) in which each unit counts; "" for none."""
        code = np.array([_number(code) for code in self.leaf_codes], dtype=np.int64)
        kept = self.month <= until
        columns: list[Any] = [self.unit[kept], code[self.leaf[kept]], self.month[kept]]
        if self.is_sum:
            columns.append(np.round(self.amount[kept] * 1_000_000).astype(np.int64))
        rows = np.unique(np.stack(columns, axis=1), axis=0)
        starts = np.searchsorted(rows[:, 0], np.arange(len(self.keys) + 1))
        return [_digest(rows[begin:end, 1:]) for begin, end in pairwise(starts)]


def _digest(rows: Integers) -> str:
    return hashlib.blake2b(np.ascontiguousarray(rows).tobytes(), digest_size=12).hexdigest() if len(rows) else ""


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
