"""The unique index over the keys of current rows: the contract's key columns, then what `key_scope` adds to them.

A contract may narrow the scope of its keys: keys that were in conflict are different ones then, and documents are loaded again.
It may widen the scope while no two current rows share a key in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from loaders.contract import NARROWER, KeyScope, Report
from loaders.raw_schema import key_name
from loaders.warehouse.connection import Connection, fetch_all

SCOPE_COLUMNS: Mapping[KeyScope, tuple[str, ...]] = {
    KeyScope.REPORT: (),
    KeyScope.UNIT: ("_unit_code",),
    KeyScope.DOCUMENT: ("_submission_id",),
}
_COLUMNS = """
    select array(
        select a.attname::text
        from unnest(i.indkey::int[]) with ordinality as k (attnum, place)
        inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
        order by k.place
    ) as columns
    from pg_index as i
    where i.indexrelid = to_regclass(%s)
"""


def table_of(report: Report) -> sql.Identifier:
    """Returns the raw table of a report."""
    return sql.Identifier("raw", report.report)


def key_columns(report: Report) -> tuple[str, ...]:
    """Returns the raw columns of the contract's key; a personal key is represented by its keyed hash."""
    columns = (report.column(name) for name in report.key)
    return tuple(key_name(column) if column.is_personal else column.name for column in columns)


def scope_columns(report: Report) -> tuple[str, ...]:
    """Returns the lineage columns that belong to the key: the unit's or the document's, by the contract's `key_scope`."""
    return SCOPE_COLUMNS[report.key_scope]


def create_key_index(connection: Connection, report: Report) -> None:
    """Creates the index, unless the report has no key."""
    keys = key_columns(report)
    if not keys:
        return
    unique = "create unique index {} on {} ({}) nulls not distinct where _superseded_at is null"
    listed = sql.SQL(", ").join(map(sql.Identifier, (*keys, *scope_columns(report))))
    connection.execute(sql.SQL(unique).format(sql.Identifier(_name(report)), table_of(report), listed))


def has_other_scope(connection: Connection, report: Report) -> bool:
    """Returns whether the index has the contract's key columns in another scope."""
    found = _columns(connection, report)
    scope = _scope(found)
    return scope is not None and scope is not report.key_scope and _business(found) == key_columns(report)


def change_scope(connection: Connection, report: Report) -> bool:
    """Replaces the index by one of the contract's scope. Returns whether the scope is narrower than before.

    Raises:
        UniqueViolation: current rows share a key in the wider scope; the index stays as it was.
    """
    before = _scope(_columns(connection, report))
    with connection.transaction():
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier("raw", _name(report))))
        create_key_index(connection, report)
    return before is not None and report.key_scope in NARROWER[before]


def key_mismatches(connection: Connection, report: Report) -> Iterator[str]:
    """Yields how the index differs from the contract's key, when no change of the scope explains it."""
    found, wanted = _columns(connection, report), (*key_columns(report), *scope_columns(report))
    if found != wanted and not has_other_scope(connection, report):
        yield (
            f"key: expected ({_list(wanted)}) (contract), found ({_list(found)}) (table); "
            "restore the key in the contract, or migrate the table and its unique index"
        )


def scope_mismatch(report: Report, error: psycopg.errors.UniqueViolation) -> str:
    """Describes current rows that share a key in the contract's scope."""
    return (
        f"key_scope: expected keys that are unique per {report.key_scope} (contract), found current rows that share one "
        f"({error.diag.message_primary}); restore key_scope in the contract, or correct the rows first"
    )


def rename_key_index(connection: Connection, old: str, new: str) -> None:
    """Gives the indexes of a raw table that was renamed their new names."""
    for ending in ("key", "row"):
        statement = sql.SQL("alter index if exists {} rename to {}")
        connection.execute(statement.format(sql.Identifier("raw", f"{old}_{ending}"), sql.Identifier(f"{new}_{ending}")))


def _columns(connection: Connection, report: Report) -> tuple[str, ...]:
    rows = fetch_all(connection, _COLUMNS, [f'raw."{_name(report)}"'])
    return tuple(rows[0]["columns"]) if rows else ()


def _scope(columns: Sequence[str]) -> KeyScope | None:
    """Returns the scope of an index by its columns; None when there is no index."""
    if not columns:
        return None
    return next((scope for scope, names in SCOPE_COLUMNS.items() if names and columns[-1:] == names), KeyScope.REPORT)


def _business(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in columns if not name.startswith("_"))


def _name(report: Report) -> str:
    return f"{report.report}_key"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
