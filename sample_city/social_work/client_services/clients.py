"""SW03: the files of the social workers' clients, as the records of an API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sample_city.city import City, write_json_lines
from sample_city.documents.form_sheet import FormSheet
from sample_city.documents.register import record_register
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NOT_NULL
from sample_city.faults.fault import Fault, Record
from sample_city.faults.injection import inject_faults
from sample_city.reference.geography import Village
from sample_city.reference.people import Rng, draw_mobiles, draw_names
from sample_city.reference.timetable import SHANGHAI
from sample_city.social_work.client_services.client_plan import Client
from sample_city.social_work.station_network.staff_plan import Worker
from sample_city.social_work.station_network.station_plan import Station

REPORT = "client"
FILE = "clients.jsonl"
_ADULT_SINCE_YEARS, _OLD_SINCE_YEARS = 14, 70
_CHILD_TYPES = ("困境儿童", "留守儿童", "事实无人抚养儿童", "孤儿")
_OLD_TYPES = ("高龄独居老人", "留守老人", "特困", "低保", "残疾人")
_OTHER_TYPES = ("低保", "低保边缘", "支出型困难", "残疾人", "精神障碍患者", "其他")
_HEALTH = {
    "残疾人": ("肢体残疾二级", "视力残疾三级", "听力残疾二级", "智力残疾三级"),
    "精神障碍患者": ("精神残疾二级", "病情稳定，按时服药"),
}
_RISKS = (("高", "每周"), ("中", "每月"), ("低", "每季"), ("低", "每半年"))
_NO_GUARDIAN = Fault(
    "minor_without_guardian",
    {
        "birth_date": dt.date(2015, 9, 1),
        "is_under_14": True,
        "guardian": None,
        "opened_date": dt.date(2021, 2, 1),
        "closed_date": None,
    },
    [("guardian", NOT_NULL)],
)
_CLOSED_BEFORE_OPENED = Fault(
    "closed_before_opened", {"opened_date": dt.date(2021, 2, 1), "closed_date": dt.date(2021, 1, 4)}, [("closed_date", GREATER)]
)
_NOT_ON_ROSTER = Fault(
    "worker_is_on_the_roster", {"worker_code": "SG4413020010097"}, [("worker_code", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN = (
    fault_kinds.RESIDENT_ID_WRONG,
    fault_kinds.UNKNOWN_TOWN,
    _NO_GUARDIAN,
    _CLOSED_BEFORE_OPENED,
    fault_kinds.TYPE_FAULT,
    fault_kinds.RESIDENT_ID_WRONG,
    _NO_GUARDIAN,
    _NOT_ON_ROSTER,
)


def build_clients(
    city: City, clients: Mapping[str, Sequence[Client]], stations: Sequence[Station], workers: Sequence[Worker]
) -> None:
    """Writes the files as of the end of the span, ordered by key, and the rows that must be accepted."""
    report = city.contracts[REPORT]
    known = [client for mine in clients.values() for client in mine if client.opened <= city.span.last.end]
    records = _records(city, known, {station.code: station for station in stations}, _current_teams(city, workers))
    sheet = FormSheet("", *inject_faults(report, records, _FAULT_PLAN, city.span.last))
    sheet.records.sort(key=lambda record: str(record["client_code"]))
    fields = [(column.field or column.name, column.name) for column in report.columns]
    write_json_lines(city.folder / "api" / FILE, (_api_record(fields, record) for record in sheet.records))
    city.personal_numbers.update(str(record[name]) for record in sheet.records for name in ("resident_id", "phone"))
    record_register(city, report, sheet)


def _records(
    city: City, clients: Sequence[Client], stations: Mapping[str, Station], teams: Mapping[str, Sequence[str]]
) -> list[Record]:
    rng = city.stream(REPORT, "people")
    names, guardians = draw_names(rng, len(clients)), draw_names(rng, len(clients))
    phones = draw_mobiles(rng, len(clients))
    end = city.span.last.end
    records = []
    for number, client in enumerate(clients):
        born = dt.datetime.strptime(client.resident_id[6:14], "%Y%m%d").date()  # noqa: DTZ007  a day has no time zone
        age = end.year - born.year - ((end.month, end.day) < (born.month, born.day))
        team = teams[client.station_code]
        records.append(
            {
                "client_code": client.code,
                "person_name": names[number],
                "resident_id": client.resident_id,
                "sex": "男" if int(client.resident_id[16]) % 2 else "女",
                "birth_date": born,
                **_need(rng, age, guardians[number]),
                **_home(rng, client, stations[client.station_code]),
                "phone": phones[number],
                "worker_code": team[number % len(team)],
                "station_code": client.station_code,
                "opened_date": client.opened,
                "closed_date": client.closed if client.closed is not None and client.closed <= end else None,
            }
        )
    return records


def _need(rng: Rng, age: int, guardian: str) -> Record:
    """Draws the reason for a file: one kind of need that fits the age, sometimes two."""
    is_child = age < _ADULT_SINCE_YEARS
    kinds = _CHILD_TYPES if is_child else _OLD_TYPES if age >= _OLD_SINCE_YEARS else _OTHER_TYPES
    first, second = (
        rng.choice(len(kinds), size=2, replace=False).tolist() if rng.random() < 0.2 else (int(rng.integers(len(kinds))), None)
    )
    risk, often = _RISKS[int(rng.integers(len(_RISKS)))]
    health = _HEALTH.get(kinds[first])
    return {
        "client_type": kinds[first] if second is None else f"{kinds[first]}、{kinds[second]}",
        "is_under_14": is_child,
        "guardian": guardian if is_child else None,
        "health": None if health is None else health[int(rng.integers(len(health)))],
        "risk_level": risk,
        "visit_freq": often,
    }


def _home(rng: Rng, client: Client, station: Station) -> Record:
    villages: Sequence[Village] = client.town.villages
    village = station.village or villages[int(rng.integers(len(villages)))]
    return {
        "county_name": client.town.county_label,
        "town_name": client.town.name,
        "village_name": village.name,
        "village_code": village.code,
        "address": f"{client.town.name}{village.label}{int(rng.integers(1, 300))}号",
    }


def _current_teams(city: City, workers: Sequence[Worker]) -> dict[str, list[str]]:
    """Returns the codes of the workers at the end of the span, by station."""
    end = city.span.last.end
    teams: dict[str, list[str]] = {}
    for post in (worker.post for worker in workers):
        if post.hired <= end and (post.left is None or post.left > end):
            teams.setdefault(post.station_code, []).append(post.worker_code)
    return teams


def _api_record(fields: Sequence[tuple[str, str]], record: Record) -> dict[str, Any]:
    """Returns a record under the field names of the API. Its last update is the day on which the file was closed or opened."""
    touched = record["closed_date"] if isinstance(record["closed_date"], dt.date) else record["opened_date"]
    day = touched if isinstance(touched, dt.date) else record["birth_date"]
    values = ((field, record[name]) for field, name in fields)
    printed = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in values}
    return printed | {"updatedAt": dt.datetime.combine(day, dt.time(17), SHANGHAI).isoformat()}
