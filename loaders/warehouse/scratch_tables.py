"""Scratch tables: rows that somebody wants to look at with tools of their own, outside of the warehouse's schemas."""

from __future__ import annotations

import pyarrow as pa
from psycopg import sql

from loaders.period import local_today
from loaders.warehouse.connection import WarehouseError, connect
from loaders.warehouse.copy import copy_arrow
from loaders.warehouse.schema.raw_tables import postgres_type

SCRATCH_COMMENT = "Scratch table, written by huimin on"
"""By this comment and the day behind it, retention knows the tables that it may drop."""
_OWN_SCHEMAS = frozenset({"raw", "ops", "quarantine", "reference", "staging", "core", "evidence", "indicators", "bi"})


def write_scratch_table(url: str, name: str, rows: pa.Table) -> None:
    """Create a table (`scratch.donation`, or in the first schema of the search path) and fill it, in one transaction.

    Raises:
        WarehouseError: the name is in a schema of the warehouse, or there is such a table.
    """
    *schema, table = name.split(".")
    if len(schema) > 1 or _OWN_SCHEMAS.intersection(schema):
        raise WarehouseError(f"{name}: expected TABLE or SCHEMA.TABLE in a schema that is not the warehouse's own")
    target = sql.Identifier(*schema, table)
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(postgres_type(field.type))) for field in rows.schema
    )
    with connect(url) as connection:
        if connection.execute("select to_regclass(%s) is not null as known", [name]).fetchone() == {"known": True}:
            raise WarehouseError(f"{name} exists already: drop it, or name another table")
        connection.execute(sql.SQL("create table {} ({})").format(target, fields))
        comment = f"{SCRATCH_COMMENT} {local_today()}"
        connection.execute(sql.SQL("comment on table {} is {}").format(target, sql.Literal(comment)))
        copy_arrow(connection, target, rows)
