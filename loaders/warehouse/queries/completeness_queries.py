"""Who reported what: units by state per report and period, and one report and period by unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.queries.ledger_queries import Rows

_VISIBLE = "(%(units)s::text[] is null or unit_code = any(%(units)s))"
_STATES = f"""
    select report, period, period_start, period_end, max(due_date) as due_date,
        case when status in ('accepted', 'zero_declared') and is_on_time is false then 'late' else status end as state,
        max(received_date) as received_date, count(*) as units_count
    from ops.reporting_status
    where (period is null or (period_start <= %(until)s and period_end >= %(since)s)) and (is_expected or is_received)
        and {_VISIBLE}
    group by 1, 2, 3, 4, 6
"""  # noqa: S608 - the condition is a text of this module
_BY_UNIT = f"""
    select unit_code, period, status, due_date, received_date, is_on_time, days_late, is_expected, documents_count,
        corrections_count, approved_release_number, submission_id
    from ops.reporting_status
    where report = %(report)s and period is not distinct from %(period)s and {_VISIBLE}
    order by unit_code
"""  # noqa: S608 - the condition is a text of this module


def reporting_states(connection: Connection, since: dt.date, until: dt.date, units: Sequence[str] | None) -> Rows:
    """Returns one row per report, period and state with the number of its units: periods that touch a span of days, and none.

    The states are those of `ops.reporting_status`, and `late`: taken in, and received after the due day. `units` null: all.
    """
    return fetch_all(connection, _STATES, {"since": since, "until": until, "units": _listed(units)})


def reporting_by_unit(connection: Connection, report: str, period: str | None, units: Sequence[str] | None) -> Rows:
    """Returns one row per unit of one report and period."""
    return fetch_all(connection, _BY_UNIT, {"report": report, "period": period, "units": _listed(units)})


def warehouse_today(connection: Connection) -> dt.date:
    """Returns the day that counts as today."""
    (row,) = fetch_all(connection, "select ops.today() as today")
    today: dt.date = row["today"]
    return today


def _listed(units: Sequence[str] | None) -> list[str] | None:
    return None if units is None else list(units)
