"""The plan of the city's social-work stations and points: places, opening and closing dates."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from loaders.period import Period
from sample_city.faults.fault import Record
from sample_city.reference.geography import UNITS, Town, Village, statutory_towns, towns_of
from sample_city.reference.people import Rng, draw_mobiles, draw_names, stream

_CLOSED_POINTS = 6
_EARLY_TOWNS_PER_UNIT = 0.4


@dataclass(frozen=True, slots=True)
class Station:
    """A station of a town, or a point in a village if `village` is set."""

    code: str
    town: Town
    village: Village | None
    covers: int
    opened: dt.date
    closed: dt.date | None
    workers: int
    head: str
    phone: str

    @property
    def name(self) -> str:
        """The full name."""
        place = f"{self.town.county_label}{self.town.name}"
        return f"{place}社工站" if self.village is None else f"{place}{self.village.label}社工点"

    def is_open_throughout(self, month: Period) -> bool:
        """Decides whether the station was open on every day of the month."""
        return self.opened <= month.start and (self.closed is None or self.closed > month.end)


def station_record(station: Station, month: Period) -> Record:
    """Returns the station's row in the register of a month."""
    town, village = station.town, station.village
    closed = station.closed if station.closed is not None and station.closed <= month.end else None
    return {
        "station_code": station.code,
        "station_name": station.name,
        "station_type": "镇街社工站" if village is None else "村居社工点",
        "parent_station_code": None if village is None else f"SZ{town.code}00",
        "county_name": town.county_label,
        "town_name": town.name,
        "town_code": town.code,
        "village_name": None if village is None else village.name,
        "village_code": None if village is None else village.code,
        "villages_covered_count": station.covers,
        "opened_date": station.opened,
        "closed_date": closed,
        "worker_persons": 0 if closed else station.workers,
        "head_name": station.head,
        "phone": station.phone,
        "remark": "已撤并" if closed else None,
    }


def plan_stations(seed: int, points: int) -> tuple[Station, ...]:
    """Plans a station per town, the points that are open at the end of 2023 and a few that closed before, ordered by code."""
    rng = stream(seed, "station", "plan")
    towns, chosen = statutory_towns(), _choose_villages(rng, points + _CLOSED_POINTS)
    opened = _station_openings(rng)
    points_of = Counter(town.code for town, _ in chosen)
    closing = set(rng.choice(len(chosen), size=_CLOSED_POINTS, replace=False).tolist())
    count = len(towns) + len(chosen)
    people = list(zip(draw_names(rng, count), draw_mobiles(rng, count), strict=True))
    stations = []
    for town, person in zip(towns, people, strict=False):
        covers = max(1, len(town.villages) - points_of[town.code])
        workers = int(rng.integers(3, 9))
        stations.append(Station(f"SZ{town.code}00", town, None, covers, opened[town.code], None, workers, *person))
    numbers: Counter[str] = Counter()
    for index, ((town, village), person) in enumerate(zip(chosen, people[len(towns) :], strict=True)):
        numbers[town.code] += 1
        start, end = _point_dates(rng, opened[town.code], is_closing=index in closing)
        code = f"SZ{town.code}{numbers[town.code]:02d}"
        stations.append(Station(code, town, village, 1, start, end, int(rng.integers(1, 4)), *person))
    return tuple(sorted(stations, key=lambda station: station.code))


def _point_dates(rng: Rng, parent_opened: dt.date, *, is_closing: bool) -> tuple[dt.date, dt.date | None]:
    """Draws the dates of a point. It opens at least two months after its station; a closed one was open for 4 to 11 months."""
    first = max(parent_opened + dt.timedelta(days=60), dt.date(2021, 6, 1))
    last = dt.date(2022, 12, 31) if is_closing else dt.date(2023, 12, 20)
    opened = first + dt.timedelta(days=int(rng.integers((last - first).days)))
    return opened, opened + dt.timedelta(days=int(rng.integers(120, 330))) if is_closing else None


def _station_openings(rng: Rng) -> dict[str, dt.date]:
    """Draws the opening dates: late in 2020 for the first two fifths of towns of each unit, during 2021 for the others."""
    opened = {}
    for unit in UNITS:
        towns = towns_of(unit)
        early = max(1, round(len(towns) * _EARLY_TOWNS_PER_UNIT))
        for index, place in enumerate(rng.permutation(len(towns)).tolist()):
            first, days = (dt.date(2020, 12, 1), 28) if index < early else (dt.date(2021, 1, 5), 340)
            opened[towns[place].code] = first + dt.timedelta(days=int(rng.integers(days)))
    return opened


def _choose_villages(rng: Rng, count: int) -> list[tuple[Town, Village]]:
    candidates = [(town, village) for town in statutory_towns() for village in town.villages]
    places = sorted(rng.choice(len(candidates), size=count, replace=False).tolist())
    return [candidates[place] for place in places]
