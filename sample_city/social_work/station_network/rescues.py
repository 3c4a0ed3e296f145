"""SW08: call-outs of the rescue teams, by month. Two teams at one event count as two call-outs and one rescue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, IN_PERIOD
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE, Town, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN

REPORT = "rescue"
_TEAMS = ("heart_rescue", "blue_sky")
_OTHER_TEAM = "其他"
_BOTH_TEAMS_SHARE = 0.16
_OTHER_TEAM_EVENTS = 6
_DROWNING = "溺水救捞"
_LAND = ("山野搜救", "城市救援", "其他")
# People drown in rivers and reservoirs, most often in summer.
_DROWNING_SHARE = 0.7
_SEASON = (1.0, 1.0, 1.5, 2.5, 5.0, 8.0, 10.0, 9.0, 6.0, 3.0, 1.5, 1.0)
_FOUND_ON_LAND = Fault("drowned_on_land", {"event_type": "山野搜救", "recovered_persons": 1}, [("recovered_persons", BETWEEN)])
_CALLED_LATER = Fault(fault_kinds.FUTURE_DATE, {"called_at": dt.datetime(2022, 9, 3, 7, 40)}, [("called_at", IN_PERIOD)])  # noqa: DTZ001  forms know no time zone
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-07"): (_FOUND_ON_LAND,),
    (CITY_CODE, "2022-06"): (_CALLED_LATER,),
    (CITY_CODE, "2022-08"): (fault_kinds.DUPLICATE_ROW,),
    (CITY_CODE, "2023-06"): (fault_kinds.LATE,),
    (CITY_CODE, "2023-07"): (fault_kinds.OUT_OF_RANGE, _FOUND_ON_LAND),
    (CITY_CODE, "2023-08"): (fault_kinds.SAME_FILE_TWICE,),
}
_TEMPLATE = FormTemplate(
    "惠州市公益救援出动记录",
    "公益救援出动记录",
    totals=("responder_persons", "callout_count", "rescued_persons", "recovered_persons"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """An event that teams were called to."""

    called_at: dt.datetime
    town: Town
    place: str
    kind: str
    teams: tuple[str, ...]
    rescued: int
    recovered: int


def build_rescues(city: City) -> None:
    """Writes a workbook per month with call-outs. Those of the two known teams are the numbers in the facts."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    events = _plan(city)
    rng = city.stream(REPORT, "call-outs")
    called: list[tuple[dt.date, Record]] = [
        (event.called_at.date(), _record(rng, event, team, number)) for event in events for number, team in enumerate(event.teams)
    ]
    for number, (_, record) in enumerate(called, start=1):
        record["callout_code"] = f"JY{record['called_at']:%Y%m}{number:04d}"
    for month in city.span.months():
        records = complete_records(report, (row for day, row in called if month.start <= day <= month.end))
        if records:
            writer.write(Submission(CITY_CODE, month, records))
    writer.write_truth()


def _plan(city: City) -> list[Event]:
    """Plans the events in the order of time: both teams went to some, neither of them to a few."""
    rng = city.stream(REPORT, "plan")
    callouts, names = city.facts.rescue_callouts, known_organizations()
    both = int(callouts * _BOTH_TEAMS_SHARE)
    teams = tuple(names[key].name for key in _TEAMS)
    attended = [teams] * both + [(teams[int(at)],) for at in rng.integers(len(teams), size=callouts - 2 * both)]
    attended += [(_OTHER_TEAM,)] * _OTHER_TEAM_EVENTS
    order = rng.permutation(len(attended)).tolist()
    kinds = [_DROWNING if rng.random() < _DROWNING_SHARE else _LAND[int(rng.integers(len(_LAND)))] for _ in attended]
    saved = _distribute(rng, [team != (_OTHER_TEAM,) for team in attended], city.facts.rescued_persons)
    is_water = [kind == _DROWNING and team != (_OTHER_TEAM,) for kind, team in zip(kinds, attended, strict=True)]
    lost = _distribute(rng, is_water, city.facts.recovered_persons)
    moments = _moments(rng, len(attended))
    places = _places(rng, kinds)
    return sorted(
        (Event(moments[at], *places[at], kinds[at], attended[at], saved[at], lost[at]) for at in order),
        key=lambda event: event.called_at,
    )


def _distribute(rng: Rng, can_be: list[bool], persons: int) -> list[int]:
    """Distributes a number of persons over suitable events, at most one per event while there are enough events."""
    weights = np.where(can_be, 1.0 + 0.05 * rng.random(len(can_be)), 0.0)
    return apportion(weights, persons)


def _moments(rng: Rng, count: int) -> list[dt.datetime]:
    months: list[Period] = FULL_SPAN.months()
    weights = np.array([_SEASON[month.ordinal - 1] for month in months])
    chosen = rng.choice(len(months), size=count, p=weights / weights.sum()).tolist()
    days = [months[at].start + dt.timedelta(days=int(rng.integers(28))) for at in chosen]
    return [dt.datetime(day.year, day.month, day.day, int(rng.integers(7, 21)), 5 * int(rng.integers(12))) for day in days]  # noqa: DTZ001  forms know no time zone


def _places(rng: Rng, kinds: list[str]) -> list[tuple[Town, str]]:
    """Draws a different place per event."""
    villages = [(town, village) for town in statutory_towns() for village in town.villages]
    chosen = rng.choice(len(villages), size=len(kinds), replace=False).tolist()
    return [
        (villages[at][0], f"{villages[at][0].name}{villages[at][1].label}{'河段' if kind == _DROWNING else ''}")
        for at, kind in zip(chosen, kinds, strict=True)
    ]


def _record(rng: Rng, event: Event, team: str, number: int) -> Record:
    """Returns the row of one team. The second team was called a little later and reports the same persons."""
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
