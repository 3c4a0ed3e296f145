"""What the charity federation keeps on its front-end machine: registers that are read from views instead of documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from loaders.contract import Database, Report
from sample_city.city import City, write_table
from sample_city.geography import CITY_CODE
from sample_city.planted import planted_page
from sample_city.standard_faults import Fault, Record


def publish(
    city: City,
    report: Report,
    records: Sequence[Record],
    planted: Sequence[str | Fault],
    updated: Callable[[Record], dt.datetime],
) -> None:
    """Put the rows of a register into its view's table, faults among them, and keep what should be accepted of them.

    A row's number is its place in the view's order, because that is how it is read.
    """
    page = planted_page(report, "", records, planted, city.span.last)
    order = _order_of(report)
    page.records.sort(key=lambda record: [str(record[name]) for name in order])
    names = [column.name for column in report.columns]
    fields = [column.field or column.name for column in report.columns]
    rows = [[*(record[name] for name in names), updated(record)] for record in page.records]
    write_table(city.site / "charity" / f"{report.report}.csv", [*fields, "update_time"], rows)
    truth = [[CITY_CODE, "", "", place, *(record[name] for name in names)] for place, record in page.accepted(0)]
    city.write_truth(report.report, ["unit", "period", "sheet", "row", *names], truth)
    state = "accepted_with_rejects" if any(not mark.is_warning for mark in page.marks) else "accepted"
    for mark, place in page.placed_marks(0):
        facts = {"row": place, "column": mark.column, "expected_rule": mark.rule, "expected_state": state}
        city.log.add(mark.kind, report.report, CITY_CODE, None, **facts)


def _order_of(report: Report) -> list[str]:
    """The columns that the view is read in the order of."""
    if not isinstance(report.source, Database):
        raise TypeError(f"{report.report} is not read from a database")
    names = {column.field or column.name: column.name for column in report.columns}
    return [names[field] for field in report.source.order_by]
