"""Beneficiaries of the charities: unique identity numbers, home towns and bank accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sample_city.reference.geography import Town, statutory_towns
from sample_city.reference.people import Rng, draw_resident_ids


def draw_unique_resident_ids(rng: Rng, count: int, born: tuple[int, int], taken: set[str]) -> list[str]:
    """Draws identity numbers that are different from each other and from those in `taken`, and adds them to it."""
    numbers: list[str] = []
    while len(numbers) < count:
        for number in draw_resident_ids(rng, count - len(numbers), born):
            if number not in taken:
                taken.add(number)
                numbers.append(number)
    return numbers


def draw_homes(rng: Rng, count: int) -> list[Town]:
    """Draws a home town per person, in proportion to the number of villages."""
    towns = statutory_towns()
    sizes = [len(town.villages) for town in towns]
    places = rng.choice(len(towns), size=count, p=[size / sum(sizes) for size in sizes])
    return [towns[place] for place in places.tolist()]


def draw_bank_accounts(rng: Rng, count: int) -> list[str]:
    """Draws bank card numbers of nineteen digits."""
    return [f"6217{number:015d}" for number in rng.integers(10**15, size=count).tolist()]


def draw_choices(rng: Rng, choices: Sequence[str], weights: Sequence[float], count: int) -> list[str]:
    """Draws choices in proportion to their weights."""
    places = rng.choice(len(choices), size=count, p=[weight / sum(weights) for weight in weights])
    return [choices[place] for place in places.tolist()]


def birth_date(resident_id: str) -> dt.date:
    """Returns the date of birth in an identity number."""
    return dt.date.fromisoformat(resident_id[6:14])
