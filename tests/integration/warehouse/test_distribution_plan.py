"""The plan of docs/scale.md for a warehouse over several servers, proven on hash partitions: what stays within one, what moves.

Citus is in none of the package registries that this project uses. Its planner pushes a query down where PostgreSQL's own works
partition by partition: joins and groups that have the distribution column. So the same tables are partitioned by hash here, one
partition for each server, and the plans are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.integration.conftest import fresh_database

pytestmark = [pytest.mark.integration, pytest.mark.slow]
SERVERS = 4
# The columns of raw rows, evidence and values that decide where a row goes and what is asked of it.
TABLES = """
    create schema sharded;
    create table sharded.area (area_code text primary key, county_code text not null);
    create table sharded.raw_row (
        unit_county text not null, _submission_id bigint not null, _row integer not null, visit_code text not null,
        visit_persons integer not null, primary key (unit_county, visit_code)
    ) partition by hash (unit_county);
    create table sharded.evidence (
        unit_county text not null, indicator_code text not null, area_code text not null, event_date date not null,
        quantity numeric not null, subject_key text, submission_id bigint not null, row_number integer not null
    ) partition by hash (unit_county);
    create table sharded.value (
        county_code text not null, indicator_code text not null, area_code text not null, period_code text not null,
        value numeric not null, primary key (county_code, indicator_code, area_code, period_code)
    ) partition by hash (county_code);
"""
ROWS = """
    insert into sharded.area
    select format('%s%s', 441300 + county, lpad(town::text, 3, '0')), (441300 + county)::text
    from generate_series(1, 40) as county cross join generate_series(1, 20) as town;
    insert into sharded.raw_row
    select (441301 + n % 40)::text, n / 50, n, 'V' || n, 1 + n % 3 from generate_series(1, 80000) as n;
    insert into sharded.evidence
    select unit_county, 'SW-HV-01', unit_county || lpad((1 + _row % 20)::text, 3, '0'), date '2023-01-01' + _row % 365,
        visit_persons, 'P' || _row % 30000, _submission_id, _row
    from sharded.raw_row;
    insert into sharded.value
    select left(area_code, 6), indicator_code, area_code, to_char(event_date, 'YYYY-MM'), sum(quantity)
    from sharded.evidence group by 1, 2, 3, 4;
    analyze;
"""


@pytest.fixture(scope="module")
def connection(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres.url(fresh_database(postgres)), autocommit=True) as opened:
        opened.execute(TABLES)
        for table in ("raw_row", "evidence", "value"):
            for number in range(SERVERS):
                opened.execute(
                    f"create table sharded.{table}_{number} partition of sharded.{table} "
                    f"for values with (modulus {SERVERS}, remainder {number})"
                )
        opened.execute(ROWS)
        opened.execute("set enable_partitionwise_join = on; set enable_partitionwise_aggregate = on")
        # Over a network, what moves costs more than what is counted.
        opened.execute("set max_parallel_workers_per_gather = 0; set jit = off")
        yield opened


def plan(connection: psycopg.Connection[Any], query: str) -> dict[str, Any]:
    (text,) = connection.execute(f"explain (analyze, timing off, format json) {query}").fetchone() or ("[]",)
    found: dict[str, Any] = (json.loads(text) if isinstance(text, str) else text)[0]["Plan"]
    return found


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def gathering(root: dict[str, Any]) -> dict[str, Any]:
    """The node at which what the servers found comes together."""
    return next(node for node in nodes(root) if node["Node Type"] in {"Append", "Merge Append"})


def rows_moved(root: dict[str, Any]) -> int:
    """How many rows would leave the servers."""
    return sum(int(below["Actual Rows"] * below.get("Actual Loops", 1)) for below in gathering(root)["Plans"])


def kinds_above(root: dict[str, Any]) -> set[str]:
    """What is left to do where the parts come together."""
    inside = {id(node) for node in nodes(gathering(root))}
    return {node["Node Type"] for node in nodes(root) if id(node) not in inside}


def test_evidence_is_joined_to_its_rows_on_the_server_that_has_both(connection: psycopg.Connection[Any]) -> None:
    found = plan(
        connection,
        "select e.area_code, r.visit_code from sharded.evidence as e inner join sharded.raw_row as r "
        "on (r.unit_county, r._submission_id, r._row) = (e.unit_county, e.submission_id, e.row_number)",
    )
    assert not {kind for kind in kinds_above(found) if "Join" in kind or "Loop" in kind}
    assert len([node for node in nodes(found) if "Join" in node["Node Type"] or "Loop" in node["Node Type"]]) == SERVERS


def test_without_the_distribution_column_a_join_moves_both_tables(connection: psycopg.Connection[Any]) -> None:
    found = plan(
        connection,
        "select e.area_code, r.visit_code from sharded.evidence as e inner join sharded.raw_row as r "
        "on (r._submission_id, r._row) = (e.submission_id, e.row_number)",
    )
    assert {kind for kind in kinds_above(found) if "Join" in kind}


def test_sums_are_made_where_the_rows_are_and_only_sums_move(connection: psycopg.Connection[Any]) -> None:
    found = plan(
        connection, "select area_code, date_trunc('month', event_date), sum(quantity) from sharded.evidence group by 1, 2"
    )
    # 800 towns in 12 months; not 80,000 rows.
    assert rows_moved(found) <= 12 * 800
    total = plan(connection, "select date_trunc('month', event_date), sum(quantity) from sharded.evidence group by 1")
    assert rows_moved(total) <= 12 * SERVERS


def test_persons_are_made_distinct_on_each_server_before_they_move(connection: psycopg.Connection[Any]) -> None:
    moved = rows_moved(plan(connection, "select count(distinct subject_key) from sharded.evidence"))
    assert moved == 80_000, "as written for one server, every row of evidence moves"
    first_distinct = plan(
        connection,
        "select count(distinct subject_key) from (select unit_county, subject_key from sharded.evidence "
        "group by unit_county, subject_key) as persons",
    )
    assert rows_moved(first_distinct) < 80_000
    counts = [
        connection.execute(query).fetchone()
        for query in (
            "select count(distinct subject_key) from sharded.evidence",
            "select count(distinct subject_key) from (select distinct unit_county, subject_key from sharded.evidence) as persons",
        )
    ]
    assert counts[0] == counts[1]


def test_a_document_is_loaded_on_one_server(connection: psycopg.Connection[Any]) -> None:
    found = plan(
        connection,
        "select visit_code from sharded.raw_row where unit_county = '441302' and visit_code = any(array['V1', 'V41', 'V81'])",
    )
    tables = {node["Relation Name"] for node in nodes(found) if "Relation Name" in node}
    assert len(tables) == 1


def test_the_values_of_a_county_are_read_on_one_server(connection: psycopg.Connection[Any]) -> None:
    found = plan(connection, "select * from sharded.value where county_code = '441302' and period_code = '2023-05'")
    assert len({node["Relation Name"] for node in nodes(found) if "Relation Name" in node}) == 1


@pytest.mark.parametrize("table", ["raw_row", "evidence", "value"])
def test_a_key_without_the_distribution_column_cannot_be_had(connection: psycopg.Connection[Any], table: str) -> None:
    column = {"raw_row": "visit_code", "evidence": "submission_id, row_number", "value": "indicator_code, area_code, period_code"}
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="must include all partitioning columns"):
        connection.execute(f"create unique index on sharded.{table} ({column[table]})")
