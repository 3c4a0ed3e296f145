"""How many home visits each town makes in each month, and whom they go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.period import Period
from sample_city import planting
from sample_city.geography import Town, statutory_towns
from sample_city.people import draw_resident_ids, stream
from sample_city.station_plan import Station
from sample_city.timetable import WHOLE, month_weight

HOME_PERSONS = 287_214
_CLIENTS = 26_000


@dataclass(frozen=True, slots=True)
class Client:
    """A person in a file (档案) of a town, known by a pseudonym."""

    code: str
    resident_id: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Persons to be visited at home by (town code, month), the stations at work and the clients of each town."""

    persons: dict[tuple[str, Period], int]
    stations: dict[tuple[str, Period], list[str]]
    clients: dict[str, list[Client]]


def plan_visits(seed: int, stations: Sequence[Station]) -> VisitPlan:
    """Share out exactly `HOME_PERSONS` over towns and the 36 months, by size of town, stations open and days worked."""
    rng = stream(seed, "home_visit", "plan")
    towns, months = statutory_towns(), WHOLE.months()
    sizes = np.array([len(town.villages) ** 0.5 for town in towns]) * rng.lognormal(0.0, 0.35, len(towns))
    working = {(town.code, month): _working(stations, town, month) for town in towns for month in months}
    weights = np.zeros((len(towns), len(months)))
    for column, month in enumerate(months):
        effort = month_weight(month)
        for line, town in enumerate(towns):
            if planting.MISSING not in planting.HOME_VISIT.get((town.unit, str(month)), ()):
                weights[line, column] = sizes[line] * effort * len(working[town.code, month]) ** 0.5
    weights *= rng.lognormal(0.0, 0.08, weights.shape)
    shares = _share_out(weights, HOME_PERSONS)
    persons = {
        (town.code, month): int(shares[line, column]) for line, town in enumerate(towns) for column, month in enumerate(months)
    }
    return VisitPlan(persons, working, _draw_clients(seed, towns, sizes))


def _working(stations: Sequence[Station], town: Town, month: Period) -> list[str]:
    return [s.code for s in stations if s.town.code == town.code and s.is_open_throughout(month)]


def _share_out(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainders)."""
    exact = weights * (total / weights.sum())
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - shares), axis=None, kind="stable")[: total - int(shares.sum())]
    shares.reshape(-1)[rest] += 1
    return shares


def _draw_clients(seed: int, towns: Sequence[Town], sizes: NDArray[np.float64]) -> dict[str, list[Client]]:
    rng = stream(seed, "home_visit", "clients")
    counts = np.maximum(40, np.round(_CLIENTS * sizes / sizes.sum())).astype(int).tolist()
    clients = {}
    for town, count in zip(towns, counts, strict=True):
        numbers = draw_resident_ids(rng, count, (1934, 2014))
        clients[town.code] = [Client(f"DA{town.code}{n:05d}", number) for n, number in enumerate(numbers, start=1)]
    return clients
