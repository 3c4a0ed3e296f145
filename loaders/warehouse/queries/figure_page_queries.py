"""Reads what the pages show of figures: from `bi` alone, so that a small count that BI hides is hidden here too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_all

Rows = list[dict[str, Any]]
Basis = Literal["value", "ytd", "to_date"]

_INDICATORS = """
    select indicator_code, name_zh, name_en, domain, unit, aggregation, stock_or_flow, numerator_code, denominator_code,
        source_report
    from bi.indicator order by indicator_code
"""
_AREAS = """
    select area_code, area_name, short_name, area_level, parent_code, zone_code
    from bi.area where has_values order by area_code
"""
_PERIODS = """
    select p.period_code, p.period_kind from bi.period as p
    where p.period_code in (
        select v.period_code from bi.indicator_value as v
        where v.indicator_code = %(indicator)s and v.area_code = %(area)s
    )
    order by p.period_kind, p.start_date
"""
_SERIES = """
    select v.area_code, v.period_code, trim_scale(v.{basis}) as value
    from bi.indicator_value as v
    where v.indicator_code = %(indicator)s and v.area_code = any(%(areas)s) and v.period_kind = %(kind)s
    order by v.period_code
"""
_AT_PERIOD = """
    select v.area_code, trim_scale(v.{basis}) as value
    from bi.indicator_value as v
    where v.indicator_code = %(indicator)s and v.period_code = %(period)s and v.area_level = %(level)s
"""
_PRINTS = """
    select c.period_code, c.basis, c.published, c.qualifier, trim_scale(c.low) as low, trim_scale(c.high) as high, c.verdict,
        c.document, c.as_of_date, c.note
    from bi.published_comparison as c
    where c.indicator_code = %(indicator)s and c.area_code = %(area)s
    order by c.period_code
"""
_TARGETS = """
    select s.period_code, trim_scale(s.target) as target, trim_scale(s.expected) as expected,
        trim_scale(round(s.progress_pct, 1)) as progress_pct, s.is_reached, s.sibling_rank, s.siblings_count,
        abs(100 * s.ytd / nullif(s.target, 0) - s.progress_pct) < 0.001 as is_of_year,
        abs(100 * s.to_date / nullif(s.target, 0) - s.progress_pct) < 0.001 as is_to_date
    from bi.programme_scoreboard as s
    where s.indicator_code = %(indicator)s and s.area_code = %(area)s
    order by s.period_code
"""
_RESTATEMENTS = """
    select r.period_code, r.release_number, trim_scale(r.published_value) as published_value,
        trim_scale(r.current_value) as current_value, r.causes, r.note
    from bi.restatement as r
    where r.indicator_code = %(indicator)s and r.area_code = %(area)s
    order by r.period_code
"""
_IS_BUILT = "select to_regclass('bi.indicator_value') is not null as is_built"


def is_built(connection: Connection) -> bool:
    """Returns whether the indicators were ever built."""
    return bool(fetch_all(connection, _IS_BUILT)[0]["is_built"])


def indicators(connection: Connection) -> Rows:
    """Returns one row per indicator of the dictionary."""
    return fetch_all(connection, _INDICATORS)


def areas_with_values(connection: Connection) -> Rows:
    """Returns one row per area that has figures."""
    return fetch_all(connection, _AREAS)


def periods_of(connection: Connection, indicator: str, area: str) -> Rows:
    """Returns the periods of which an area has values of an indicator, by kind and date."""
    return fetch_all(connection, _PERIODS, {"indicator": indicator, "area": area})


def series_of(connection: Connection, indicator: str, areas: Sequence[str], kind: str, basis: Basis) -> Rows:
    """Returns the values of some areas in all periods of a kind."""
    query = sql.SQL(_SERIES).format(basis=sql.Identifier(basis))
    return fetch_all(connection, query, {"indicator": indicator, "areas": list(areas), "kind": kind})


def values_at(connection: Connection, indicator: str, period: str, level: str, basis: Basis) -> Rows:
    """Returns the values of all areas of a level in a period."""
    query = sql.SQL(_AT_PERIOD).format(basis=sql.Identifier(basis))
    return fetch_all(connection, query, {"indicator": indicator, "period": period, "level": level})


def prints_of(connection: Connection, indicator: str, area: str) -> Rows:
    """Returns the printed figures of an indicator and area, each with its qualifier, range and verdict."""
    return fetch_all(connection, _PRINTS, {"indicator": indicator, "area": area})


def targets_of(connection: Connection, indicator: str, area: str) -> Rows:
    """Returns the months of the scoreboard: target, what was expected by then, progress and rank.

    `is_of_year` and `is_to_date` say which of the two numbers the progress is of; in January of the first year it is both.
    """
    return fetch_all(connection, _TARGETS, {"indicator": indicator, "area": area})


def restatements_of(connection: Connection, indicator: str, area: str) -> Rows:
    """Returns the periods whose value differs from its last release."""
    return fetch_all(connection, _RESTATEMENTS, {"indicator": indicator, "area": area})
