"""What units owe and did not send."""

from __future__ import annotations

from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

# What is not due yet is asked for as well by whoever wants to remind in time.
_OWED = """
    select s.report, s.unit_code as unit, s.period, s.due_date, s.status, s.days_late as days_overdue
    from ops.reporting_status as s
    where s.is_expected and not s.is_received and (s.is_missing or %(not_yet_due)s)
      and (%(report)s::text is null or s.report = %(report)s)
      and (%(unit)s::text is null or s.unit_code = %(unit)s)
      and (%(period)s::text is null or s.period = %(period)s)
    order by s.due_date, s.report, s.period, s.unit_code
"""


def missing(
    connection: Connection,
    *,
    report: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    not_yet_due: bool = False,
) -> list[dict[str, Any]]:
    """Returns one row per report, unit and period that is overdue, the longest first; `not_yet_due`: also what may still come."""
    return fetch_all(connection, _OWED, {"report": report, "unit": unit, "period": period, "not_yet_due": not_yet_due})
