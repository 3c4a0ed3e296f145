"""The day by which a document was due, as the ledger notes it beside the document."""

from __future__ import annotations

import datetime as dt

from loaders.contract import Report
from loaders.period import Period
from loaders.schedule import ReportingCalendar
from loaders.warehouse.connection import Connection, fetch_one

_OBLIGATION = "select due_date from ops.obligation where report = %s and unit_code = %s and period = %s"


def due_date_of(connection: Connection, report: Report, unit_code: str, period: Period | None) -> dt.date | None:
    """Returns the due day of the obligation that a document answers.

    For a document that nobody owes, such as one of a period to come, it follows from the contract and the week alone.
    """
    if period is None:
        return None
    row = fetch_one(connection, _OBLIGATION, [report.report, unit_code, str(period)])
    found: dt.date | None = row["due_date"] if row else due_date_of_other(report, period)
    return found


def due_date_of_other(report: Report, period: Period | None) -> dt.date | None:
    """Returns the due day of a document that nobody owes."""
    return ReportingCalendar().due_date(report, period)
