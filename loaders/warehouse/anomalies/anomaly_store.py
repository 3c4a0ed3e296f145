"""What was found, in `ops.anomaly`: an anomaly stands until a later look does not find it any more."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.anomalies', 0))"
_FOUND = """
    with found as (
        select * from jsonb_to_recordset(%(found)s::jsonb) as f (
            report text, unit_code text, period text, kind text, indicator_code text, area_code text, column_name text,
            value numeric, expected numeric, low numeric, high numeric, history_months integer
        )
    )
"""
_IDENTITY = """
    f.report = a.report and f.unit_code = a.unit_code and f.period = a.period and f.kind = a.kind
    and f.indicator_code is not distinct from a.indicator_code and f.area_code is not distinct from a.area_code
    and f.column_name is not distinct from a.column_name
"""
# The same place with another value is another matter, of which somebody is told again.
_CLOSE = f"""
    {_FOUND}
    update ops.anomaly as a set gone_at = now()
    where a.report = any(%(reports)s) and a.gone_at is null
      and not exists (select from found as f where {_IDENTITY} and f.value is not distinct from a.value)
"""  # noqa: S608 - the parts are texts of this module
_ADD = f"""
    {_FOUND}
    insert into ops.anomaly (
        report, unit_code, period, kind, indicator_code, area_code, column_name, value, expected, low, high, history_months
    )
    select f.* from found as f
    where not exists (select from ops.anomaly as a where a.gone_at is null and {_IDENTITY})
"""  # noqa: S608 - the parts are texts of this module
_OPEN = """
    select a.report, a.unit_code as unit, a.period, a.kind, a.indicator_code as indicator, a.area_code as area,
        a.column_name as column, trim_scale(a.value) as value, trim_scale(a.expected) as expected, trim_scale(a.low) as low,
        trim_scale(a.high) as high, a.history_months, a.found_at as since
    from ops.anomaly as a
    where a.gone_at is null
      and (%(report)s::text is null or a.report = %(report)s)
      and (%(unit)s::text is null or a.unit_code = %(unit)s)
      and (%(period)s::text is null or a.period = %(period)s)
    order by a.period desc, a.report, a.unit_code, a.indicator_code, a.area_code, a.column_name, a.kind
"""


@dataclass(frozen=True, slots=True)
class FoundAnomaly:
    """An anomaly with its place: a value of an indicator in an area, or a column of a unit's documents."""

    report: str
    unit_code: str
    period: str
    kind: str
    indicator_code: str | None
    area_code: str | None
    column_name: str | None
    value: float
    expected: float
    low: float
    high: float
    history_months: int


def sync_anomalies(connection: Connection, reports: Collection[str], found: Iterable[FoundAnomaly]) -> None:
    """Updates the open anomalies of the reports that were checked: new ones are added, missing ones end, all others stay."""
    parameters = {"reports": list(reports), "found": json.dumps([asdict(one) for one in found])}
    connection.execute(_LOCK)
    connection.execute(_CLOSE, parameters)
    connection.execute(_ADD, parameters)


def open_anomalies(
    connection: Connection, *, report: str | None = None, unit: str | None = None, period: str | None = None
) -> list[dict[str, Any]]:
    """Returns the open anomalies, the newest period first."""
    return fetch_all(connection, _OPEN, {"report": report, "unit": unit, "period": period})
