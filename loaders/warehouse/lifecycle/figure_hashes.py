"""Rewrites the hashes of personal numbers in the tables of dbt, as its role, after those of the ledger were rewritten.

Evidence and its former versions hold them, alone or within longer keys; a deployment's own models may, too, so every text of
every table is looked at. A hash is an old one if its hash under the new key is stored in `raw`: so this may be run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psycopg import sql

from loaders.identifiers.personal_keys import add_layer
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.lifecycle.stored_hashes import collect_hashes
from loaders.warehouse.schema.roles import SCHEMAS_OF, TRANSFORMER

_CHUNK = 50_000
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_TEXTS = """
    select n.nspname as schema, c.relname as name, a.attname as column
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = any(%s) and c.relkind = 'r' and a.atttypid in ('text'::regtype, 'varchar'::regtype)
    order by 1, 2, a.attnum
"""
_VALUES = "select distinct {column} as value from {table} where {column} ~ '[0-9a-f]{{64}}'"
_CREATE_PAIRS = "create temporary table lifted_value (old_value text primary key, new_value text not null) on commit drop"
_UPDATE = "update {table} as t set {column} = l.new_value from lifted_value as l where t.{column} = l.old_value"
_STORED = "select hash from stored_hash where hash = any(%s)"


def rewrite_figures(connection: Connection, key: bytes) -> int:
    """Adds a layer to the old hashes in all tables of dbt, in the caller's transaction. Returns how many values changed."""
    collect_hashes(connection)
    connection.execute(_CREATE_PAIRS)
    count = 0
    for place in fetch_all(connection, _TEXTS, [list(SCHEMAS_OF[TRANSFORMER])]):
        table, column = sql.Identifier(place["schema"], place["name"]), sql.Identifier(place["column"])
        pairs_count = _collect_pairs(connection, sql.SQL(_VALUES).format(column=column, table=table), key)
        if pairs_count:
            connection.execute(sql.SQL(_UPDATE).format(column=column, table=table))
            connection.execute("truncate lifted_value")
        count += pairs_count
    return count


def _collect_pairs(connection: Connection, values: sql.Composed, key: bytes) -> int:
    count = 0
    with connection.cursor(name="values_with_hashes") as found:
        found.execute(values)
        while rows := found.fetchmany(_CHUNK):
            pairs = list(_pairs(connection, [row["value"] for row in rows], key))
            with connection.cursor() as cursor, cursor.copy("copy lifted_value (old_value, new_value) from stdin") as copy:
                for pair in pairs:
                    copy.write_row(pair)
            count += len(pairs)
    return count


def _pairs(connection: Connection, values: Sequence[str], key: bytes) -> Iterator[tuple[str, str]]:
    """Yields values with old hashes in them, and what they will be."""
    lifted = {token: add_layer(key, token) for value in values for token in _HASH.findall(value)}
    stored = {row["hash"] for row in fetch_all(connection, _STORED, [list(lifted.values())])}
    old = {token: new for token, new in lifted.items() if new in stored}
    for value in values:
        changed = _HASH.sub(lambda match: old.get(match[0], match[0]), value)
        if changed != value:
            yield value, changed
