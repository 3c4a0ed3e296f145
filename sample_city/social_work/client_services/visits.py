"""SW04: home visits as GB18030 CSV, by unit and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from loaders.contract import Report
from loaders.period import Period
from sample_city.city import City
from sample_city.documents.delivery import Document, deliver
from sample_city.documents.document_writer import layout_of
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.faults import fault_kinds
from sample_city.faults.fault import Record, document_kinds
from sample_city.faults.injection import inject_faults
from sample_city.reference.geography import UNITS, Town, towns_of
from sample_city.reference.people import Rng, draw_mobiles
from sample_city.reference.timetable import day_weights
from sample_city.social_work.client_services.visit_faults import VISIT_FAULTS
from sample_city.social_work.client_services.visit_plan import VisitPlan

REPORT = "home_visit"
TITLE = "入户探访记录"
_HEAD_LINES = 1
_PERSONS_PER_VISIT = 1.08
_OTHER_MODES_SHARE = 0.08
_TRUTH = ("month", "town_code", "home_visit_persons", "rows", "clients")
_CALL_BACK = "家属要求回电"
_ROWS_WITH_PHONE = (3, 11)
_FINDINGS = (
    *[""] * 9,
    "情况正常",
    "独居，需定期探访",
    "血压偏高，已提醒按时服药",
    "房屋漏雨",
    "行动不便，申请辅具",
    "低保待遇已核实",
    "情绪低落，需跟进",
    "孩子辍学风险，已联系学校",
    '自述"睡眠不好"，建议就医',
)
_REFERRALS = (*[""] * 12, "镇（街）公共服务办", "村（社区）卫生站", "学校", "残联", "县（区）救助站")


def build_visits(city: City, plan: VisitPlan) -> Counter[tuple[str, Period]]:
    """Writes a CSV per unit and month; the truth has the month, the town code, the persons at home, the rows and the clients.

    Returns:
        The persons visited at home by station and month, as in the documents.
    """
    report = city.contracts[REPORT]
    truth: list[Sequence[object]] = []
    visited: Counter[tuple[str, Period]] = Counter()
    for unit in UNITS:
        for month in city.span.months():
            planned = VISIT_FAULTS.get((unit, str(month)), ())
            records = _records(city.stream(REPORT, unit, str(month)), towns_of(unit), month, plan)
            sheet = FormSheet("", *inject_faults(report, records, planned, month))
            document = _document(report, unit, month, sheet)
            deliver(city.sftp_folder(report), city.log, document, document_kinds(planned))
            city.personal_numbers.update(_personal_numbers(sheet))
            if fault_kinds.MISSING not in planned:
                state = expected_state([sheet])
                sheet.log_faults(city.log, REPORT, unit, month, _HEAD_LINES, uri=document.path(), expected_state=state)
                accepted = [record for _, record in sheet.accepted()]
                truth.extend(_truth(accepted, month))
                _count(visited, accepted, month)
    city.write_truth("visits", _TRUTH, truth)
    return visited


def _records(rng: Rng, towns: Sequence[Town], month: Period, plan: VisitPlan) -> list[Record]:
    records: list[Record] = []
    for town in towns:
        if plan.persons[town.code, month]:
            records.extend(_town_records(rng, town, month, plan))
    records = [records[index] for index in rng.permutation(len(records)).tolist()]
    records.sort(key=lambda record: str(record["visited_date"]))
    for number, record in enumerate(records, start=1):
        record["visit_code"] = f"TF{month.year}{month.ordinal:02d}{record['town_code']}{number:05d}"
    for index, phone in zip(_ROWS_WITH_PHONE, draw_mobiles(rng, 2), strict=True):
        if index < len(records):
            records[index]["findings"] = f"{_CALL_BACK}{phone}，已转告"
    return records


def _town_records(rng: Rng, town: Town, month: Period, plan: VisitPlan) -> Iterable[Record]:
    """Yields the visits of one town: those at home add up to the plan, calls by phone and video are additional."""
    persons = _persons_per_visit(rng, plan.persons[town.code, month])
    at_home = len(persons)
    others = round(at_home * _OTHER_MODES_SHARE)
    count = at_home + others
    modes = ["入户"] * at_home + [("电话", "视频")[pick] for pick in (rng.random(others) > 0.8).astype(int).tolist()]
    weights = np.array(day_weights(month))
    days = rng.choice(len(weights), size=count, p=weights / weights.sum()).tolist()
    stations = plan.stations[town.code, month]
    at = rng.integers(len(stations), size=count).tolist()
    workers = rng.random(count).tolist()
    teams = [plan.workers[station, month] for station in stations]
    first, last = month.start, month.end
    clients = [client for client in plan.clients[town.code] if client.is_known_between(first, last)]
    visited = rng.integers(len(clients), size=count).tolist()
    minutes = np.clip(np.round(rng.normal(42, 16, count) / 5) * 5, 10, 180).astype(int).tolist()
    volunteers = rng.choice(4, size=count, p=(0.7, 0.16, 0.1, 0.04)).tolist()
    findings = rng.integers(len(_FINDINGS), size=count).tolist()
    referrals = rng.integers(len(_REFERRALS), size=count).tolist()
    dates = [(month.start + dt.timedelta(days=day)).isoformat() for day in range(len(weights))]
    for i in range(count):
        client, team = clients[visited[i]], teams[at[i]]
        yield {
            "visit_code": "",
            "visited_date": dates[days[i]],
            "station_code": stations[at[i]],
            "town_name": town.name,
            "town_code": town.code,
            "worker_code": team[int(workers[i] * len(team))],
            "client_code": client.code,
            "client_id": client.resident_id,
            "visit_persons": persons[i] if i < at_home else 1,
            "mode": modes[i],
            "visit_minutes": minutes[i],
            "volunteer_persons": volunteers[i],
            "findings": _FINDINGS[findings[i]],
            "referral": _REFERRALS[referrals[i]],
        }


def _persons_per_visit(rng: Rng, total: int) -> list[int]:
    visits = max(1, round(total / _PERSONS_PER_VISIT))
    extra = np.bincount(rng.integers(visits, size=total - visits), minlength=visits)
    persons: list[int] = (extra + 1).tolist()
    return persons


def _document(report: Report, unit: str, month: Period, sheet: FormSheet) -> Document:
    headers = _headers(report, month)

    def faulty_content(kind: str) -> bytes:
        if kind in (fault_kinds.WRONG_UTF8, fault_kinds.WRONG_UTF16):
            return _render(headers, sheet.records).encode("utf-8" if kind == fault_kinds.WRONG_UTF8 else "utf-16")
        if kind == fault_kinds.MISSING_COLUMN:
            fewer = {name: header for name, header in headers.items() if name != "mode"}
            return _render(fewer, sheet.records).encode("gb18030")
        more_persons = [record | {"visit_persons": record["visit_persons"] + 3} for record in sheet.records]
        return _render(headers, more_persons).encode("gb18030")

    def content() -> bytes:
        return _render(headers, sheet.records).encode("gb18030")

    return Document(REPORT, TITLE, ".csv", unit, month, content, faulty_content)


def _headers(report: Report, month: Period) -> dict[str, str]:
    layout = layout_of(report, month)
    return {column.name: (layout.headers if layout else {}).get(column.name, column.header) for column in report.columns}


def _render(headers: Mapping[str, str], records: Sequence[Record]) -> str:
    quoted: dict[Any, str] = {text: '"' + text.replace('"', '""') + '"' for text in _FINDINGS if '"' in text or "," in text}
    lines = [",".join(headers.values())]
    lines += [",".join([str(quoted.get(cell, cell)) for cell in map(record.__getitem__, headers)]) for record in records]
    return "\r\n".join([*lines, ""])


def _truth(accepted: Sequence[Record], month: Period) -> Iterator[Sequence[object]]:
    persons: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    clients: dict[str, set[str]] = {}
    for record in accepted:
        town = record["town_code"]
        counts[town] += 1
        clients.setdefault(town, set()).add(record["client_code"])
        persons[town] += record["visit_persons"] if record["mode"] == "入户" else 0
    for town in sorted(counts):
        yield [str(month), town, persons[town], counts[town], len(clients[town])]


def _count(visited: Counter[tuple[str, Period]], accepted: Sequence[Record], month: Period) -> None:
    for record in accepted:
        if record["mode"] == "入户":
            visited[record["station_code"], month] += record["visit_persons"]


def _personal_numbers(sheet: FormSheet) -> Iterator[str]:
    for record in sheet.records:
        yield record["client_id"]
        if record["findings"].startswith(_CALL_BACK):
            yield record["findings"][len(_CALL_BACK) :][:11]
