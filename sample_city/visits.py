"""SW04: home visits as GB18030 CSV, by unit and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loaders.contract import load_report
from loaders.period import Period
from sample_city import planting
from sample_city.defects import BETWEEN, IN_PERIOD, KNOWN_CODE, RESIDENT_ID, TYPE, DefectLog, Grid, Row
from sample_city.drop import Document, deliver
from sample_city.geography import UNITS, Town, towns_of, unknown_town
from sample_city.people import Rng, draw_mobiles, spoil_check, stream
from sample_city.timetable import WHOLE, Span, day_weights
from sample_city.visit_plan import VisitPlan

REPORT = "home_visit"
TITLE = "入户探访记录"
_FIRST_LINE = 2
_PERSONS_PER_VISIT = 1.08
_OTHER_MODES_SHARE = 0.08
_MONTHS = WHOLE.months()
_CONTRACT = load_report(Path(__file__).resolve().parent.parent / "expectations" / "social_work" / f"{REPORT}.yml")
_COLUMNS = tuple(column.name for column in _CONTRACT.columns)
_HEADERS = tuple(column.header for column in _CONTRACT.columns)
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


@dataclass(slots=True)
class VisitTruth:
    """What should be accepted: (month, town code, persons at home, rows, distinct clients), and the numbers planted."""

    months: list[Row] = field(default_factory=list)
    personal_numbers: set[str] = field(default_factory=set)


def build_visits(root: Path, seed: int, span: Span, plan: VisitPlan, log: DefectLog) -> VisitTruth:
    """Write every CSV of the span."""
    truth = VisitTruth()
    for unit in UNITS:
        for month in span.months():
            kinds = planting.HOME_VISIT.get((unit, str(month)), ())
            rng = stream(seed, REPORT, unit, str(month))
            grid = _plant(_grid(rng, towns_of(unit), month, plan), month, kinds)
            document = _document(unit, month, grid)
            deliver(root, log, document, kinds)
            if planting.MISSING not in kinds:
                grid.record(log, REPORT, unit, month, _FIRST_LINE, uri=document.path())
                _add_truth(truth, grid, month)
    return truth


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
    workers = rng.integers(1, 4, size=count).tolist()
    clients = plan.clients[town.code]
    known = _clients_known(len(clients), month)
    visited = rng.integers(known, size=count).tolist()
    minutes = np.clip(np.round(rng.normal(42, 16, count) / 5) * 5, 10, 180).astype(int).tolist()
    volunteers = rng.choice(4, size=count, p=(0.7, 0.16, 0.1, 0.04)).tolist()
    findings = rng.integers(len(_FINDINGS), size=count).tolist()
    referrals = rng.integers(len(_REFERRALS), size=count).tolist()
    dates = [(month.start + dt.timedelta(days=day)).isoformat() for day in range(len(weights))]
    for i in range(count):
        client, station = clients[visited[i]], stations[at[i]]
        yield [
            "",
            dates[days[i]],
            station,
            town.name,
            town.code,
            f"SG{station[2:]}{workers[i]}",
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


def _clients_known(count: int, month: Period) -> int:
    """Files are opened over the years: a third by the first month, all by the last."""
    return max(1, round(count * (1 / 3 + 2 / 3 * _MONTHS.index(month) / (len(_MONTHS) - 1))))


def _plant(grid: Grid, month: Period, kinds: Sequence[str]) -> Grid:
    if not grid.rows:
        return grid
    columns = grid.columns
    prefix = f"TF{month.year}{month.ordinal:02d}X"
    if planting.RESIDENT_ID_WRONG in kinds:
        wrong = spoil_check(grid.rows[20][columns.index("client_id")])
        row = grid.variant(grid.rows[20], visit_code=f"{prefix}0001", client_id=wrong)
        grid.insert(21, row, planting.RESIDENT_ID_WRONG, [("client_id", RESIDENT_ID)])
    if planting.UNKNOWN_TOWN in kinds:
        row = grid.variant(grid.rows[40], visit_code=f"{prefix}0002", **unknown_town(grid.rows[40][columns.index("town_code")]))
        grid.insert(41, row, planting.UNKNOWN_TOWN, [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)])
    if planting.FUTURE_DATE in kinds:
        later = (month.end + dt.timedelta(days=20)).isoformat()
        row = grid.variant(grid.rows[60], visit_code=f"{prefix}0003", visited_date=later)
        grid.insert(61, row, planting.FUTURE_DATE, [("visited_date", IN_PERIOD)])
    if planting.DUPLICATE_ROW in kinds:
        grid.duplicate(80, "visit_code")
        grid.duplicate(120, "visit_code")
    if planting.TYPE_FAULT in kinds:
        row = grid.variant(grid.rows[90], visit_code=f"{prefix}0004", visit_minutes="半小时左右")
        grid.insert(91, row, planting.TYPE_FAULT, [("visit_minutes", TYPE)])
    if planting.OUT_OF_RANGE in kinds:
        row = grid.variant(grid.rows[100], visit_code=f"{prefix}0005", visit_persons=210)
        grid.insert(101, row, planting.OUT_OF_RANGE, [("visit_persons", BETWEEN)])
    if planting.UNUSUAL_LENGTH in kinds:
        row = grid.variant(grid.rows[30], visit_minutes=600)
        grid.replace(30, row, planting.UNUSUAL_LENGTH, "visit_minutes", BETWEEN, is_warning=True)
    return grid


def _document(unit: str, month: Period, grid: Grid) -> Document:
    def content() -> bytes:
        return _render(_HEADERS, grid.rows).encode("gb18030")

    def spoilt(fault: str) -> bytes:
        if fault in (planting.WRONG_UTF8, planting.WRONG_UTF16):
            return _render(_HEADERS, grid.rows).encode("utf-8" if fault == planting.WRONG_UTF8 else "utf-16")
        if fault == planting.MISSING_COLUMN:
            at = _COLUMNS.index("mode")
            return _render(_without(_HEADERS, at), [_without(row, at) for row in grid.rows]).encode("gb18030")
        at = _COLUMNS.index("visit_persons")
        return _render(_HEADERS, [grid.variant(row, visit_persons=row[at] + 3) for row in grid.rows]).encode("gb18030")

    return Document(REPORT, TITLE, ".csv", unit, month, content, spoilt)


def _without(cells: Sequence[Any], at: int) -> list[Any]:
    return [*cells[:at], *cells[at + 1 :]]


def _render(headers: Sequence[str], rows: Sequence[Row]) -> str:
    quoted = {text: '"' + text.replace('"', '""') + '"' for text in _FINDINGS if '"' in text or "," in text}
    lines = [",".join(headers)]
    lines += [",".join([str(quoted.get(cell, cell)) for cell in row]) for row in rows]
    return "\r\n".join([*lines, ""])


def _add_truth(truth: VisitTruth, grid: Grid, month: Period) -> None:
    persons: dict[str, int] = {}
    counts: dict[str, int] = {}
    clients: dict[str, set[str]] = {}
    for row in grid.accepted():
        town = row[4]
        counts[town] = counts.get(town, 0) + 1
        clients.setdefault(town, set()).add(row[6])
        persons[town] = persons.get(town, 0) + (row[8] if row[9] == "入户" else 0)
    truth.months.extend([str(month), town, persons[town], counts[town], len(clients[town])] for town in sorted(counts))
    for row in grid.rows:
        truth.personal_numbers.add(row[7])
        if "回电" in row[12]:
            truth.personal_numbers.add(row[12][6:17])
