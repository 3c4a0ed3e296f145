"""CA16: which towns have a federation and a volunteer association, by unit and quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.contract import load_report
from loaders.period import Period
from sample_city import planting
from sample_city.defects import KNOWN_CODE, NOT_AFTER_PERIOD, DefectLog, Grid, Row
from sample_city.drop import Document, deliver, truncated
from sample_city.geography import UNITS, Town, statutory_towns, towns_of, unit_names, unknown_town
from sample_city.people import draw_mobiles, draw_names, stream
from sample_city.timetable import WHOLE, Span, arrival, chinese_date, chinese_quarter
from sample_city.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_form

REPORT = "town_coverage"
TITLE = "镇街两个全覆盖情况表"
_CONTRACT = load_report(Path(__file__).resolve().parent.parent / "expectations" / "civil_affairs" / f"{REPORT}.yml")
_COLUMNS = tuple(column.name for column in _CONTRACT.columns)
_HEADERS = {column.name: column.header for column in _CONTRACT.columns}


@dataclass(frozen=True, slots=True)
class Foundings:
    """When a town founded its federation and its association."""

    federation: dt.date
    association: dt.date


def plan_foundings(seed: int) -> dict[str, Foundings]:
    """A date of each founding for each of the 71 towns, spread over the three years and over by November 2023."""
    rng = stream(seed, REPORT, "foundings")
    first, days = WHOLE.first.start, (dt.date(2023, 11, 20) - WHOLE.first.start).days
    towns = statutory_towns()
    offsets = rng.integers(days, size=(len(towns), 2)).tolist()
    return {
        town.code: Foundings(first + dt.timedelta(days=a), first + dt.timedelta(days=b))
        for town, (a, b) in zip(towns, offsets, strict=True)
    }


def build_coverage(root: Path, seed: int, span: Span, log: DefectLog) -> tuple[list[Row], list[str]]:
    """Write every workbook of the span.

    Returns:
        The rows (quarter, town code, has federation, has association) that should be accepted, and the phone numbers planted.
    """
    foundings = plan_foundings(seed)
    truth: list[Row] = []
    phones: list[str] = []
    for unit in UNITS:
        rng = stream(seed, REPORT, unit)
        clerk, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        phones.append(phone)
        for quarter in span.quarters():
            kinds = planting.TOWN_COVERAGE.get((unit, str(quarter)), ())
            grid = _plant(_grid(towns_of(unit), quarter, foundings), quarter, kinds)
            document = _document(unit, quarter, grid, (clerk, phone))
            deliver(root, log, document, kinds)
            if planting.MISSING not in kinds:
                grid.record(log, REPORT, unit, quarter, HEADER_ROW + 1, uri=document.path(), sheet=SHEET)
                truth.extend([str(quarter), row[3], row[4] == "是", row[7] == "是"] for row in grid.accepted())
    return truth, phones


def _grid(towns: Sequence[Town], quarter: Period, foundings: dict[str, Foundings]) -> Grid:
    rows = []
    for town in towns:
        founded = foundings[town.code]
        row: Row = [chinese_quarter(quarter), town.county_label, town.name, town.code]
        row += _association(f"{town.name}社区社会组织联合会", founded.federation, quarter)
        row += _association(f"{town.name}社会工作与志愿服务协会", founded.association, quarter)
        rows.append([*row, None])
    return Grid(_COLUMNS, rows)


def _association(name: str, founded: dt.date, quarter: Period) -> Row:
    return ["是", name, founded] if founded <= quarter.end else ["否", None, None]


def _plant(grid: Grid, quarter: Period, kinds: Sequence[str]) -> Grid:
    if planting.UNKNOWN_TOWN in kinds:
        row = grid.variant(grid.rows[2], **unknown_town(grid.rows[2][_COLUMNS.index("town_code")]))
        grid.insert(3, row, planting.UNKNOWN_TOWN, [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)])
    if planting.FUTURE_DATE in kinds:
        name = f"{grid.rows[4][2]}社区社会组织联合会"
        later = quarter.end + dt.timedelta(days=40)
        row = grid.variant(grid.rows[4], has_federation="是", federation_name=name, federation_date=later)
        grid.replace(4, row, planting.FUTURE_DATE, "federation_date", NOT_AFTER_PERIOD)
    if planting.DUPLICATE_ROW in kinds:
        grid.duplicate(5, "town_code")
    return grid


def _document(unit: str, quarter: Period, grid: Grid, clerk: tuple[str, str]) -> Document:
    def content() -> bytes:
        return _render(unit, quarter, grid.rows, clerk)

    def spoilt(fault: str) -> bytes:
        if fault == planting.UNREADABLE:
            return truncated(content())
        if fault == planting.MISSING_COLUMN:
            return _render(unit, quarter, grid.rows, clerk, without="town_code")
        nothing = {"has_federation": "否", "federation_name": None, "federation_date": None}
        return _render(unit, quarter, [grid.variant(row, **nothing) for row in grid.rows], clerk)

    return Document(REPORT, TITLE, ".xlsx", unit, quarter, content, spoilt)


def _render(unit: str, quarter: Period, rows: Sequence[Row], clerk: tuple[str, str], without: str | None = None) -> bytes:
    kept = [index for index, name in enumerate(_COLUMNS) if name != without]
    sent = chinese_date(arrival(quarter, unit).date())
    return render_form(
        Form(
            title=f"惠州市{unit_names()[unit]}镇（街）两个全覆盖情况表",
            line=(f"填报单位（盖章）：{unit_names()[unit]}", f"统计季度：{chinese_quarter(quarter)}", f"填报日期：{sent}"),
            header=["序号", *(_HEADERS[_COLUMNS[index]] for index in kept)],
            rows=[[number, *(row[index] for index in kept)] for number, row in enumerate(rows, start=1)],
            footer=("单位负责人：", "审核人：", f"填表人：{clerk[0]}", f"联系电话：{clerk[1]}"),
            date_style=DATE_STYLES[unit],
        )
    )
