"""People whom the charities help: each with an identity number that nobody else has, at home in a town of the city."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sample_city.geography import Town, statutory_towns
from sample_city.people import Rng, draw_resident_ids


def draw_own_numbers(rng: Rng, count: int, born: tuple[int, int], taken: set[str]) -> list[str]:
    """Identity numbers that are all different and not taken yet; they are taken afterwards."""
    numbers: list[str] = []
    while len(numbers) < count:
        for number in draw_resident_ids(rng, count - len(numbers), born):
            if number not in taken:
                taken.add(number)
                numbers.append(number)
    return numbers


def draw_homes(rng: Rng, count: int) -> list[Town]:
    """A town for each person: where there are more villages, there are more people."""
    towns = statutory_towns()
    sizes = [len(town.villages) for town in towns]
    places = rng.choice(len(towns), size=count, p=[size / sum(sizes) for size in sizes])
    return [towns[place] for place in places.tolist()]


def draw_accounts(rng: Rng, count: int) -> list[str]:
    """Numbers of bank cards of nineteen digits."""
    return [f"6217{number:015d}" for number in rng.integers(10**15, size=count).tolist()]


def draw_some(rng: Rng, choices: Sequence[str], weights: Sequence[float], count: int) -> list[str]:
    """One of the choices for each, in proportion to their weights."""
    places = rng.choice(len(choices), size=count, p=[weight / sum(weights) for weight in weights])
    return [choices[place] for place in places.tolist()]


def birth_date(resident_id: str) -> dt.date:
    """The day that an identity number names."""
    return dt.date.fromisoformat(resident_id[6:14])
