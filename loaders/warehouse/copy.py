"""Binary COPY of Arrow tables into PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

from loaders.warehouse.connection import Connection

_ROWS_PER_CHUNK = 16_384


def copy_arrow(connection: Connection, target: sql.Identifier, table: pa.Table) -> None:
    """Appends the rows of `table`, whose columns have the names and types of those of `target` (which may have more)."""
    names = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(target, names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in _encoded(table):
            copy.write(chunk)


def _encoded(table: pa.Table) -> Iterator[bytes]:
    encoder = ArrowToPostgresBinaryEncoder(table.schema)
    yield encoder.write_header()
    for batch in table.to_batches(max_chunksize=_ROWS_PER_CHUNK):
        yield encoder.write_batch(batch)
    yield encoder.finish()


def constant(value: object, kind: pa.DataType, length: int) -> pa.Array:
    """Returns an array with the same value in every row; nulls for None."""
    return pa.nulls(length, kind) if value is None else pa.repeat(pa.scalar(value, kind), length)
