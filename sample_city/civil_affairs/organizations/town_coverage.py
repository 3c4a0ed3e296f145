"""CA16: which towns have a federation and a volunteer association, by unit and quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from loaders.contract import Report
from loaders.period import Period
from sample_city.city import City
from sample_city.documents.delivery import Document, deliver, truncate
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.documents.workbook import DATE_STYLES, HEADER_ROW, SHEET, Form, render_form
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import NOT_AFTER_PERIOD
from sample_city.faults.fault import Fault, FaultPlan, FaultSite, Record, document_kinds
from sample_city.faults.injection import inject_faults
from sample_city.faults.standard_faults import standard_fault_at
from sample_city.reference.geography import UNITS, Town, statutory_towns, towns_of, unit_names
from sample_city.reference.people import draw_mobiles, draw_names, stream
from sample_city.reference.timetable import FULL_SPAN, arrival, chinese_date, chinese_quarter

REPORT = "town_coverage"
TITLE = "镇街两个全覆盖情况表"
_TRUTH = ("quarter", "town_code", "has_federation", "has_association")
_NO_FEDERATION = {"has_federation": "否", "federation_name": None, "federation_date": None}


def _future_date(site: FaultSite) -> Fault:
    changes = {
        "has_federation": "是",
        "federation_name": f"{site.records[4]['town_name']}社区社会组织联合会",
        "federation_date": site.period.end + dt.timedelta(days=40),
    }
    return Fault(fault_kinds.FUTURE_DATE, changes, [("federation_date", NOT_AFTER_PERIOD)], in_place=True, at=4)


_UNKNOWN_TOWN = standard_fault_at(fault_kinds.UNKNOWN_TOWN, 2)
_FAULT_PLAN: FaultPlan = {
    ("441322", "2021Q1"): (_UNKNOWN_TOWN,),
    ("441323", "2021Q2"): (fault_kinds.LATE,),
    ("441302", "2021Q4"): (standard_fault_at(fault_kinds.DUPLICATE_ROW, 5),),
    ("441324", "2022Q1"): (_future_date,),
    ("HZ-DYW", "2022Q2"): (fault_kinds.MISSING,),
    ("441303", "2022Q3"): (fault_kinds.UNREADABLE,),
    ("441322", "2022Q4"): (fault_kinds.CORRECTED,),
    ("441323", "2023Q1"): (fault_kinds.MISSING_COLUMN,),
    ("441302", "2023Q2"): (fault_kinds.SAME_FILE_TWICE,),
    ("441322", "2023Q4"): (_UNKNOWN_TOWN,),
}


@dataclass(frozen=True, slots=True)
class FoundingDates:
    """The days on which a town founded its federation and its association."""

    federation: dt.date
    association: dt.date


def plan_founding_dates(seed: int) -> dict[str, FoundingDates]:
    """Draws the two dates for each of the 71 towns, between January 2021 and November 2023."""
    rng = stream(seed, REPORT, "foundings")
    first, days = FULL_SPAN.first.start, (dt.date(2023, 11, 20) - FULL_SPAN.first.start).days
    towns = statutory_towns()
    offsets = rng.integers(days, size=(len(towns), 2)).tolist()
    return {
        town.code: FoundingDates(first + dt.timedelta(days=a), first + dt.timedelta(days=b))
        for town, (a, b) in zip(towns, offsets, strict=True)
    }


def build_town_coverage(city: City) -> None:
    """Writes a workbook per unit and quarter; the truth has the quarter, the town, and whether it has each of the two."""
    report = city.contracts[REPORT]
    founding_dates = plan_founding_dates(city.seed)
    truth: list[Sequence[object]] = []
    for unit in UNITS:
        rng = city.stream(REPORT, unit)
        clerk, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        city.personal_numbers.add(phone)
        for quarter in city.span.quarters():
            planned = _FAULT_PLAN.get((unit, str(quarter)), ())
            records = [_record(town, quarter, founding_dates[town.code]) for town in towns_of(unit)]
            sheet = FormSheet(SHEET, *inject_faults(report, records, planned, quarter))
            document = _document(report, unit, quarter, sheet, (clerk, phone))
            deliver(city.sftp_folder(report), city.log, document, document_kinds(planned))
            if fault_kinds.MISSING not in planned:
                location = {"uri": document.path(), "sheet": SHEET, "expected_state": expected_state([sheet])}
                sheet.log_faults(city.log, REPORT, unit, quarter, HEADER_ROW, **location)
                truth.extend(_truth_row(quarter, record) for _, record in sheet.accepted())
    city.write_truth(REPORT, _TRUTH, truth)


def _record(town: Town, quarter: Period, founded: FoundingDates) -> Record:
    place = {"county_name": town.county_label, "town_name": town.name, "town_code": town.code}
    federation, association = f"{town.name}社区社会组织联合会", f"{town.name}社会工作与志愿服务协会"
    return {
        "period_quarter": chinese_quarter(quarter),
        **place,
        **_founded("federation", federation, founded.federation, quarter),
        **_founded("volunteer_association", association, founded.association, quarter),
        "remark": None,
    }


def _founded(kind: str, name: str, founded: dt.date, quarter: Period) -> Record:
    values = ("是", name, founded) if founded <= quarter.end else ("否", None, None)
    return dict(zip((f"has_{kind}", f"{kind}_name", f"{kind}_date"), values, strict=True))


def _truth_row(quarter: Period, record: Record) -> Sequence[object]:
    return [str(quarter), record["town_code"], record["has_federation"] == "是", record["has_volunteer_association"] == "是"]


def _document(report: Report, unit: str, quarter: Period, sheet: FormSheet, clerk: tuple[str, str]) -> Document:
    form = _Form(report, unit, quarter, clerk)

    def faulty_content(kind: str) -> bytes:
        if kind == fault_kinds.UNREADABLE:
            return truncate(form.render(sheet.records))
        if kind == fault_kinds.MISSING_COLUMN:
            return replace(form, without="town_code").render(sheet.records)
        return form.render([record | _NO_FEDERATION for record in sheet.records])

    return Document(REPORT, TITLE, ".xlsx", unit, quarter, lambda: form.render(sheet.records), faulty_content)


@dataclass(frozen=True, slots=True)
class _Form:
    """The form of a unit and a quarter, possibly without one column."""

    report: Report
    unit: str
    quarter: Period
    clerk: tuple[str, str]
    without: str | None = None

    def render(self, records: Sequence[Record]) -> bytes:
        """Prints the records as a workbook."""
        columns = [column for column in self.report.columns if column.name != self.without]
        name, quarter = unit_names()[self.unit], chinese_quarter(self.quarter)
        sent = chinese_date(arrival(self.quarter, self.unit).date())
        return render_form(
            Form(
                title=f"惠州市{name}镇（街）两个全覆盖情况表",
                line=(f"填报单位（盖章）：{name}", f"统计季度：{quarter}", f"填报日期：{sent}"),
                header=["序号", *(column.header for column in columns)],
                rows=[[number, *(record[column.name] for column in columns)] for number, record in enumerate(records, start=1)],
                footer=("单位负责人：", "审核人：", f"填表人：{self.clerk[0]}", f"联系电话：{self.clerk[1]}"),
                date_style=DATE_STYLES[self.unit],
            )
        )
