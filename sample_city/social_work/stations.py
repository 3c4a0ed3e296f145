"""SW01: the register of social-work stations and points, by unit and month."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import load_report
from loaders.period import Period
from sample_city import planting
from sample_city.city import EXPECTATIONS, City
from sample_city.defects import KNOWN_CODE, NOT_AFTER_PERIOD, TYPE, DefectLog, Grid, Row
from sample_city.drop import Document, deliver, truncated
from sample_city.geography import UNITS, unit_names, unknown_town
from sample_city.people import draw_mobiles, draw_names, stream
from sample_city.social_work.station_plan import Station
from sample_city.timetable import arrival, chinese_date, chinese_month
from sample_city.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_form

REPORT = "station"
TITLE = "双百社工站点名册"
_PLACE_GROUP = ("县（区）", "村（社区）代码", "所在地")
_GROUPED_UNIT = "441322"
_CONTRACT = load_report(EXPECTATIONS / "social_work" / f"{REPORT}.yml")
_COLUMNS = tuple(column.name for column in _CONTRACT.columns)
_TRUTH = ("station_code", "town_code", "village_code", "station_type", "opened_date", "closed_date")
_TRUTH_AT = tuple(_COLUMNS.index(name) for name in _TRUTH)
_HEADERS = {column.name: column.header for column in _CONTRACT.columns}


def build_stations(city: City, stations: Sequence[Station]) -> None:
    """Write every workbook of the span; the truth is the last registers that should be accepted."""
    root = city.site / "sftp" / "social_work"
    truth: list[Row] = []
    city.personal_numbers.update(station.phone for station in stations)
    for unit in UNITS:
        rng = stream(city.seed, REPORT, unit)
        clerk, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        city.personal_numbers.add(phone)
        mine = [station for station in stations if station.town.unit == unit]
        for month in city.span.months():
            kinds = planting.STATION.get((unit, str(month)), ())
            grid = _plant(_grid(mine, month), mine, month, kinds)
            document = _document(unit, month, grid, (clerk, phone), kinds)
            deliver(root, city.log, document, kinds)
            _record(city.log, document, grid, kinds)
        truth.extend([row[at] for at in _TRUTH_AT] for row in grid.accepted())
    city.write_truth("stations", _TRUTH, truth)


def _record(log: DefectLog, document: Document, grid: Grid, kinds: Sequence[str]) -> None:
    if planting.MISSING in kinds:
        return
    first_row = HEADER_ROW + (2 if document.unit == _GROUPED_UNIT else 1)
    grid.record(log, REPORT, document.unit, document.period, first_row, uri=document.path(), sheet=SHEET)
    if planting.CONTROL_TOTAL_OFF in kinds:
        log.add(
            planting.CONTROL_TOTAL_OFF,
            REPORT,
            document.unit,
            document.period,
            uri=document.path(),
            sheet=SHEET,
            row=first_row + len(grid.rows),
            column="worker_persons",
            expected_rule="control_total",
            expected_state="accepted",
            note="the printed total is three more than its rows",
        )


def _grid(stations: Sequence[Station], month: Period) -> Grid:
    return Grid(_COLUMNS, [_row(station, month) for station in stations if station.opened <= month.end])


def _row(station: Station, month: Period) -> Row:
    town, village = station.town, station.village
    closed = station.closed if station.closed is not None and station.closed <= month.end else None
    return [
        station.code,
        station.name,
        "镇街社工站" if village is None else "村居社工点",
        None if village is None else f"SZ{town.code}00",
        town.county_label,
        town.name,
        town.code,
        None if village is None else village.name,
        None if village is None else village.code,
        station.covers,
        station.opened,
        closed,
        0 if closed else station.workers,
        station.head,
        station.phone,
        "已撤并" if closed else None,
    ]


def _plant(grid: Grid, stations: Sequence[Station], month: Period, kinds: Sequence[str]) -> Grid:
    if planting.UNKNOWN_TOWN in kinds:
        place = unknown_town(grid.rows[0][_COLUMNS.index("town_code")])
        name = f"{place['town_name']}社工站"
        row = grid.variant(grid.rows[0], station_code=f"SZ{place['town_code']}00", station_name=name, **place)
        grid.insert(1, row, planting.UNKNOWN_TOWN, [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)])
    if planting.FUTURE_DATE in kinds:
        coming = min((s for s in stations if s.opened > month.end), key=lambda station: station.opened)
        grid.insert(len(grid.rows), _row(coming, month), planting.FUTURE_DATE, [("opened_date", NOT_AFTER_PERIOD)])
    if planting.TYPE_FAULT in kinds:
        row = grid.variant(grid.rows[3], opened_date="2021年2月30日")
        grid.replace(3, row, planting.TYPE_FAULT, "opened_date", TYPE)
    if planting.DUPLICATE_ROW in kinds:
        grid.duplicate(4, "station_code")
    return grid


def _document(unit: str, month: Period, grid: Grid, clerk: tuple[str, str], kinds: Sequence[str]) -> Document:
    def content() -> bytes:
        return _render(unit, month, grid.rows, clerk, excess=3 if planting.CONTROL_TOTAL_OFF in kinds else 0)

    def spoilt(fault: str) -> bytes:
        if fault == planting.UNREADABLE:
            return truncated(content())
        if fault == planting.MISSING_COLUMN:
            return _render(unit, month, grid.rows, clerk, without="opened_date")
        at = _COLUMNS.index("worker_persons")
        return _render(unit, month, [grid.variant(row, worker_persons=row[at] + 2) for row in grid.rows], clerk)

    return Document(REPORT, TITLE, ".xlsx", unit, month, content, spoilt)


def _render(
    unit: str, month: Period, rows: Sequence[Row], clerk: tuple[str, str], *, excess: int = 0, without: str | None = None
) -> bytes:
    kept = [index for index, name in enumerate(_COLUMNS) if name != without]
    total: Row = [None] * len(_COLUMNS)
    for name, extra in (("villages_covered_count", 0), ("worker_persons", excess)):
        at = _COLUMNS.index(name)
        total[at] = sum(row[at] for row in rows) + extra
    sent = chinese_date(arrival(month, unit).date())
    return render_form(
        Form(
            title=f"惠州市{unit_names()[unit]}双百社工站点名册",
            line=(f"填报单位（盖章）：{unit_names()[unit]}", f"统计月份：{chinese_month(month)}", f"填报日期：{sent}"),
            header=["序号", *(_HEADERS[_COLUMNS[index]] for index in kept)],
            rows=[[number, *(row[index] for index in kept)] for number, row in enumerate(rows, start=1)],
            total=["合计", *(total[index] for index in kept)],
            footer=("单位负责人：", "审核人：", f"填表人：{clerk[0]}", f"联系电话：{clerk[1]}"),
            date_style=DATE_STYLES[unit],
            groups=[_PLACE_GROUP] if unit == _GROUPED_UNIT else (),
        )
    )
