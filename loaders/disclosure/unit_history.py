"""What is remembered of each unit from one decision to the next: when it came, and whether it was corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from loaders.disclosure.population import Flags, Population, UnitState


def remembered_units(
    population: Population, units: Mapping[str, UnitState], *, build: int, visible_until: int | None, last_month: int
) -> tuple[Population, dict[str, UnitState], Flags]:
    """Compares the units with those of the last decision.

    A key that is new where another is gone that counted in the same months and areas is the same unit under another key: readers
    cannot tell that from no change at all.

    Returns:
        The population with those that are gone as units without rows, what is known of each unit, and which of them came late,
        were corrected or are gone since.
    """
    before = population.footprints(last_month if visible_until is None else visible_until)
    now = population.footprints(last_month)
    known = _under_present_keys(dict(zip(population.keys, before, strict=True)), units)
    states, changed = {}, []
    for key, former, footprint in zip(population.keys, before, now, strict=True):
        state = known.pop(key, None)
        if state is None:
            is_late = visible_until is not None and former != ""
            states[key] = UnitState(footprint, 0, build, is_late=is_late, was_elsewhere=False, is_sole=False)
            changed.append(is_late)
        elif state.footprint == former:
            states[key] = replace(state, footprint=footprint)
            changed.append(False)
        else:
            was_elsewhere = state.was_elsewhere or state.footprint != ""
            states[key] = replace(state, footprint=footprint, batch=build, is_late=former != "", was_elsewhere=was_elsewhere)
            changed.append(True)
    for key, state in known.items():
        is_new = state.footprint != ""
        states[key] = replace(state, footprint="", batch=build, is_late=False, was_elsewhere=True) if is_new else state
        changed.append(is_new)
    return replace(population, keys=[*population.keys, *known]), states, np.array(changed, bool)


def _under_present_keys(present: Mapping[str, str], units: Mapping[str, UnitState]) -> dict[str, UnitState]:
    """Returns the remembered units, those whose key was replaced under the new one."""
    gone = defaultdict(list)
    for key, state in units.items():
        if key not in present and state.footprint:
            gone[state.footprint].append(key)
    known = dict(units)
    for key, footprint in present.items():
        if key not in units and gone.get(footprint):
            known[key] = known.pop(gone[footprint].pop())
    return known
