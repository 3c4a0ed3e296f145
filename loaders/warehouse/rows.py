"""The accepted rows of one submission on their way into the raw table, with their lineage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from loaders.contract import Column, Replaces, Report
from loaders.raw_schema import masked_name, raw_schema
from loaders.table import ROW, SHEET, Issue, Severity
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.copy import constant, copy_arrow
from loaders.warehouse.raw_tables import key_columns, postgres_type, table_of
from loaders.warehouse.submission import Submission
from loaders.warehouse.supersede import mark_if_silent

_TIME = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An accepted row that may not enter, because a current row of another document holds its key."""

    sheet: str
    row: int
    record: str
    issue: Issue


class RowWriter:
    """Appends slices of one submission to its raw table.

    `closed_by` is the submission that speaks instead: then all rows arrive closed.
    """

    def __init__(self, connection: Connection, report: Report, submission: Submission, closed_by: int | None) -> None:
        self._connection = connection
        self._report = report
        self._submission = submission
        self._closed_by = closed_by
        self._keys = key_columns(report)
        self._schema = raw_schema(report).append(pa.field(SHEET, pa.string())).append(pa.field(ROW, pa.int32()))
        self._silenced: set[int] = set()
        self.rows_written = 0

    def write(self, accepted: pa.Table) -> list[HeldRow]:
        """Append accepted rows.

        Returns:
            Those that were not appended, because a current row of another scope holds their key.
        """
        rows = accepted.select(self._schema.names).cast(self._schema)
        held: list[HeldRow] = []
        if rows.num_rows == 0:
            return held
        if self._report.replaces is Replaces.KEY:
            self._append(rows, self._silence_by_key(rows))
        else:
            rows, held = self._append_or_hold(rows)
        self.rows_written += rows.num_rows
        return held

    def finish(self) -> None:
        """Mark the submissions that this one silenced row by row."""
        if self._silenced:
            ids = [*self._silenced, self._submission.submission_id]
            mark_if_silent(self._connection, self._report, ids, self._submission.submission_id)

    def _append_or_hold(self, rows: pa.Table) -> tuple[pa.Table, list[HeldRow]]:
        """Append all rows at once; only when a key is held already, look which."""
        try:
            with self._connection.transaction():
                self._append(rows, None)
        except psycopg.errors.UniqueViolation:
            holders = self._holders(rows)
            kept = rows.take([place for place in range(rows.num_rows) if place not in holders])
            self._append(kept, None)
            return kept, [self._held(rows, place, holder) for place, holder in sorted(holders.items())]
        return rows, []

    def _append(self, rows: pa.Table, closed_by: pa.Array | None) -> None:
        submission, length = self._submission, rows.num_rows
        period = submission.period
        lineage: dict[str, pa.Array] = {
            "_submission_id": constant(submission.submission_id, pa.int64(), length),
            "_unit_code": constant(submission.unit_code, pa.string(), length),
        }
        if period is not None:
            lineage["_period_start"] = constant(period.start, pa.date32(), length)
            lineage["_period_end"] = constant(period.end, pa.date32(), length)
        if closed_by is None and self._closed_by is not None:
            closed_by = constant(self._closed_by, pa.int64(), length)
        if closed_by is not None:
            row = fetch_one(self._connection, "select now() as now")
            now = pa.scalar(row["now"] if row else None, _TIME)
            lineage["_superseded_at"] = pc.if_else(pc.is_valid(closed_by), now, pa.scalar(None, _TIME))
            lineage["_superseded_by"] = closed_by
        for name, values in lineage.items():
            rows = rows.append_column(name, values)
        copy_arrow(self._connection, table_of(self._report), rows)

    def _holders(self, rows: pa.Table) -> dict[int, dict[str, Any]]:
        """For each place in `rows` whose key a current row holds: that row's submission."""
        self._stage_keys(rows)
        query = """
            select k.place, s.*
            from incoming_key as k
            inner join {table} as r on {match} and r._superseded_at is null
            inner join ops.submission as s on s.submission_id = r._submission_id
        """
        statement = sql.SQL(query).format(table=table_of(self._report), match=self._match())
        return {row["place"]: row for row in fetch_all(self._connection, statement)}  # type: ignore[arg-type]

    def _silence_by_key(self, rows: pa.Table) -> pa.Array | None:
        """Close the current rows that these replace.

        Returns:
            For each row the submission that already speaks for its key, else null; None when no key is held.
        """
        holders = self._holders(rows)
        if not holders:
            return None
        mine = self._submission.precedence
        owners = {row["submission_id"]: Submission.from_row(row) for row in holders.values()}
        losers = [number for number, owner in owners.items() if owner.precedence < mine]
        statement = """
            update {table} as r set _superseded_at = now(), _superseded_by = %s
            from incoming_key as k
            where {match} and r._superseded_at is null and r._submission_id = any(%s)
        """
        statement_sql = sql.SQL(statement).format(table=table_of(self._report), match=self._match())
        self._connection.execute(statement_sql, [self._submission.submission_id, losers])
        self._silenced.update(owners)
        winners = {place: row["submission_id"] for place, row in holders.items() if row["submission_id"] not in losers}
        return pa.array([winners.get(place) for place in range(rows.num_rows)], pa.int64())

    def _stage_keys(self, rows: pa.Table) -> None:
        columns = [sql.SQL("place integer")]
        for name in self._keys:
            kind = sql.SQL(postgres_type(self._schema.field(name).type))  # type: ignore[arg-type]
            columns.append(sql.SQL("{} {}").format(sql.Identifier(name), kind))  # type: ignore[arg-type]
        self._connection.execute("drop table if exists pg_temp.incoming_key")
        create = sql.SQL("create temporary table incoming_key ({}) on commit drop").format(sql.SQL(", ").join(columns))
        self._connection.execute(create)
        places = pa.array(range(rows.num_rows), pa.int32())
        copy_arrow(self._connection, sql.Identifier("incoming_key"), rows.select(self._keys).add_column(0, "place", places))
        self._connection.execute("analyze incoming_key")

    def _match(self) -> sql.Composed:
        # `=` can use the index; a key column that may be empty needs the slower comparison.
        required = {name for name in self._report.key if self._report.column(name).required}
        parts = []
        for source, name in zip(self._report.key, self._keys, strict=True):
            comparison = "k.{0} = r.{0}" if source in required else "k.{0} is not distinct from r.{0}"
            parts.append(sql.SQL(comparison).format(sql.Identifier(name)))
        return sql.SQL(" and ").join(parts)

    def _held(self, rows: pa.Table, place: int, holder: dict[str, Any]) -> HeldRow:
        values = rows.slice(place, 1).to_pylist()[0]
        key = "、".join(_text(values[masked_name(column) if column.is_personal else column.name]) for column in self._key())
        name = holder["source_uri"].rsplit("/", 1)[-1]
        headers = "、".join(column.header for column in self._key())
        issue = Issue(
            rule="key_held_elsewhere",
            severity=Severity.ERROR,
            sheet=values[SHEET],
            row=values[ROW],
            column=self._report.key[0],
            found=key,
            expected=name,
            message_zh=f"“{headers}”为“{key}”的记录已在“{name}”中报送，同一记录只能报送一次。请核对后删除其中一条。",
            message_en=f'the row with {", ".join(self._report.key)} "{key}" was already sent in "{name}"; keep it in one of the two',
        )
        return HeldRow(values[SHEET], values[ROW], _record(self._report.columns, values), issue)

    def _key(self) -> list[Column]:
        return [self._report.column(name) for name in self._report.key]


def _record(columns: Sequence[Column], values: dict[str, Any]) -> str:
    texts = {}
    for column in columns:
        value = values[masked_name(column) if column.is_personal else column.name]
        texts[column.name] = None if value is None else _text(value)
    return json.dumps(texts, ensure_ascii=False)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return "" if value is None else str(value)
