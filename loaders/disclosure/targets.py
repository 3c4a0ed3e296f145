"""The numbers that must stay unknown: those of 1 to 4 units, and changes of visible numbers by 1 to 4 units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loaders.disclosure.layout import Layout
from loaders.disclosure.population import SMALLEST_SHOWN, Cell, Flags, Integers

ANY_BATCH = -1


@dataclass(frozen=True, slots=True)
class Target:
    """A few units that count in an area from `first` to `last`: all of them, or those that came late with the build `batch`."""

    area: int
    first: int
    last: int
    batch: int
    units: Integers


def find_targets(layout: Layout, cells: list[Cell], batch: Integers, is_late: Flags) -> list[Target]:
    """Returns the targets over the cells, each once."""
    found: dict[tuple[int, int, int, int], Target] = {}
    for area, first, last in {(cell.area, cell.first, cell.last) for cell in cells}:
        units = layout.units_in(area, first, last)
        for target in _of_cell(area, first, last, units, batch, is_late):
            found[area, first, last, target.batch] = target
    return [found[key] for key in sorted(found)]


def _of_cell(area: int, first: int, last: int, units: Integers, batch: Integers, is_late: Flags) -> Iterator[Target]:
    if 0 < len(units) < SMALLEST_SHOWN:
        yield Target(area, first, last, ANY_BATCH, units)
    late = units[is_late[units]]
    for build in np.unique(batch[late]):
        some = late[batch[late] == build]
        if len(some) < SMALLEST_SHOWN and len(some) < len(units):
            yield Target(area, first, last, int(build), some)


def sole_units(layout: Layout, cells: list[Cell], batch: Integers, is_late: Flags) -> Flags:
    """Returns which units are alone in a cell, or alone among those that came late to it with one build."""
    alone = np.zeros(layout.units_count, bool)
    for area, first, last in {(cell.area, cell.first, cell.last) for cell in cells}:
        units = layout.units_in(area, first, last)
        if len(units) == 1:
            alone[units] = True
        late = units[is_late[units]]
        builds, counts = np.unique(batch[late], return_counts=True)
        alone[late[np.isin(batch[late], builds[counts == 1])]] = True
    return alone
