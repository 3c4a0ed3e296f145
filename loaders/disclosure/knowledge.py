"""What readers know by all numbers that were ever shown, kept as sums of weights.

Each shown number has a random weight of 64 bits. The sum of the weights of all numbers in which a unit is counted is its
signature: units of the same signature are in the same shown numbers, so exchanging them changes none. The same sums for units
that could be (a leaf and a pattern of months) tell whether moving a person to another area would change a shown number.
"""

from __future__ import annotations

import hashlib

import numpy as np

from loaders.disclosure.layout import Layout
from loaders.disclosure.population import MEMBER, MEMBER_FOR_A_TIME, Flags, Integers, Signatures, Span


class Knowledge:
    """Signatures of the units of a layout; `possible[leaf, pattern]` has those of units that could be."""

    def __init__(self, layout: Layout, signatures: Signatures, area_codes: list[str], spans: list[Span]) -> None:
        self._layout = layout
        self.signatures = signatures
        self.possible: Signatures = np.zeros((len(layout.members), len(layout.presence)), np.uint64)
        for span in spans:
            self._add_possible(span.area, layout.patterns_in(span.first, span.last), weight_of(area_codes[span.area], span))

    def add(self, units: Integers, area: int, patterns: Flags, weight: int) -> None:
        """Adds a shown number over these units."""
        self.signatures[units] += np.uint64(weight)
        self._add_possible(area, patterns, weight)

    def remove(self, units: Integers, area: int, patterns: Flags, weight: int) -> None:
        """Takes back what `add` added."""
        self.signatures[units] -= np.uint64(weight)
        self._add_possible(area, patterns, -weight % 2**64)

    def _add_possible(self, area: int, patterns: Flags, weight: int) -> None:
        members = self._layout.members[:, area]
        columns = np.nonzero(patterns)[0]
        whole = np.nonzero(members == MEMBER)[0]
        self.possible[np.ix_(whole, columns)] += np.uint64(weight)
        # On some days in and on some out: no two leaves are alike in such an area.
        for leaf in np.nonzero(members == MEMBER_FOR_A_TIME)[0]:
            self.possible[leaf, columns] += np.uint64(weight * (2 * int(leaf) + 3) % 2**64)


def weight_of(area_code: str, span: Span) -> int:
    """Returns the weight of a shown number, the same at each decision."""
    text = f"{area_code}|{span.period}|{span.basis}|{span.opened}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
