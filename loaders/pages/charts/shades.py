"""Shades of a map: five classes of about as many areas each, so that one large value does not make all others pale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = Decimal | float | int
CLASSES = 5


@dataclass(frozen=True, slots=True)
class Shades:
    """The upper bounds of the classes, the lightest first; fewer than five where there are fewer values."""

    bounds: tuple[float, ...]

    def shade_of(self, value: Number | None) -> int:
        """The class of a value, from 1; 0 for null."""
        if value is None:
            return 0
        return next((number for number, bound in enumerate(self.bounds, start=1) if float(value) <= bound), len(self.bounds))

    def ranges(self, values: Sequence[Number | None]) -> list[tuple[int, Number, Number]]:
        """The classes that are in use, each with its least and its largest value."""
        found: dict[int, list[Number]] = {}
        for value in values:
            if value is not None:
                found.setdefault(self.shade_of(value), []).append(value)
        return [(shade, min(members), max(members)) for shade, members in sorted(found.items())]


def shades_of(values: Mapping[str, Number | None] | Sequence[Number | None]) -> Shades:
    """Returns classes of the values that are known. Equal values are in one class."""
    given = values.values() if isinstance(values, Mapping) else values
    known = sorted(float(value) for value in given if value is not None)
    bounds = (
        known[(number * len(known) - 1) // CLASSES] for number in range(1, CLASSES + 1) if known and number * len(known) > 0
    )
    return Shades(tuple(dict.fromkeys(bounds)))
