"""Which rows of bi a county may read, found without PostgreSQL's views: by the list of divisions and the columns of a table."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

import psycopg

from loaders.settings import PROJECT_ROOT

EVERYONE = frozenset({"area", "area_history", "indicator", "period", "release"})
"""Tables that concern no area."""
CITY = frozenset({"charity_brands"})
"""Tables of the city alone."""
_COLUMNS = """
    select table_name, array_agg(column_name::text order by ordinal_position)
    from information_schema.columns where table_schema = 'bi' group by table_name
"""


def own_areas(county: str) -> frozenset[str]:
    """The county and all that is below it, by the list of divisions."""
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv").open(encoding="utf-8") as file:
        parents = {row["code"]: row["parent_code"] for row in csv.DictReader(file)}
    found = {county}
    while more := {code for code, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def differing_tables(admin_url: str, county_url: str, county: str) -> tuple[dict[str, str], frozenset[str]]:
    """Compares every table of bi, area by area, with what the county finds under its name.

    Returns:
        By table, what differs; and the tables of which the county sees some rows and not all.
    """
    wrong, divided, own = {}, set(), own_areas(county)
    with psycopg.connect(admin_url) as admin, psycopg.connect(county_url, autocommit=True) as reader:
        for table, columns in admin.execute(_COLUMNS).fetchall():
            query = f"select {_area_of(table, columns)} as code, count(*) from {{}}.{table} group by 1"
            everything = Counter(dict(admin.execute(query.format("bi").encode()).fetchall()))
            found = Counter(dict(reader.execute(query.format("bi_county").encode()).fetchall()))
            expected = Counter({code: count for code, count in everything.items() if _is_seen(table, code, own)})
            if found != expected:
                wrong[table] = f"{found.total()} rows found, {expected.total()} expected of {everything.total()}"
            if 0 < expected.total() < everything.total():
                divided.add(table)
    return wrong, frozenset(divided)


def _area_of(table: str, columns: Sequence[str]) -> str:
    """Of an anomaly the area comes first; one of a column has its unit alone."""
    names = [name for name in ("area_code", "town_code", "unit_code") if name in columns]
    return f"coalesce({', '.join(names)})" if table == "anomaly" else next(iter(names), "null::text")


def _is_seen(table: str, code: str | None, own: frozenset[str]) -> bool:
    return table in EVERYONE or (table not in CITY and code in own)
