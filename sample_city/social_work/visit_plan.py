"""How many home visits each town makes in each month, who makes them, and whom they go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city import planting
from sample_city.geography import Town, statutory_towns
from sample_city.people import stream
from sample_city.shares import shared_out
from sample_city.social_work.client_plan import Client, plan_clients
from sample_city.social_work.staff_plan import Worker, at_work
from sample_city.social_work.station_plan import Station
from sample_city.timetable import WHOLE, month_weight


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Persons to be visited at home and the stations at work by (town code, month), workers by (station code, month), and the
    clients of each town."""

    persons: Mapping[tuple[str, Period], int]
    stations: Mapping[tuple[str, Period], list[str]]
    workers: Mapping[tuple[str, Period], list[str]]
    clients: Mapping[str, list[Client]]


def plan_visits(seed: int, home_visit_persons: int, stations: Sequence[Station], workers: Sequence[Worker]) -> VisitPlan:
    """Share out exactly these persons over towns and the 36 months, by size of town, stations open and days worked."""
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
    shares = shared_out(weights.reshape(-1), home_visit_persons)
    persons = dict(zip(((town.code, month) for town in towns for month in months), shares, strict=True))
    return VisitPlan(persons, working, at_work(workers), plan_clients(seed, towns, sizes, stations))


def _working(stations: Sequence[Station], town: Town, month: Period) -> list[str]:
    return [s.code for s in stations if s.town.code == town.code and s.is_open_throughout(month)]
