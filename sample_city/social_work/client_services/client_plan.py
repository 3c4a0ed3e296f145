"""The plan of the social workers' clients: one file (档案) per person, opened and possibly closed at a station of the town."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loaders.period import Period
from sample_city.reference.geography import Town
from sample_city.reference.people import Rng, draw_resident_ids, stream
from sample_city.reference.timetable import FULL_SPAN
from sample_city.social_work.station_network.station_plan import Station

_CLIENTS, _FEWEST_PER_TOWN = 26_000, 40
_CLOSING_SHARE = 0.04
_AT_TOWN_STATION_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Client:
    """A client with a file, identified by a pseudonym."""

    code: str
    resident_id: str
    town: Town
    station_code: str
    opened: dt.date
    closed: dt.date | None

    def is_known_between(self, first: dt.date, last: dt.date) -> bool:
        """Decides whether the file was open from the first to the last day, both included."""
        return self.opened <= first and (self.closed is None or self.closed > last)


def plan_clients(
    seed: int, towns: Sequence[Town], sizes: NDArray[np.float64], stations: Sequence[Station]
) -> dict[str, list[Client]]:
    """Plans the clients by town code: a third of the files exist in the first month, the others are opened over time."""
    numbers_of, rng = stream(seed, "home_visit", "clients"), stream(seed, "client", "plan")
    counts = np.maximum(_FEWEST_PER_TOWN, np.round(_CLIENTS * sizes / sizes.sum())).astype(int).tolist()
    staying = [station for station in stations if station.closed is None]
    clients = {}
    for town, count in zip(towns, counts, strict=True):
        numbers = draw_resident_ids(numbers_of, count, (1934, 2014))
        mine = [station for station in staying if station.town.code == town.code]
        clients[town.code] = [
            _client(rng, town, mine, _first_month(place, count), (f"DA{town.code}{place + 1:05d}", number))
            for place, number in enumerate(numbers)
        ]
    return clients


def _client(rng: Rng, town: Town, stations: Sequence[Station], month: Period, who: tuple[str, str]) -> Client:
    """Draws a client. The file is opened in the weeks before the month, but not before the town has a station."""
    at_town = next(station for station in stations if station.village is None)
    opened = max(at_town.opened, month.start - dt.timedelta(days=int(rng.integers(1, 29))))
    choice = [station for station in stations if station.village is not None and station.opened <= opened]
    is_at_town = not choice or rng.random() < _AT_TOWN_STATION_SHARE
    station = at_town if is_at_town else choice[int(rng.integers(len(choice)))]
    closed = opened + dt.timedelta(days=int(rng.integers(180, 900))) if rng.random() < _CLOSING_SHARE else None
    if closed is not None and closed > FULL_SPAN.last.end:
        closed = None
    return Client(*who, town, station.code, opened, closed)


def _first_month(place: int, count: int) -> Period:
    """Returns the index of the month by which the client's file exists: a third by the first month, all by the last."""
    months = FULL_SPAN.months()
    share = ((place + 1) / count - 1 / 3) * 3 / 2
    return months[min(len(months) - 1, max(0, int(np.ceil(share * (len(months) - 1)))))]
