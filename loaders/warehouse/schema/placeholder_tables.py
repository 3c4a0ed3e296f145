"""Placeholders for raw tables of reports whose contracts cannot be read: empty, so that the models over them can be built.

The table that the contract describes replaces its placeholder as soon as the contract is valid.
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_one

PLACEHOLDER_COMMENT = "huimin: stand-in, empty until the contract of the report can be read"


def is_placeholder(connection: Connection, report: str) -> bool:
    """Returns whether the raw table of a report is a placeholder."""
    query = "select from pg_class where oid = to_regclass(%s) and obj_description(oid, 'pg_class') = %s"
    return fetch_one(connection, query, [f'raw."{report}"', PLACEHOLDER_COMMENT]) is not None


def create_if_absent(connection: Connection, report: str, columns: Mapping[str, str]) -> bool:
    """Creates a placeholder with these columns and types unless the table exists. Returns whether it was created."""
    if fetch_one(connection, "select where to_regclass(%s) is not null", [f'raw."{report}"']) is not None:
        return False
    table = sql.Identifier("raw", report)
    # Types come from `postgres_type` and the lineage, never from a document.
    described = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()]
    connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(described)))
    make_placeholder(connection, report)
    return True


def make_placeholder(connection: Connection, report: str) -> None:
    """Marks an empty raw table as a placeholder."""
    table = sql.Identifier("raw", report)
    connection.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(PLACEHOLDER_COMMENT)))


def drop_if_present(connection: Connection, report: str) -> None:
    """Drops the placeholder of a report, if there is one. dbt's views over it are dropped too; the next build makes them."""
    if is_placeholder(connection, report):
        connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier("raw", report)))
