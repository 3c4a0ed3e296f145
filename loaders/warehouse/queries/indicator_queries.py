"""Reads dbt's results in `bi`: values, their comparison with print, and the evidence: file, sheet and row of each figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from loaders.period import Period
from loaders.warehouse.connection import connect, fetch_all

Rows = list[dict[str, Any]]

_COMPARISON = """
    select c.indicator_code as code, c.name_zh, c.area_code, c.period_code as period, trim_scale(c.value) as value, c.unit,
           c.published, c.qualifier, trim_scale(c.low) as low, trim_scale(c.high) as high, c.verdict,
           trim_scale(c.value_at_print) as value_at_print, c.verdict_at_print
    from bi.published_comparison as c
    where c.source_report = any(%(reports)s)
    order by c.indicator_code
"""
# A figure that was printed to date is compared with our value to date, in a row of its own, so that each verdict is in the row of
# the value that it is about.
_VALUES = """
    with shown as (
        select v.indicator_code, v.name_zh, v.area_code, v.period_code, 'value' as basis, v.value, v.unit
        from bi.indicator_value as v
        where (%(area)s::text is null or v.area_code = %(area)s) and (%(period)s::text is null or v.period_code = %(period)s)
          and (%(indicator)s::text is null or v.indicator_code = %(indicator)s)
        union all
        select c.indicator_code, c.name_zh, c.area_code, c.period_code, c.basis, c.value, c.unit
        from bi.published_comparison as c
        where c.basis <> 'value'
          and (%(area)s::text is null or c.area_code = %(area)s) and (%(period)s::text is null or c.period_code = %(period)s)
          and (%(indicator)s::text is null or c.indicator_code = %(indicator)s)
    )
    select s.indicator_code as code, s.name_zh, s.area_code, s.period_code as period, s.basis, trim_scale(s.value) as value,
           s.unit, c.published, c.qualifier, trim_scale(c.low) as low, trim_scale(c.high) as high, c.verdict
    from shown as s
    left join bi.published_comparison as c
        on (c.indicator_code, c.area_code, c.period_code, c.basis) = (s.indicator_code, s.area_code, s.period_code, s.basis)
    order by s.indicator_code, s.area_code, s.period_code, s.basis desc
"""
_FORMER_COLUMNS = """
    v.indicator_code as code, i.name_zh, v.area_code, v.period_code as period, trim_scale(v.value) as value,
    trim_scale(v.ytd) as ytd, trim_scale(v.to_date) as to_date, i.unit
"""
_CHOSEN = """
    (%(area)s::text is null or v.area_code = %(area)s) and (%(period)s::text is null or v.period_code = %(period)s)
    and (%(indicator)s::text is null or v.indicator_code = %(indicator)s)
    order by v.indicator_code, v.area_code, v.period_code
"""
_VALUES_AS_OF = f"""
    select {_FORMER_COLUMNS}
    from bi.indicator_value_as_of(%(as_of)s) as v left join bi.indicator as i on i.indicator_code = v.indicator_code
    where {_CHOSEN}
"""  # noqa: S608 - the parts are texts of this module
_VALUES_OF_RELEASE = f"""
    select {_FORMER_COLUMNS}
    from bi.release_value as v left join bi.indicator as i on i.indicator_code = v.indicator_code
    where v.release_number = %(release)s and {_CHOSEN}
"""  # noqa: S608 - the parts are texts of this module
_FIRST_KNOWN = "select min(ended_at) as known_at from ops.build where ended_at is not null and snapshot is not null"
_LAST_RELEASE = "select max(release_number) as release_number from bi.release"
_ALL_VALUES = "select indicator_code, area_code, period_code, value from bi.indicator_value"
# A stock counts in a period at whose end it is active; a flow counts in the period in which it happened.
_EVIDENCE = """
    select trim_scale(e.quantity) as quantity, e.report, e.unit_code as unit, e.period_code as period,
           e.submission_id as submission, e.file_name as file, e.source_uri as uri, e.sha256, e.sheet, e.row_number as row,
           e.column_name as column, e.column_letter as letter, e.cell, e.field_name as field, e.cell_text as text, e.other_cells,
           e.loaded_at, e.pull_number as pull, e.run_name as run, e.is_overridden, {is_hidden} as is_hidden
    from {relation} as e
    where e.indicator_code = %(indicator)s
      and e.area_code = coalesce(%(area)s, e.city_code)
      and (
          %(end)s::date is null
          or (e.is_stock and e.event_date <= %(end)s and (e.end_date is null or e.end_date > %(end)s))
          or (not e.is_stock and e.event_date between %(start)s and %(end)s)
      )
    order by e.source_uri, e.sheet, e.row_number
"""
_ALL_EVIDENCE = _EVIDENCE.format(relation="indicators.indicator_evidence", is_hidden="e.is_hidden")
_SHOWN_EVIDENCE = _EVIDENCE.format(relation="bi.figure_evidence", is_hidden="false")
_HIDES_EVIDENCE = """
    select exists (
        select from indicators.indicator_evidence as e
        where e.indicator_code = %(indicator)s and e.area_code = %(area)s and e.is_hidden
    ) as is_hidden
"""


class IndicatorQueries:
    """The indicator tables of one warehouse, read only."""

    def __init__(self, url: str) -> None:
        self._url = url

    def published_comparison(self, reports: Sequence[str]) -> Rows:
        """Returns our values against print, for indicators whose source report (`CA16`) is among `reports`."""
        return self._rows(_COMPARISON, {"reports": list(reports)})

    def values(self, *, area: str | None, period: str | None, indicator: str | None = None) -> Rows:
        """Returns all values of an area, a period, an indicator, or of all that are given. A value that was printed to date has
        another row of that basis.
        """
        return self._rows(_VALUES, {"area": area, "period": period, "indicator": indicator})

    def values_as_of(self, as_of: dt.datetime, *, area: str | None, period: str | None, indicator: str | None) -> Rows:
        """Returns the values that were known at a time."""
        return self._rows(_VALUES_AS_OF, {"as_of": as_of, "area": area, "period": period, "indicator": indicator})

    def values_of_release(self, number: int, *, area: str | None, period: str | None, indicator: str | None) -> Rows:
        """Returns the values that were published when a release was made."""
        return self._rows(_VALUES_OF_RELEASE, {"release": number, "area": area, "period": period, "indicator": indicator})

    def first_known_at(self) -> dt.datetime | None:
        """Returns when the first build of which values are kept ended; None before it."""
        known_at: dt.datetime | None = self._rows(_FIRST_KNOWN, {})[0]["known_at"]
        return known_at

    def last_release(self) -> int:
        """Returns the number of the newest release; 0 before the first."""
        return int(self._rows(_LAST_RELEASE, {})[0]["release_number"] or 0)

    def all_values(self) -> list[tuple[str, str, str, Decimal | None]]:
        """Returns every (indicator, area, period, value)."""
        return [
            (row["indicator_code"], row["area_code"], row["period_code"], row["value"]) for row in self._rows(_ALL_VALUES, {})
        ]

    def evidence(self, indicator: str, *, area: str | None, period_bounds: Period | None, as_reader: bool = False) -> Rows:
        """Returns the evidence rows of an indicator in an area (by default the city), in a period or to date, each with its cell.

        `as_reader`: only those that BI shows.
        """
        bounds = {"start": period_bounds.start if period_bounds else None, "end": period_bounds.end if period_bounds else None}
        query = _SHOWN_EVIDENCE if as_reader else _ALL_EVIDENCE
        return self._rows(query, {"indicator": indicator, "area": area, **bounds})

    def hides_evidence(self, indicator: str, area: str) -> bool:
        """Returns whether BI leaves out evidence of an indicator in an area, because its small counts are suppressed."""
        return bool(self._rows(_HIDES_EVIDENCE, {"indicator": indicator, "area": area})[0]["is_hidden"])

    def examples(self, query: str, most: int) -> Rows:
        """Returns the first rows that the query of a failed test finds; none when it cannot be run any more."""
        try:
            with connect(self._url) as connection:
                connection.execute("set transaction read only")
                connection.execute("set local statement_timeout = '30s'")
                return fetch_all(connection, sql.SQL("select * from ({}) as found limit {}").format(sql.SQL(query), most))
        except psycopg.Error:
            return []

    def _rows(self, query: str, parameters: dict[str, Any]) -> Rows:
        with connect(self._url) as connection:
            return fetch_all(connection, query, parameters)
