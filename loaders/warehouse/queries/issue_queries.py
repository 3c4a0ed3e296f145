"""The issues that are open: of a report, a unit, a period, or of the documents of one load."""

from __future__ import annotations

from collections.abc import Collection

from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.queries.ledger_queries import Rows

# A refused document first, then errors of rows, then remarks.
_OPEN_ISSUES = """
    select i.report, i.unit_code as unit, i.period, s.source_uri as file, i.sheet, i.row_number as row, i.cell, i.severity,
        i.rule, i.message_zh, i.message_en, i.created_at as since, i.submission_id
    from ops.issue as i
    inner join ops.submission as s on s.submission_id = i.submission_id
    where i.resolved_at is null
      and s.state not in ('superseded', 'withdrawn', 'duplicate')
      and (%(report)s::text is null or i.report = %(report)s)
      and (%(unit)s::text is null or i.unit_code = %(unit)s)
      and (%(period)s::text is null or i.period = %(period)s)
      and (%(submissions)s::bigint[] is null or i.submission_id = any(%(submissions)s))
    order by array_position(array['document', 'error', 'warning'], i.severity), i.report, i.period, i.unit_code, s.source_uri,
        i.sheet, i.row_number, i.issue_id
"""


def open_issues(
    connection: Connection,
    *,
    report: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    submissions: Collection[int] | None = None,
) -> Rows:
    """Returns one row per open issue: where it is, its severity, its rule and both sentences; personal values are masked."""
    values = {"report": report, "unit": unit, "period": period}
    return fetch_all(connection, _OPEN_ISSUES, {**values, "submissions": None if submissions is None else list(submissions)})
