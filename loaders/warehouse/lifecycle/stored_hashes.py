"""Rewrites the stored hashes of personal numbers, each by the same hash under one key more, in the caller's transaction.

Every table of `raw` with a column `X_key` beside `X_masked` holds some, superseded rows included. What was derived of them
follows: the content digests of documents, and the units that the ledger of disclosures remembers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from psycopg import sql

from loaders.identifiers.personal_keys import add_layer
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one

_CHUNK = 50_000
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_COLUMNS = """
    select c.relname as report, array_agg(k.attname::text order by k.attnum) as columns
    from pg_class as c
    inner join pg_attribute as k on k.attrelid = c.oid and k.attname like '%\\_key' and k.atttypid = 'text'::regtype
    inner join pg_attribute as m on m.attrelid = c.oid and m.atttypid = 'text'::regtype and not m.attisdropped
        and m.attname = regexp_replace(k.attname, '_key$', '_masked')
    where c.relnamespace = 'raw'::regnamespace and c.relkind in ('r', 'p') and not k.attisdropped
    group by c.relname
    order by c.relname
"""
_CREATE = """
    create temporary table lifted_hash (old_hash text primary key, new_hash text not null) on commit drop;
    create temporary table lifted_unit (old_key text primary key, new_key text not null) on commit drop;
"""
_CREATE_STORED = "create temporary table stored_hash (hash text primary key) on commit drop"
_COLLECT = "insert into stored_hash select distinct {column} from {table} where {column} is not null on conflict do nothing"
_COLLECT_CONTENTS = """
    insert into stored_hash select distinct content_sha256 from ops.submission where content_sha256 is not null
    on conflict do nothing
"""
_NO_HASH = "select count(*) as count from stored_hash where hash !~ '^[0-9a-f]{64}$'"
_LIFT_CONTENTS = """
    update ops.submission as s set content_sha256 = l.new_hash from lifted_hash as l where l.old_hash = s.content_sha256
"""
# Of a measure that counts persons, the unit is the hash of the person alone, and may be remembered when its rows are gone.
_LIFT_PERSONS = "insert into lifted_unit select md5(old_hash), md5(new_hash) from lifted_hash on conflict do nothing"
_LIFT_UNITS = """
    update ops.disclosure_unit as u set unit_key = l.new_key || substr(u.unit_key, 33)
    from lifted_unit as l where l.old_key = left(u.unit_key, 32)
"""
_NEW_HASHES = "select old_hash, new_hash from lifted_hash where old_hash = any(%s)"


def rewrite_hashes(connection: Connection, key: bytes, unit_texts: Iterable[str]) -> tuple[int, int]:
    """Adds a layer to all that is stored. `unit_texts` are those of `population_queries.unit_texts`, of all measures.

    Returns:
        How many different hashes there were, and the rows of `raw` that hold them.

    Raises:
        WarehouseError: a column that must hold hashes holds something else.
    """
    tables = _tables_with_hashes(connection)
    for report in tables:
        connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(sql.Identifier("raw", report)))
    collect_hashes(connection)
    connection.execute(_COLLECT_CONTENTS)
    connection.execute(_CREATE)
    hashes_count = _lift_all(connection, key)
    rows_count = sum(_rewrite_table(connection, report, columns) for report, columns in tables.items())
    connection.execute(_LIFT_CONTENTS)
    _lift_units(connection, unit_texts)
    return hashes_count, rows_count


def collect_hashes(connection: Connection) -> None:
    """Creates the temporary table `stored_hash` (hash) with every hash that is in `raw`.

    Raises:
        WarehouseError: a column that must hold hashes holds something else.
    """
    connection.execute(_CREATE_STORED)
    for report, columns in _tables_with_hashes(connection).items():
        for column in columns:
            statement = sql.SQL(_COLLECT).format(column=sql.Identifier(column), table=sql.Identifier("raw", report))
            connection.execute(statement)
    row = fetch_one(connection, _NO_HASH)
    if row is not None and row["count"]:
        raise WarehouseError(
            f"expected hashes of 64 hexadecimal digits in raw.*_key beside raw.*_masked, found {row['count']:,} other values; "
            "nothing was changed: `huimin verify ledger` looks for rows that were altered by hand"
        )


def _tables_with_hashes(connection: Connection) -> dict[str, list[str]]:
    return {row["report"]: row["columns"] for row in fetch_all(connection, _COLUMNS)}


def _lift_all(connection: Connection, key: bytes) -> int:
    """Fills `lifted_hash`, in parts, so that neither side holds all hashes in memory."""
    count = 0
    with connection.cursor(name="stored_hashes") as stored:
        stored.execute("select hash from stored_hash")
        while rows := stored.fetchmany(_CHUNK):
            with connection.cursor() as cursor, cursor.copy("copy lifted_hash (old_hash, new_hash) from stdin") as copy:
                for row in rows:
                    copy.write_row((row["hash"], add_layer(key, row["hash"])))
            count += len(rows)
    connection.execute("analyze lifted_hash")
    return count


def _rewrite_table(connection: Connection, report: str, columns: list[str]) -> int:
    """Rewrites all hashes of a table in one pass. Its triggers record each document as touched: the next build counts anew."""
    names = [sql.Identifier(column) for column in columns]
    joined = [sql.Identifier(f"l{number}") for number in range(len(columns))]
    statement = sql.SQL(
        "update {table} as r set {settings} from {table} as s {joins} where r.ctid = s.ctid and num_nonnulls({columns}) > 0"
    ).format(
        table=sql.Identifier("raw", report),
        settings=sql.SQL(", ").join(
            sql.SQL("{} = {}.new_hash").format(name, lifted) for name, lifted in zip(names, joined, strict=True)
        ),
        joins=sql.SQL(" ").join(
            sql.SQL("left join lifted_hash as {lifted} on {lifted}.old_hash = s.{name}").format(lifted=lifted, name=name)
            for name, lifted in zip(names, joined, strict=True)
        ),
        columns=sql.SQL(", ").join(sql.SQL("s.{}").format(name) for name in names),
    )
    return connection.execute(statement).rowcount


def _lift_units(connection: Connection, unit_texts: Iterable[str]) -> None:
    connection.execute(_LIFT_PERSONS)
    remaining = iter(unit_texts)
    while texts := list(islice(remaining, _CHUNK)):
        pairs = list(_unit_keys(connection, texts))
        connection.execute(
            "insert into lifted_unit select * from unnest(%s::text[], %s::text[]) on conflict do nothing",
            [[old for old, _ in pairs], [new for _, new in pairs]],
        )
    connection.execute(_LIFT_UNITS)


def _unit_keys(connection: Connection, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields the keys of units as they were and as they will be, of those whose text names a person."""
    held = {text: _HASH.findall(text) for text in texts}
    wanted = list({one for found in held.values() for one in found})
    new = {row["old_hash"]: row["new_hash"] for row in fetch_all(connection, _NEW_HASHES, [wanted])}
    for text in held:
        lifted = _HASH.sub(lambda match: new.get(match[0], match[0]), text)
        if lifted != text:
            yield _md5(text), _md5(lifted)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
