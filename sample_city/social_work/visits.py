"""SW04: home visits as GB18030 CSV, by unit and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from loaders.contract import load_report
from loaders.period import Period
from sample_city import planting
from sample_city.city import EXPECTATIONS, City
from sample_city.defects import BETWEEN, CROSS_REPORT, IN_PERIOD, KNOWN_CODE, RESIDENT_ID, TYPE, Grid, Row
from sample_city.desk import layout_of
from sample_city.drop import Document, deliver
from sample_city.geography import UNITS, Town, towns_of, unknown_town
from sample_city.people import Rng, draw_mobiles, spoil_check, stream
from sample_city.social_work.visit_plan import VisitPlan
from sample_city.timetable import day_weights

REPORT = "home_visit"
TITLE = "入户探访记录"
_FIRST_LINE = 2
_PERSONS_PER_VISIT = 1.08
_OTHER_MODES_SHARE = 0.08
# Faults stand in fixed rows; in a shorter document, in as many parts of it.
_ROWS_ENOUGH = 130
_TRUTH = ("month", "town_code", "home_visit_persons", "rows", "clients")
_CONTRACT = load_report(EXPECTATIONS / "social_work" / f"{REPORT}.yml")
_COLUMNS = tuple(column.name for column in _CONTRACT.columns)
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
    """Write every CSV of the span; the truth has (month, town code, persons at home, rows, distinct clients).

    Returns:
        The persons visited at home by station and month, as the documents have them.
    """
    truth: list[Row] = []
    visited: Counter[tuple[str, Period]] = Counter()
    for unit in UNITS:
        for month in city.span.months():
            kinds = planting.HOME_VISIT.get((unit, str(month)), ())
            rng = stream(city.seed, REPORT, unit, str(month))
            grid = _plant(_grid(rng, towns_of(unit), month, plan), month, kinds)
            document = _document(unit, month, grid)
            deliver(city.site / "sftp" / "social_work", city.log, document, kinds)
            city.personal_numbers.update(_numbers(grid))
            if planting.MISSING not in kinds:
                grid.record(city.log, REPORT, unit, month, _FIRST_LINE, uri=document.path())
                truth.extend(_truth(grid, month))
                _count(visited, grid, month)
    city.write_truth("visits", _TRUTH, truth)
    return visited


def _grid(rng: Rng, towns: Sequence[Town], month: Period, plan: VisitPlan) -> Grid:
    rows: list[Row] = []
    for town in towns:
        if plan.persons[town.code, month]:
            rows.extend(_town_rows(rng, town, month, plan))
    rows = [rows[place] for place in rng.permutation(len(rows)).tolist()]
    rows.sort(key=lambda row: str(row[1]))
    for number, row in enumerate(rows, start=1):
        row[0] = f"TF{month.year}{month.ordinal:02d}{row[4]}{number:05d}"
    for place, phone in zip((3, 11), draw_mobiles(rng, 2), strict=True):
        if place < len(rows):
            rows[place][12] = f"家属要求回电{phone}，已转告"
    return Grid(_COLUMNS, rows)


def _town_rows(rng: Rng, town: Town, month: Period, plan: VisitPlan) -> Iterable[Row]:
    """Visits of one town: those at home add up to the plan, calls by phone and video come on top."""
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
        yield [
            "",
            dates[days[i]],
            stations[at[i]],
            town.name,
            town.code,
            team[int(workers[i] * len(team))],
            client.code,
            client.resident_id,
            persons[i] if i < at_home else 1,
            modes[i],
            minutes[i],
            volunteers[i],
            _FINDINGS[findings[i]],
            _REFERRALS[referrals[i]],
        ]


def _persons_per_visit(rng: Rng, total: int) -> list[int]:
    visits = max(1, round(total / _PERSONS_PER_VISIT))
    extra = np.bincount(rng.integers(visits, size=total - visits), minlength=visits)
    persons: list[int] = (extra + 1).tolist()
    return persons


def _plant(grid: Grid, month: Period, kinds: Sequence[str]) -> Grid:
    if not grid.rows:
        return grid
    columns = grid.columns
    size = min(len(grid.rows), _ROWS_ENOUGH)

    def at(place: int) -> int:
        return place * size // _ROWS_ENOUGH

    prefix = f"TF{month.year}{month.ordinal:02d}X"
    if planting.RESIDENT_ID_WRONG in kinds:
        wrong = spoil_check(grid.rows[at(20)][columns.index("client_id")])
        row = grid.variant(grid.rows[at(20)], visit_code=f"{prefix}0001", client_id=wrong)
        grid.insert(at(20) + 1, row, planting.RESIDENT_ID_WRONG, [("client_id", RESIDENT_ID)])
    if planting.UNKNOWN_TOWN in kinds:
        row = grid.variant(
            grid.rows[at(40)], visit_code=f"{prefix}0002", **unknown_town(grid.rows[at(40)][columns.index("town_code")])
        )
        grid.insert(at(40) + 1, row, planting.UNKNOWN_TOWN, [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)])
    if planting.FUTURE_DATE in kinds:
        later = (month.end + dt.timedelta(days=20)).isoformat()
        row = grid.variant(grid.rows[at(60)], visit_code=f"{prefix}0003", visited_date=later)
        grid.insert(at(60) + 1, row, planting.FUTURE_DATE, [("visited_date", IN_PERIOD)])
    if planting.DUPLICATE_ROW in kinds:
        grid.duplicate(at(80), "visit_code")
        grid.duplicate(at(120), "visit_code")
    if planting.TYPE_FAULT in kinds:
        row = grid.variant(grid.rows[at(90)], visit_code=f"{prefix}0004", visit_minutes="半小时左右")
        grid.insert(at(90) + 1, row, planting.TYPE_FAULT, [("visit_minutes", TYPE)])
    if planting.OUT_OF_RANGE in kinds:
        row = grid.variant(grid.rows[at(100)], visit_code=f"{prefix}0005", visit_persons=210)
        grid.insert(at(100) + 1, row, planting.OUT_OF_RANGE, [("visit_persons", BETWEEN)])
    if planting.UNUSUAL_LENGTH in kinds:
        row = grid.variant(grid.rows[at(30)], visit_minutes=600)
        grid.replace(at(30), row, planting.UNUSUAL_LENGTH, "visit_minutes", BETWEEN, is_warning=True)
    if planting.WORKER_NOT_LISTED in kinds:
        row = grid.variant(grid.rows[at(50)], worker_code=f"{grid.rows[at(50)][columns.index('worker_code')][:-2]}97")
        grid.replace(at(50), row, planting.WORKER_NOT_LISTED, "worker_code", CROSS_REPORT, is_warning=True)
    if planting.CLIENT_WITHOUT_FILE in kinds:
        row = grid.variant(grid.rows[at(70)], client_code=f"{grid.rows[at(70)][columns.index('client_code')][:-5]}99999")
        grid.replace(at(70), row, planting.CLIENT_WITHOUT_FILE, "client_code", CROSS_REPORT, is_warning=True)
    return grid


def _document(unit: str, month: Period, grid: Grid) -> Document:
    headers = _headers(month)

    def content() -> bytes:
        return _render(headers, grid.rows).encode("gb18030")

    def spoilt(fault: str) -> bytes:
        if fault in (planting.WRONG_UTF8, planting.WRONG_UTF16):
            return _render(headers, grid.rows).encode("utf-8" if fault == planting.WRONG_UTF8 else "utf-16")
        if fault == planting.MISSING_COLUMN:
            at = _COLUMNS.index("mode")
            return _render(_without(headers, at), [_without(row, at) for row in grid.rows]).encode("gb18030")
        at = _COLUMNS.index("visit_persons")
        return _render(headers, [grid.variant(row, visit_persons=row[at] + 3) for row in grid.rows]).encode("gb18030")

    return Document(REPORT, TITLE, ".csv", unit, month, content, spoilt)


def _headers(month: Period) -> list[str]:
    layout = layout_of(_CONTRACT, month)
    return [(layout.headers if layout else {}).get(column.name, column.header) for column in _CONTRACT.columns]


def _without(cells: Sequence[Any], at: int) -> list[Any]:
    return [*cells[:at], *cells[at + 1 :]]


def _render(headers: Sequence[str], rows: Sequence[Row]) -> str:
    quoted = {text: '"' + text.replace('"', '""') + '"' for text in _FINDINGS if '"' in text or "," in text}
    lines = [",".join(headers)]
    lines += [",".join([str(quoted.get(cell, cell)) for cell in row]) for row in rows]
    return "\r\n".join([*lines, ""])


def _truth(grid: Grid, month: Period) -> Iterator[Row]:
    persons: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    clients: dict[str, set[str]] = {}
    for row in grid.accepted():
        town = row[4]
        counts[town] += 1
        clients.setdefault(town, set()).add(row[6])
        persons[town] += row[8] if row[9] == "入户" else 0
    for town in sorted(counts):
        yield [str(month), town, persons[town], counts[town], len(clients[town])]


def _count(visited: Counter[tuple[str, Period]], grid: Grid, month: Period) -> None:
    for row in grid.accepted():
        if row[9] == "入户":
            visited[row[2], month] += row[8]


def _numbers(grid: Grid) -> Iterator[str]:
    for row in grid.rows:
        yield row[7]
        if "回电" in row[12]:
            yield row[12][6:17]
