"""The keys of incoming rows, staged in a temporary table, to find and close the current rows with the same keys."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa
from psycopg import sql

from loaders.contract import Report
from loaders.raw_schema import raw_schema
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.copy import constant, copy_arrow
from loaders.warehouse.schema.key_index import key_columns, scope_columns, table_of
from loaders.warehouse.schema.raw_tables import LINEAGE, postgres_type
from loaders.warehouse.submission import Submission

_STAGE = sql.Identifier("incoming_key")
_HOLDERS = """
    with numbered as (
        select k.*, row_number() over (partition by {keys} order by k.position) > 1 as is_repeated from incoming_key as k
    )
    select k.position, case when not k.is_repeated then r._submission_id end as holder
    from numbered as k
    left join {table} as r on {match} and r._superseded_at is null
    where k.is_repeated or r._submission_id is not null
"""
_CLOSE = """
    update {table} as r set _superseded_at = now(), _superseded_by = %s
    from incoming_key as k
    where {match} and r._superseded_at is null and r._submission_id = any(%s)
"""
# A row that moves to quarantine is closed by its own document: it is counted there from now on, not as a loaded row.
_CLOSE_AND_RETURN = """
    update {table} as r set _superseded_at = now(), _superseded_by = r._submission_id
    from incoming_key as k
    where {match} and r._superseded_at is null and r._submission_id = any(%s)
    returning r.*
"""


class IncomingKeys:
    """The keys of the rows of one chunk of a submission, with their scope; a position is a row's index in it."""

    def __init__(self, connection: Connection, report: Report, submission: Submission, rows: pa.Table) -> None:
        self._connection = connection
        self._report = report
        self._keys = key_columns(report)
        self._scope = _scope_values(report, submission)
        self._stage(rows)

    def holders(self) -> dict[int, int | None]:
        """Returns, for each position with a conflict, the submission whose current row has its key; None when an earlier row of
        the chunk has it.
        """
        rows = fetch_all(self._connection, self._compose(_HOLDERS))
        return {row["position"]: row["holder"] for row in rows}

    def close(self, losers: Collection[int], by: int) -> None:
        """Closes the current rows of some submissions that have these keys."""
        self._connection.execute(self._compose(_CLOSE), [by, list(losers)])

    def close_and_return(self, losers: Collection[int]) -> list[dict[str, Any]]:
        """Closes the current rows of some submissions that have these keys, and returns them."""
        return self._connection.execute(self._compose(_CLOSE_AND_RETURN), [list(losers)]).fetchall() if losers else []

    def _stage(self, rows: pa.Table) -> None:
        schema = raw_schema(self._report)
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(postgres_type(schema.field(name).type))) for name in self._keys
        ]
        # Nullability and defaults of the lineage are of no use here.
        columns += [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(LINEAGE[name].split()[0])) for name in self._scope]
        self._connection.execute("drop table if exists pg_temp.incoming_key")
        create = sql.SQL("create temporary table incoming_key (position integer, {}) on commit drop")
        self._connection.execute(create.format(sql.SQL(", ").join(columns)))
        positions = pa.array(range(rows.num_rows), pa.int32())
        staged = rows.select(self._keys).add_column(0, "position", positions)
        for name, value in self._scope.items():
            staged = staged.append_column(name, constant(value, pa.scalar(value).type, rows.num_rows))
        copy_arrow(self._connection, _STAGE, staged)
        self._connection.execute("analyze incoming_key")

    def _compose(self, statement: str) -> sql.Composed:
        return sql.SQL(statement).format(
            table=table_of(self._report),
            match=key_match(self._report, "k", "r"),
            keys=sql.SQL(", ").join(sql.Identifier("k", name) for name in (*self._keys, *self._scope)),
        )


def key_match(report: Report, one: str, other: str) -> sql.Composed:
    """Returns the condition that two rows have the same key, in the same scope."""
    parts = []
    for source, name in zip(report.key, key_columns(report), strict=True):
        # `=` can use the index; a key column that may be empty needs the slower comparison.
        comparison = "{} = {}" if report.column(source).required else "{} is not distinct from {}"
        parts.append(sql.SQL(comparison).format(sql.Identifier(one, name), sql.Identifier(other, name)))
    parts += [sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in scope_columns(report)]
    return sql.SQL(" and ").join(parts)


def _scope_values(report: Report, submission: Submission) -> dict[str, str | int]:
    """Returns the lineage of a submission's rows that belongs to their keys."""
    lineage: dict[str, str | int] = {"_unit_code": submission.unit_code, "_submission_id": submission.submission_id}
    return {name: lineage[name] for name in scope_columns(report)}
