"""SW06: the services of each station by month, in a workbook per unit with a sheet per town."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, EQUAL_SUM
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import UNITS
from sample_city.reference.timetable import FULL_SPAN, month_weight, months_between
from sample_city.social_work.client_services.case_plan import Case, months_of
from sample_city.social_work.client_services.visit_plan import VisitPlan
from sample_city.social_work.station_network.station_plan import Station

REPORT = "station_service"
_KINDS = ("group_persons", "community_persons", "consult_persons", "policy_persons")
_SHARES = np.array([0.12, 0.45, 0.15, 0.28])
_NEW_NAMES_SINCE = "2022-01"
_FORMER_NAMES = {"龙溪街道": "龙溪镇", "大岭街道": "大岭镇", "平陵街道": "平陵镇"}
"""Streets whose sheets are still named as towns in the first year. The rows use the current names."""
_NO_CASES = {"case_opened_count": 0, "case_active_count": 0, "case_closed_count": 0}
_TOTALS = ("client_persons", "visit_persons", "case_opened_count", "case_active_count", "case_closed_count", *_KINDS)
_WRONG_TOTAL = Fault(fault_kinds.WRONG_SUM, {"service_persons": 9_999}, [("service_persons", EQUAL_SUM)])
_NOT_REGISTERED = Fault(
    "station_is_open",
    {"station_code": "SZ44130300199", **dict.fromkeys(("visit_persons", *_KINDS, "service_persons"), 0), **_NO_CASES}
    | {"group_session_count": 0, "community_event_count": 0},
    [("station_code", CROSS_REPORT)],
    is_warning=True,
)
_FAULT_PLAN: FaultPlan = {
    ("441302", "2021-07"): (fault_kinds.UNKNOWN_TOWN, _WRONG_TOTAL),
    ("441322", "2021-09"): (fault_kinds.CORRECTED,),
    ("HZ-DYW", "2021-11"): (fault_kinds.MISSING,),
    ("441323", "2022-01"): (fault_kinds.MISSING_COLUMN,),
    ("441303", "2022-03"): (fault_kinds.LATE,),
    ("441323", "2022-06"): (fault_kinds.DUPLICATE_ROW,),
    ("441324", "2022-10"): (fault_kinds.UNREADABLE,),
    ("441303", "2022-11"): (_NOT_REGISTERED,),
    ("441322", "2023-02"): (fault_kinds.OUT_OF_RANGE, _WRONG_TOTAL),
    ("441302", "2023-05"): (fault_kinds.SAME_FILE_TWICE,),
    ("HZ-ZK", "2023-08"): (fault_kinds.CORRECTED,),
}
Place = tuple[Station, Period]


def build_station_services(
    city: City, stations: Sequence[Station], plan: VisitPlan, visited: Mapping[tuple[str, Period], int], cases: Iterable[Case]
) -> None:
    """Writes a workbook per unit and month. Together with the visits, all person-times add up to the number in the facts."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    places = [(station, month) for month in FULL_SPAN.months() for station in stations if station.is_open_throughout(month)]
    services = _services(city, places, plan)
    counts, known = _case_counts(cases), _client_counts(plan)
    sent: dict[tuple[str, Period], list[Record]] = {}
    for (station, month), others in zip(places, services, strict=True):
        at = station.code, month
        row = {"client_persons": known[at], "visit_persons": visited.get(at, 0), **counts.get(at, _NO_CASES)}
        sent.setdefault((station.town.unit, month), []).append(_record(station, month, row | others))
    for unit in UNITS:
        for month in city.span.months():
            writer.write(Submission(unit, month, complete_records(report, sent.get((unit, month), []))))
    writer.write_truth()


def _record(station: Station, month: Period, figures: Record) -> Record:
    return {
        "period_month": str(month),
        "county_name": station.town.county_label,
        "town_name": station.town.name,
        "station_code": station.code,
        "station_name": station.name,
        "service_persons": figures["visit_persons"] + sum(figures[kind] for kind in _KINDS),
        **figures,
    }


def _services(city: City, places: Sequence[Place], plan: VisitPlan) -> list[Record]:
    """Plans all services except the visits, by station and month. They are the rest of the city's total."""
    rng = city.stream(REPORT, "plan")
    is_sent = [fault_kinds.MISSING not in _FAULT_PLAN.get((station.town.unit, str(month)), ()) for station, month in places]
    size = np.array([station.workers * month_weight(month) for station, month in places])
    weights = size * rng.lognormal(0.0, 0.3, len(places)) * np.array(is_sent)
    unsent = {(station.town.code, month) for (station, month), sent in zip(places, is_sent, strict=True) if not sent}
    visits = sum(persons for at, persons in plan.persons.items() if at not in unsent)
    persons = np.array(apportion(weights, city.facts.service_persons - visits))
    parts = rng.dirichlet(_SHARES * 30, len(places)) * persons[:, None]
    group, consult, policy = np.floor(parts[:, [0, 2, 3]]).astype(int).T
    community = persons - group - consult - policy
    values = rng.integers(0, 40, len(places)) * 50
    return [
        {
            "group_session_count": -(-g // 14),
            "group_persons": g,
            "community_event_count": -(-c // 55),
            "community_persons": c,
            "consult_persons": n,
            "policy_persons": p,
            "volunteer_persons": c // 9,
            "resources_value_yuan": Decimal(value),
        }
        for g, c, n, p, value in zip(*(part.tolist() for part in (group, community, consult, policy, values)), strict=True)
    ]


def _client_counts(plan: VisitPlan) -> Counter[tuple[str, Period]]:
    """Counts the open files of each station at the end of each month."""
    counts: Counter[tuple[str, Period]] = Counter()
    for client in (client for clients in plan.clients.values() for client in clients):
        months = months_between(client.opened, client.closed)
        counts.update((client.station_code, month) for month in (months if client.closed is None else months[:-1]))
    return counts


def _case_counts(cases: Iterable[Case]) -> dict[tuple[str, Period], Record]:
    """Counts the cases opened in the month, active at its end, and ended in it, as in the ledger of cases."""
    counts: dict[tuple[str, Period], Record] = {}
    for case in cases:
        for number, month in enumerate(months_of(case)):
            row = counts.setdefault((case.station_code, month), dict(_NO_CASES))
            row["case_opened_count"] += number == 0
            row["case_closed_count" if case.is_ended_by(month) else "case_active_count"] += 1
    return counts


def _sheet(record: Record) -> str:
    name = record["town_name"]
    return _FORMER_NAMES.get(name, name) if record["period_month"] < _NEW_NAMES_SINCE else name


_TEMPLATE = FormTemplate(
    "惠州市{unit}双百社工站服务情况月报表",
    "双百社工站服务情况月报表",
    totals=(*_TOTALS, "service_persons"),
    groups=(
        ("visit_persons", "visit_persons", "入户探访"),
        ("case_opened_count", "case_closed_count", "个案服务"),
        ("group_session_count", "group_persons", "小组"),
        ("community_event_count", "community_persons", "社区活动"),
    ),
    sheet_of=_sheet,
)
