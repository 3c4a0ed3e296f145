"""Registers that are read from a database view or an API instead of documents. A row's number is its position there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from loaders.contract import Database, Report
from sample_city.city import City, write_table
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.faults.fault import PlannedFault, Record
from sample_city.faults.injection import inject_faults
from sample_city.reference.geography import CITY_CODE


def write_view(
    city: City,
    report: Report,
    records: Sequence[Record],
    planned: Sequence[PlannedFault],
    updated: Callable[[Record], dt.datetime],
) -> None:
    """Writes the table behind a view of the charity database, faults included, and the rows that must be accepted."""
    sheet = FormSheet("", *inject_faults(report, records, planned, city.span.last))
    order = _order_of(report)
    sheet.records.sort(key=lambda record: [str(record[name]) for name in order])
    write_view_table(city, report, [(record, updated(record)) for record in sheet.records])
    record_register(city, report, sheet)


def write_view_table(city: City, report: Report, rows: Iterable[tuple[Record, dt.datetime]]) -> None:
    """Writes records with their times of update, under the field names of the view."""
    names = [column.name for column in report.columns]
    fields = [column.field or column.name for column in report.columns]
    lines = [[*(record[name] for name in names), updated] for record, updated in rows]
    write_table(city.folder / "charity" / f"{report.report}.csv", [*fields, "update_time"], lines)


def record_register(city: City, report: Report, sheet: FormSheet) -> None:
    """Writes the rows that must be accepted of a register, and logs its faults."""
    names = [column.name for column in report.columns]
    truth = [[CITY_CODE, "", "", row, *(record[name] for name in names)] for row, record in sheet.accepted()]
    city.write_truth(report.report, ["unit", "period", "sheet", "row", *names], truth)
    sheet.log_faults(city.log, report.report, CITY_CODE, None, expected_state=expected_state([sheet]))


def _order_of(report: Report) -> list[str]:
    """Returns the columns by which the view is ordered when it is read."""
    if not isinstance(report.source, Database):
        raise TypeError(f"{report.report} is not read from a database")
    names = {column.field or column.name: column.name for column in report.columns}
    return [names[field] for field in report.source.order_by]
