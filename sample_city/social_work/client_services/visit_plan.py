"""The plan of home visits: the number per town and month, the workers and the clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city.faults import fault_kinds
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import Town, statutory_towns
from sample_city.reference.people import stream
from sample_city.reference.timetable import FULL_SPAN, month_weight
from sample_city.social_work.client_services.client_plan import Client, plan_clients
from sample_city.social_work.client_services.visit_faults import VISIT_FAULTS
from sample_city.social_work.station_network.staff_plan import Worker, at_work
from sample_city.social_work.station_network.station_plan import Station


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """The persons to visit at home and the open stations by (town code, month), the workers by (station code, month), and the
    clients by town code."""

    persons: Mapping[tuple[str, Period], int]
    stations: Mapping[tuple[str, Period], list[str]]
    workers: Mapping[tuple[str, Period], list[str]]
    clients: Mapping[str, list[Client]]


def plan_visits(seed: int, home_visit_persons: int, stations: Sequence[Station], workers: Sequence[Worker]) -> VisitPlan:
    """Divides the number of persons over towns and the 36 months, by the town's size, its open stations and the working days."""
    rng = stream(seed, "home_visit", "plan")
    towns, months = statutory_towns(), FULL_SPAN.months()
    sizes = np.array([len(town.villages) ** 0.5 for town in towns]) * rng.lognormal(0.0, 0.35, len(towns))
    working = {(town.code, month): _working(stations, town, month) for town in towns for month in months}
    weights = np.zeros((len(towns), len(months)))
    for column, month in enumerate(months):
        effort = month_weight(month)
        for line, town in enumerate(towns):
            if fault_kinds.MISSING not in VISIT_FAULTS.get((town.unit, str(month)), ()):
                weights[line, column] = sizes[line] * effort * len(working[town.code, month]) ** 0.5
    weights *= rng.lognormal(0.0, 0.08, weights.shape)
    shares = apportion(weights.reshape(-1), home_visit_persons)
    persons = dict(zip(((town.code, month) for town in towns for month in months), shares, strict=True))
    return VisitPlan(persons, working, at_work(workers), plan_clients(seed, towns, sizes, stations))


def _working(stations: Sequence[Station], town: Town, month: Period) -> list[str]:
    return [s.code for s in stations if s.town.code == town.code and s.is_open_throughout(month)]
