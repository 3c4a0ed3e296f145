"""The plan of the social workers' cases: client, station, duration and result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city.reference.people import Rng, stream
from sample_city.reference.timetable import FULL_SPAN, day_weights, month_weight, months_between
from sample_city.social_work.client_services.client_plan import Client
from sample_city.social_work.client_services.visit_plan import VisitPlan
from sample_city.social_work.station_network.station_plan import Station

_TYPES = ("情绪心理", "家庭关系", "经济救助", "健康照护", "就学就业", "权益保护", "其他")
_ENDS = ("已结案", "转介", "中止")
_END_SHARES = (0.86, 0.08, 0.06)
_DAYS_OF_WORK = (20, 240)


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `ended` is None if it continues after the three years; `end` is its final state."""

    code: str
    station_code: str
    worker_code: str
    client: Client
    kind: str
    opened: dt.date
    ended: dt.date | None
    end: str

    def is_ended_by(self, month: Period) -> bool:
        """Decides whether the case had ended by the end of a month."""
        return self.ended is not None and self.ended <= month.end


def plan_cases(seed: int, count: int, stations: Sequence[Station], visits: VisitPlan) -> tuple[Case, ...]:
    """Plans the cases of the 36 months in the order of their opening, at stations that remain open."""
    rng = stream(seed, "casework", "plan")
    staying = [station for station in stations if station.closed is None]
    places = [(station, month) for month in FULL_SPAN.months() for station in staying if station.is_open_throughout(month)]
    weights = np.array([station.workers * month_weight(month) for station, month in places])
    drawn = sorted(rng.choice(len(places), size=count, p=weights / weights.sum()).tolist())
    return tuple(_case(rng, number, *places[place], visits) for number, place in enumerate(drawn, start=1))


def _case(rng: Rng, number: int, station: Station, month: Period, visits: VisitPlan) -> Case:
    first = month.start
    known = [client for client in visits.clients[station.town.code] if client.closed is None and client.opened <= first]
    days = np.array(day_weights(month))
    opened = month.start + dt.timedelta(days=int(rng.choice(len(days), p=days / days.sum())))
    ended = opened + dt.timedelta(days=int(rng.integers(*_DAYS_OF_WORK)))
    team = visits.workers[station.code, month]
    return Case(
        f"GA{month.year}{month.ordinal:02d}{number:05d}",
        station.code,
        team[int(rng.integers(len(team)))],
        known[int(rng.integers(len(known)))],
        _TYPES[int(rng.integers(len(_TYPES)))],
        opened,
        ended if ended <= FULL_SPAN.last.end else None,
        _ENDS[int(rng.choice(len(_ENDS), p=_END_SHARES))],
    )


def months_of(case: Case) -> list[Period]:
    """Returns the months in which a case was active."""
    return months_between(case.opened, case.ended)
