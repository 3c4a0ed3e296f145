"""Raw tables, made from the contracts: one table per report, business columns first, then the lineage of each row.

A column that a contract adds is added here as nullable. Any other change of a contract is refused, because rows that are already
loaded would change their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
import pyarrow as pa
from psycopg import sql

from loaders.contract import Report
from loaders.raw_schema import key_name, masked_name, raw_schema
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.schema import placeholder_tables
from loaders.warehouse.schema.key_index import (
    change_scope,
    create_key_index,
    has_other_scope,
    key_mismatches,
    scope_mismatch,
    table_of,
)
from loaders.warehouse.schema.touch_triggers import ensure_touch_triggers

LINEAGE: Mapping[str, str] = {
    "_submission_id": "bigint not null",
    "_sheet": "text not null",
    "_row": "integer not null",
    "_unit_code": "text not null",
    "_period_start": "date",
    "_period_end": "date",
    "_loaded_at": "timestamptz not null default now()",
    "_superseded_at": "timestamptz",
    "_superseded_by": "bigint",
    "_texts": "text",
}
_SIMPLE_TYPES = {
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp without time zone",
    pa.bool_(): "boolean",
    pa.string(): "text",
}
_MAX_NAME_LENGTH = 63
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.raw_tables', 0))"
_COLUMNS = """
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_attribute as a
    where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
_RAW_TABLES = """
    select c.relname as name
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attname = '_submission_id'
    where c.relnamespace = 'raw'::regnamespace and c.relkind in ('r', 'p')
      and obj_description(c.oid, 'pg_class') is distinct from %s
    order by c.relname
"""


class RawTableMismatch(WarehouseError):
    """A disagreement of contract and raw table that no added column can resolve; the message lists every one."""


def postgres_type(arrow_type: pa.DataType) -> str:
    """Returns the PostgreSQL type for an Arrow type of `raw_schema`, as `format_type` prints it."""
    if pa.types.is_decimal(arrow_type):
        return f"numeric({arrow_type.precision},{arrow_type.scale})"
    return _SIMPLE_TYPES[arrow_type]


def ensure_raw_table(connection: Connection, report: Report) -> bool:
    """Creates the report's raw table, adds the columns that the contract has gained, or changes the scope of its keys.

    Returns:
        Whether keys are unique in a narrower scope now, so that the report's documents must be validated again.

    Raises:
        RawTableMismatch: a type or the key differs, or the contract has lost a column.
    """
    wanted = {field.name: postgres_type(field.type) for field in raw_schema(report)}
    _raise_mismatches(report, _unusable_names(wanted))
    lock_raw_tables(connection)
    placeholder_tables.drop_if_present(connection, report.report)
    found = {row["name"]: row["type"] for row in fetch_all(connection, _COLUMNS, [f'raw."{report.report}"'])}
    if not found:
        _create(connection, report, wanted)
        ensure_touch_triggers(connection, report.report)
        _replace_row_count_view(connection)
        replace_cell_text(connection)
        return False
    _raise_mismatches(report, [*_differences(wanted, found), *key_mismatches(connection, report)])
    added = {name: kind for name, kind in wanted.items() if name not in found}
    for name, kind in added.items():
        statement = sql.SQL("alter table {} add column {} {}")
        connection.execute(statement.format(table_of(report), sql.Identifier(name), _type(kind)))
    if added:
        _comment(connection, report)
        replace_cell_text(connection)
    ensure_touch_triggers(connection, report.report)
    return has_other_scope(connection, report) and _change_scope(connection, report)


def _change_scope(connection: Connection, report: Report) -> bool:
    try:
        return change_scope(connection, report)
    except psycopg.errors.UniqueViolation as error:
        mismatch = scope_mismatch(report, error)
    _raise_mismatches(report, [mismatch])
    return False


def lock_raw_tables(connection: Connection) -> None:
    """Waits for the lock under which raw tables are created, changed and renamed; it ends with the transaction."""
    connection.execute(_LOCK)


def replace_cell_text(connection: Connection) -> None:
    """Replaces `ops.cell_text`, which reads the texts of cells, by one over the raw tables as they are now."""
    connection.execute("select ops.replace_cell_text()")


def set_aside_empty(connection: Connection, report: str) -> None:
    """Drops the raw table of a name that another one will take; the caller knows that it has no rows. dbt's views go with it."""
    if fetch_one(connection, "select where to_regclass(%s) is not null", [f'raw."{report}"']) is None:
        return
    # As a placeholder it is no part of the view that counts the rows of all tables, which must stay.
    placeholder_tables.make_placeholder(connection, report)
    _replace_row_count_view(connection)
    placeholder_tables.drop_if_present(connection, report)


def ensure_placeholder(connection: Connection, report: str, schema: pa.Schema) -> None:
    """Creates an empty raw table for a report whose contract cannot be read, unless the report has a table."""
    lock_raw_tables(connection)
    columns = {field.name: postgres_type(field.type) for field in schema}
    if placeholder_tables.create_if_absent(connection, report, {**columns, **LINEAGE}):
        _set_schema_owner(connection, sql.Identifier("raw", report))


def _create(connection: Connection, report: Report, wanted: Mapping[str, str]) -> None:
    columns = [sql.SQL("{} {}").format(sql.Identifier(name), _type(kind)) for name, kind in {**wanted, **LINEAGE}.items()]
    connection.execute(sql.SQL("create table {} ({})").format(table_of(report), sql.SQL(", ").join(columns)))
    create_key_index(connection, report)
    lineage = "create index {} on {} (_submission_id, _row)"
    connection.execute(sql.SQL(lineage).format(sql.Identifier(f"{report.report}_row"), table_of(report)))
    _set_schema_owner(connection, table_of(report))
    _comment(connection, report)


def _set_schema_owner(connection: Connection, table: sql.Identifier) -> None:
    """Gives the table to the owner of its schema: views over it use that role's rights, whoever loads."""
    query = """
        select n.nspowner::regrole::text as owner from pg_namespace as n
        where n.nspname = 'raw' and n.nspowner <> current_user::regrole
    """
    row = fetch_one(connection, query)
    if row is not None:
        # The name comes quoted from the catalog.
        statement = sql.SQL("alter table {} owner to {}").format(table, sql.SQL(row["owner"]))
        connection.execute(statement)


def _comment(connection: Connection, report: Report) -> None:
    """Comments each column with its Chinese header."""
    table = table_of(report)
    text = f"{report.title.zh}：{report.grain.zh}"
    connection.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(text)))
    for name, header in _headers(report):
        place = sql.Identifier("raw", report.report, name)
        connection.execute(sql.SQL("comment on column {} is {}").format(place, sql.Literal(header)))


def _headers(report: Report) -> Iterator[tuple[str, str]]:
    for column in report.columns:
        if column.is_personal:
            yield key_name(column), f"{column.header}（密钥散列）"
            yield masked_name(column), f"{column.header}（脱敏）"
        else:
            yield column.name, column.header


def _replace_row_count_view(connection: Connection) -> None:
    """Replaces `ops.raw_row_count` by a view over all raw tables, the new one included."""
    count = """
        select _submission_id as submission_id,
            count(*) filter (where _superseded_by is distinct from _submission_id) as rows_count,
            count(*) filter (where _superseded_at is null) as current_rows_count
        from {} group by _submission_id
    """
    tables = [
        sql.Identifier("raw", row["name"]) for row in fetch_all(connection, _RAW_TABLES, [placeholder_tables.PLACEHOLDER_COMMENT])
    ]
    union = sql.SQL(" union all ").join([sql.SQL(count).format(table) for table in tables])
    connection.execute(sql.SQL("create or replace view ops.raw_row_count as {}").format(union))


def _unusable_names(wanted: Mapping[str, str]) -> Iterator[str]:
    for name in wanted:
        if len(name) > _MAX_NAME_LENGTH:
            yield f"column {name}: expected a name of at most {_MAX_NAME_LENGTH} letters, found {len(name)}; shorten it"


def _differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name, kind in wanted.items():
        if name in found and found[name] != kind:
            yield (
                f"column {name}: expected {kind} (contract), found {found[name]} (table); "
                "give the changed column a new name in the contract, or migrate the table"
            )
    for name in found:
        if name not in wanted and name not in LINEAGE:
            yield (
                f"column {name}: expected in the contract, found only in the table; "
                "keep it in the contract with may_be_absent: true, so that earlier rows keep their meaning"
            )


def _raise_mismatches(report: Report, mismatches: Iterator[str] | Sequence[str]) -> None:
    lines = [f"report={report.report} table=raw.{report.report} {mismatch}" for mismatch in mismatches]
    if lines:
        raise RawTableMismatch("\n".join(lines))


def _type(kind: str) -> sql.SQL:
    # Types come from `postgres_type` and `LINEAGE` alone, never from a document.
    return sql.SQL(kind)
