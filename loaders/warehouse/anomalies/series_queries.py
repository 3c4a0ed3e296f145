"""The numbers that anomalies are looked for in: values by month of indicators, and counts of the columns of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from loaders.contract import Column, ColumnType, Report
from loaders.warehouse.connection import Connection, fetch_all

Rows = list[dict[str, Any]]

# Flows only: a stock moves by what is added and removed, which are flows of their own, and a ratio by its parts.
_VALUES = """
    select m.source_report, v.indicator_code, m.name_zh, v.area_code, a.area_level, v.period_code as period,
        v.value::float8 as value, m.scale::float8 as scale
    from indicators.indicator_area_period as v
    inner join indicators.measure as m on m.measure_code = v.indicator_code
    inner join core.dim_area as a on a.area_code = v.area_code
    inner join core.dim_period as p on p.period_code = v.period_code
    where p.period_kind = 'month' and a.area_level in ('city', 'county', 'zone')
      and m.is_indicator and not m.is_stock and not m.is_ratio and m.source_report = any(%(codes)s)
    order by m.source_report, v.indicator_code, v.area_code, v.period_code
"""
_REPORTED = """
    select distinct report, unit_code, period from ops.submission
    where report = any(%(reports)s) and state in ('accepted', 'accepted_with_rejects') and period is not null
"""
_CHANGED = """
    select distinct s.report from ops.submission as s
    where s.report = any(%(reports)s)
      and (s.loaded_at > (select max(looked_at) from ops.anomaly_look) or not exists (select from ops.anomaly_look))
"""
# What was loaded since the newest build began is not in its values, and is checked after the next one.
_LOOK = """
    insert into ops.anomaly_look (looked_at)
    select max(started_at) from ops.build where ended_at is not null having max(started_at) is not null
"""
_HAS_VALUES = "select to_regclass('indicators.indicator_area_period') is not null as has_values"
_WHOLE_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})


def changed_reports(connection: Connection, reports: Sequence[str]) -> list[str]:
    """Returns those reports of which something was loaded since anomalies were last looked for."""
    return sorted(row["report"] for row in fetch_all(connection, _CHANGED, {"reports": list(reports)}))


def record_look(connection: Connection) -> None:
    """Records that anomalies were looked for in all that is loaded now."""
    connection.execute(_LOOK)


def month_values(connection: Connection, codes: Sequence[str]) -> Rows:
    """Returns the values by month of the indicators of some reports (`SW04`), for the city, counties and zones.

    Each comes with its `scale`: the base units in one unit of the values, 10,000 for 万元. None before the first build.
    """
    if not fetch_all(connection, _HAS_VALUES)[0]["has_values"]:
        return []
    return fetch_all(connection, _VALUES, {"codes": list(codes)})


def reported_periods(connection: Connection, reports: Sequence[str]) -> set[tuple[str, str, str]]:
    """Returns report, unit and period of each document that counts."""
    rows = fetch_all(connection, _REPORTED, {"reports": list(reports)})
    return {(row["report"], row["unit_code"], row["period"]) for row in rows}


def column_counts(connection: Connection, report: Report) -> Rows:
    """Returns, per unit, period and column: rows, filled, numbers (whole ones above 9) and rounded (those that end in 0 or 5).

    Of columns that are not personal, in the documents that count.
    """
    columns = [column for column in report.columns if not column.is_personal]
    if not columns:
        return []
    parts = [_counts_of(column) for column in columns]
    query = sql.SQL("""
        select s.unit_code, s.period, counts.*
        from (
            select r._submission_id as submission_id, count(*) as rows_count, {aggregates} from raw.{table} as r
            where r._superseded_at is null group by r._submission_id
        ) as one
        inner join ops.submission as s on s.submission_id = one.submission_id
        cross join lateral (values {rows}) as counts (column_name, rows, filled, numbers, rounded)
        where s.period is not null
        order by s.unit_code, counts.column_name, s.period_end
    """).format(
        aggregates=sql.SQL(", ").join(aggregate for aggregate, _ in parts),
        table=sql.Identifier(report.report),
        rows=sql.SQL(", ").join(row for _, row in parts),
    )
    return fetch_all(connection, query)


def _counts_of(column: Column) -> tuple[sql.Composed, sql.Composed]:
    """The aggregates of a column over a document, and the row that gives them with the column's name."""
    name = column.name
    cell = sql.SQL("r.{}").format(sql.Identifier(name))
    aliases = [sql.Identifier(f"{name}:{what}") for what in ("filled", "numbers", "rounded")]
    is_number = sql.SQL("{0} > 9 and {0} = trunc({0})").format(cell) if column.type in _WHOLE_NUMBERS else sql.SQL("false")
    is_round = sql.SQL("{0} and mod({1}, 5) = 0").format(is_number, cell) if column.type in _WHOLE_NUMBERS else is_number
    aggregates = sql.SQL(
        "count({cell}) as {filled}, count(*) filter (where {number}) as {numbers}, "
        "count(*) filter (where {rounded_number}) as {rounded}"
    ).format(cell=cell, filled=aliases[0], numbers=aliases[1], rounded=aliases[2], number=is_number, rounded_number=is_round)
    row = sql.SQL("({}, one.rows_count, {}, {}, {})").format(
        sql.Literal(name), *(sql.SQL("one.{}").format(alias) for alias in aliases)
    )
    return aggregates, row
