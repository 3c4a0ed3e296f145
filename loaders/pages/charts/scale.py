"""Scales of axes: round numbers that hold all values."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from its lowest to its highest tick."""

    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value is between the lowest tick (0) and the highest (1)."""
        low, high = self.ticks[0], self.ticks[-1]
        return (value - low) / (high - low)

    def label(self, tick: float) -> str:
        """The number at a tick, with separators of thousands."""
        return f"{tick:,.6f}".rstrip("0").rstrip(".")


def nice_scale(low: float, high: float) -> Scale:
    """Returns a scale of round steps that holds both numbers: 0 to 37 has the ticks 0, 10, 20, 30, 40."""
    if high <= low:
        high = low + 1
    raw = (high - low) / _TICKS
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in _STEPS if size * factor >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(tuple(number * step for number in range(first, last + 1)))
