"""The dictionary that a release is read by: indicators, areas and periods, with their names in both languages."""

from __future__ import annotations

import pyarrow as pa

from loaders.warehouse.connection import connect, fetch_all

_QUERIES = {
    "indicators": """
        select indicator_code, name_zh, name_en, domain, unit, aggregation, stock_or_flow, numerator_code, denominator_code,
               source_report, owner_name
        from bi.indicator order by indicator_code
    """,
    "areas": "select area_code, area_name, area_level, parent_code from bi.area where has_values order by area_code",
    "periods": """
        select period_code, period_kind, start_date::text as start_date, end_date::text as end_date
        from bi.period order by period_code
    """,
}


def dictionary(url: str) -> dict[str, pa.Table]:
    """Returns the tables `indicators`, `areas` and `periods`, all columns as text, read as the transformer role."""
    with connect(url) as connection:
        return {name: _as_text(fetch_all(connection, query)) for name, query in _QUERIES.items()}


def _as_text(rows: list[dict[str, object]]) -> pa.Table:
    names = list(rows[0]) if rows else []
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
