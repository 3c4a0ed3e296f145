"""Random persons, months and corrections over several builds: nothing small follows from all that was ever shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.disclosure.attack import Place
from tests.support.disclosure.world import World

COUNTY_TOWNS = {"A": ("a1", "a2", "a3"), "B": ("b1", "b2", "b3")}
ABOVE = {town: (county, "city") for county, towns in COUNTY_TOWNS.items() for town in towns}
WINDOWS = [
    *((f"m{month}", "value", month, month) for month in range(12)),
    *((f"q{quarter}", "value", 3 * quarter, 3 * quarter + 2) for quarter in range(4)),
    *((f"m{month}", "to_date", 0, month) for month in range(12)),
    ("y", "value", 0, 11),
]


def persons(rng: np.random.Generator, count: int, months: range, prefix: str) -> dict[str, frozenset[Place]]:
    towns = rng.choice(sorted(ABOVE), size=count, p=[0.35, 0.2, 0.05, 0.25, 0.1, 0.05])
    found = {}
    for number, town in enumerate(towns):
        some = rng.choice(list(months), size=1 if rng.random() < 0.8 else 2, replace=False)
        found[f"{prefix}{number}"] = frozenset((str(town), int(month)) for month in some)
    return found


def corrected(rng: np.random.Generator, now: dict[str, frozenset[Place]], seen_months: int) -> dict[str, frozenset[Place]]:
    """A few persons go, a few come late, one is found in another town."""
    keys = list(now)
    gone = set(rng.choice(keys, size=min(len(keys), int(rng.integers(0, 8))), replace=False))
    kept = {key: places for key, places in now.items() if key not in gone}
    late = persons(rng, int(rng.integers(0, 8)), range(seen_months), f"late{seen_months}-")
    if kept and rng.random() < 0.5:
        key = str(rng.choice(list(kept)))
        kept[key] = frozenset((str(rng.choice(sorted(ABOVE))), month) for _, month in kept[key])
    return kept | late


@pytest.mark.timeout(600)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([15, 60, 200, 400]))
def test_no_small_number_follows_from_what_was_shown(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    world = World(ABOVE, WINDOWS)
    now = persons(rng, size // 2, range(6), "p")
    world.poll(now, 5)
    now = corrected(rng, now, 6) | persons(rng, size // 4, range(6, 9), "r")
    world.poll(now, 8)
    now = corrected(rng, now, 9) | persons(rng, size // 4, range(9, 12), "s")
    world.poll(now, 11)
    assert world.attack(rng, 20) == []
