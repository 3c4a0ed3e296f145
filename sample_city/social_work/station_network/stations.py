"""SW01: the register of social-work stations and points, by unit and month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loaders.contract import Report
from loaders.period import Period
from sample_city.city import City
from sample_city.documents.delivery import Document, deliver, truncate
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.documents.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_form
from sample_city.faults import fault_kinds
from sample_city.faults.fault import PlannedFault, Record, document_kinds
from sample_city.faults.injection import inject_faults
from sample_city.reference.geography import UNITS, unit_names
from sample_city.reference.people import draw_mobiles, draw_names
from sample_city.reference.timetable import arrival, chinese_date, chinese_month
from sample_city.social_work.station_network.station_faults import station_fault_plan
from sample_city.social_work.station_network.station_plan import Station, station_record

REPORT = "station"
TITLE = "双百社工站点名册"
_PLACE_GROUP = ("县（区）", "村（社区）代码", "所在地")
_GROUPED_UNIT = "441322"
_TRUTH = ("station_code", "town_code", "village_code", "station_type", "opened_date", "closed_date")
_TOTAL_ERROR = 3


def build_stations(city: City, stations: Sequence[Station]) -> None:
    """Writes a workbook per unit and month; the truth is the last register of each unit."""
    report, plan = city.contracts[REPORT], station_fault_plan(stations)
    truth: list[Sequence[object]] = []
    city.personal_numbers.update(station.phone for station in stations)
    for unit in UNITS:
        rng = city.stream(REPORT, unit)
        clerk, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        city.personal_numbers.add(phone)
        mine = [station for station in stations if station.town.unit == unit]
        sheet = FormSheet(SHEET, [])
        for month in city.span.months():
            planned = plan.get((unit, str(month)), ())
            records = [station_record(station, month) for station in mine if station.opened <= month.end]
            sheet = FormSheet(SHEET, *inject_faults(report, records, planned, month))
            total_error = _TOTAL_ERROR if fault_kinds.CONTROL_TOTAL_OFF in planned else 0
            document = _document(_Form(report, unit, month, (clerk, phone), total_error), sheet)
            deliver(city.sftp_folder(report), city.log, document, document_kinds(planned))
            _log_faults(city, document, sheet, planned)
        truth.extend([record[name] for name in _TRUTH] for _, record in sheet.accepted())
    city.write_truth("stations", _TRUTH, truth)


def _log_faults(city: City, document: Document, sheet: FormSheet, planned: Sequence[PlannedFault]) -> None:
    if fault_kinds.MISSING in planned:
        return
    location = {"uri": document.path(), "sheet": SHEET}
    head_rows = HEADER_ROW + (1 if document.unit == _GROUPED_UNIT else 0)
    state = expected_state([sheet])
    sheet.log_faults(city.log, REPORT, document.unit, document.period, head_rows, expected_state=state, **location)
    if fault_kinds.CONTROL_TOTAL_OFF in planned:
        city.log.add(
            fault_kinds.CONTROL_TOTAL_OFF,
            REPORT,
            document.unit,
            document.period,
            row=head_rows + 1 + len(sheet.records),
            column="worker_persons",
            expected_rule="control_total",
            expected_state="accepted",
            note="the printed total is three more than its rows",
            **location,
        )


def _document(form: _Form, sheet: FormSheet) -> Document:
    def faulty_content(kind: str) -> bytes:
        if kind == fault_kinds.UNREADABLE:
            return truncate(form.render(sheet.records))
        if kind == fault_kinds.MISSING_COLUMN:
            return replace(form, without="opened_date", total_error=0).render(sheet.records)
        more_workers = [record | {"worker_persons": record["worker_persons"] + 2} for record in sheet.records]
        return replace(form, total_error=0).render(more_workers)

    return Document(REPORT, TITLE, ".xlsx", form.unit, form.month, lambda: form.render(sheet.records), faulty_content)


@dataclass(frozen=True, slots=True)
class _Form:
    """The form of a unit and a month, possibly with a wrong total or without one column."""

    report: Report
    unit: str
    month: Period
    clerk: tuple[str, str]
    total_error: int
    without: str | None = None

    def render(self, records: Sequence[Record]) -> bytes:
        """Prints the records as a workbook."""
        columns = [column for column in self.report.columns if column.name != self.without]
        totals = {
            "villages_covered_count": sum(record["villages_covered_count"] for record in records),
            "worker_persons": sum(record["worker_persons"] for record in records) + self.total_error,
        }
        name, sent = unit_names()[self.unit], chinese_date(arrival(self.month, self.unit).date())
        return render_form(
            Form(
                title=f"惠州市{name}双百社工站点名册",
                line=(f"填报单位（盖章）：{name}", f"统计月份：{chinese_month(self.month)}", f"填报日期：{sent}"),
                header=["序号", *(column.header for column in columns)],
                rows=[[number, *(record[column.name] for column in columns)] for number, record in enumerate(records, start=1)],
                total=["合计", *(totals.get(column.name) for column in columns)],
                footer=("单位负责人：", "审核人：", f"填表人：{self.clerk[0]}", f"联系电话：{self.clerk[1]}"),
                date_style=DATE_STYLES[self.unit],
                groups=[_PLACE_GROUP] if self.unit == _GROUPED_UNIT else (),
            )
        )
