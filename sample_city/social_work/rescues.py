"""SW08: call-outs of the rescue teams, by month. Two teams at one event make two call-outs and one rescue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.defects import BETWEEN, IN_PERIOD
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE, Town, statutory_towns
from sample_city.named import named_organizations
from sample_city.pages import Look
from sample_city.people import Rng
from sample_city.shares import shared_out
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import WHOLE

REPORT = "rescue"
_TEAMS = ("heart_rescue", "blue_sky")
_OTHER_TEAM = "其他"
_BOTH_TEAMS_SHARE = 0.16
_OTHER_TEAM_EVENTS = 6
_DROWNING = "溺水救捞"
_LAND = ("山野搜救", "城市救援", "其他")
# Rivers and reservoirs are where people drown, and summer is when.
_DROWNING_SHARE = 0.7
_SEASON = (1.0, 1.0, 1.5, 2.5, 5.0, 8.0, 10.0, 9.0, 6.0, 3.0, 1.5, 1.0)
_FOUND_ON_LAND = Fault("drowned_on_land", {"event_type": "山野搜救", "recovered_persons": 1}, [("recovered_persons", BETWEEN)])
_CALLED_LATER = Fault(planting.FUTURE_DATE, {"called_at": dt.datetime(2022, 9, 3, 7, 40)}, [("called_at", IN_PERIOD)])  # noqa: DTZ001  forms know no time zone
_PLANTED: Kinds = {
    (CITY_CODE, "2021-07"): (_FOUND_ON_LAND,),
    (CITY_CODE, "2022-06"): (_CALLED_LATER,),
    (CITY_CODE, "2022-08"): (planting.DUPLICATE_ROW,),
    (CITY_CODE, "2023-06"): (planting.LATE,),
    (CITY_CODE, "2023-07"): (planting.OUT_OF_RANGE, _FOUND_ON_LAND),
    (CITY_CODE, "2023-08"): (planting.SAME_FILE_TWICE,),
}
_LOOK = Look(
    "惠州市公益救援出动记录",
    "公益救援出动记录",
    totals=("responder_persons", "callout_count", "rescued_persons", "recovered_persons"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that teams were called to."""

    called_at: dt.datetime
    town: Town
    place: str
    kind: str
    teams: tuple[str, ...]
    rescued: int
    recovered: int


def build_rescues(city: City) -> None:
    """Send a workbook for each month with call-outs; those of the two named teams are the city's facts."""
    report = city.contracts[REPORT]
    desk = Desk(city, report, _LOOK, _PLANTED)
    events = _plan(city)
    rng = city.stream(REPORT, "call-outs")
    called: list[tuple[dt.date, Record]] = [
        (event.called_at.date(), _record(rng, event, team, number)) for event in events for number, team in enumerate(event.teams)
    ]
    for number, (_, record) in enumerate(called, start=1):
        record["callout_code"] = f"JY{record['called_at']:%Y%m}{number:04d}"
    for month in city.span.months():
        records = records_of(report, (row for day, row in called if month.start <= day <= month.end))
        if records:
            desk.send(Sending(CITY_CODE, month, records))
    desk.close()


def _plan(city: City) -> list[Event]:
    """Events in the order of their time: some that both teams went to, a few that neither did."""
    rng = city.stream(REPORT, "plan")
    callouts, names = city.facts.rescue_callouts, named_organizations()
    both = int(callouts * _BOTH_TEAMS_SHARE)
    teams = tuple(names[key].name for key in _TEAMS)
    attended = [teams] * both + [(teams[int(at)],) for at in rng.integers(len(teams), size=callouts - 2 * both)]
    attended += [(_OTHER_TEAM,)] * _OTHER_TEAM_EVENTS
    order = rng.permutation(len(attended)).tolist()
    kinds = [_DROWNING if rng.random() < _DROWNING_SHARE else _LAND[int(rng.integers(len(_LAND)))] for _ in attended]
    saved = _found(rng, [team != (_OTHER_TEAM,) for team in attended], city.facts.rescued_persons)
    is_water = [kind == _DROWNING and team != (_OTHER_TEAM,) for kind, team in zip(kinds, attended, strict=True)]
    lost = _found(rng, is_water, city.facts.recovered_persons)
    moments = _moments(rng, len(attended))
    places = _places(rng, kinds)
    return sorted(
        (Event(moments[at], *places[at], kinds[at], attended[at], saved[at], lost[at]) for at in order),
        key=lambda event: event.called_at,
    )


def _found(rng: Rng, can_be: list[bool], persons: int) -> list[int]:
    """So many people over the events where there can be any; one at most, as long as there are enough events."""
    weights = np.where(can_be, 1.0 + 0.05 * rng.random(len(can_be)), 0.0)
    return shared_out(weights, persons)


def _moments(rng: Rng, count: int) -> list[dt.datetime]:
    months: list[Period] = WHOLE.months()
    weights = np.array([_SEASON[month.ordinal - 1] for month in months])
    chosen = rng.choice(len(months), size=count, p=weights / weights.sum()).tolist()
    days = [months[at].start + dt.timedelta(days=int(rng.integers(28))) for at in chosen]
    return [dt.datetime(day.year, day.month, day.day, int(rng.integers(7, 21)), 5 * int(rng.integers(12))) for day in days]  # noqa: DTZ001  forms know no time zone


def _places(rng: Rng, kinds: list[str]) -> list[tuple[Town, str]]:
    """A place of its own for each event."""
    villages = [(town, village) for town in statutory_towns() for village in town.villages]
    chosen = rng.choice(len(villages), size=len(kinds), replace=False).tolist()
    return [
        (villages[at][0], f"{villages[at][0].name}{villages[at][1].label}{'河段' if kind == _DROWNING else ''}")
        for at, kind in zip(chosen, kinds, strict=True)
    ]


def _record(rng: Rng, event: Event, team: str, number: int) -> Record:
    """What one team tells; the second one was called a little later and tells of the same people."""
    return {
        "organization_name": team,
        "called_at": event.called_at + dt.timedelta(minutes=25 * number),
        "place": event.place,
        "county_name": event.town.county_label,
        "event_type": event.kind,
        "responder_persons": int(rng.integers(4, 26)),
        "callout_count": 1,
        "rescued_persons": event.rescued,
        "recovered_persons": event.recovered,
        "is_free": True,
        "is_minor_involved": bool(rng.random() < 0.2),
    }
