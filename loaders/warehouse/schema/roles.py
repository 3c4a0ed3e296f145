"""The three roles of the warehouse, each with no more rights than it needs.

- `huimin_loader` owns `ops`, `quarantine` and `raw`, and sees nothing that dbt makes.
- `huimin_transformer` owns dbt's schemas, reads `raw` and the ledger, writes neither.
- `bi_reader` selects from `bi`, and nothing else.

Releases belong to none of them: the loader adds rows to `release` and cannot change one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from loaders.warehouse.connection import Connection, connect, fetch_all, fetch_one
from loaders.warehouse.schema.reader_limits import limit_statements

LOADER, TRANSFORMER, READER = "huimin_loader", "huimin_transformer", "bi_reader"
ROLES = (LOADER, TRANSFORMER, READER)
SCHEMAS_OF = {
    LOADER: ("ops", "quarantine", "raw"),
    TRANSFORMER: ("staging", "core", "evidence", "indicators", "bi"),
}
LEDGER_READ_BY_TRANSFORMER = (
    "submission",
    "issue",
    "reporting_unit",
    "raw_row_count",
    "account",
    "expected_submission",
    "missing_submission",
    "reporting_rate",
)


def ensure_roles(url: str, passwords: Mapping[str, str]) -> tuple[str, ...]:
    """Creates the missing login roles and sets the given passwords, by role name.

    Returns:
        What the user of `url` may not do and a database administrator must, one sentence each; empty when all is right.
    """
    remarks: list[str] = []
    with connect(url) as connection:
        for role in ROLES:
            verb = "alter" if _exists(connection, role) else "create"
            password = passwords.get(role)
            if verb == "alter" and password is None:
                continue
            statement = sql.SQL("{} role {} login").format(sql.SQL(verb), sql.Identifier(role))
            if password is not None:
                statement += sql.SQL(" password {}").format(sql.Literal(password))
            if not _try(connection, statement):
                remarks.append(_admin_request(connection, f"{verb} role {role} login password '…'"))
    return tuple(remarks)


def apply_grants(connection: Connection) -> tuple[str, ...]:
    """Gives schemas and tables to their owners and sets every grant. Repeating it changes nothing.

    Returns:
        What could not be granted, one sentence each.
    """
    remarks: list[str] = []
    present = [role for role in ROLES if _exists(connection, role)]
    for role in ROLES:
        if role not in present:
            remarks.append(_admin_request(connection, f"create role {role} login password '…'"))
        elif role in SCHEMAS_OF:
            _join_role(connection, role)
    for statement in _statements(connection, present):
        if not _try(connection, statement):
            remarks.append(_admin_request(connection, statement.as_string(connection)))
    return tuple(remarks)


def _statements(connection: Connection, present: Sequence[str]) -> Iterator[sql.Composed]:
    database = sql.Identifier(connection.info.dbname)
    yield sql.SQL("revoke temporary, create on database {} from public").format(database)
    yield sql.SQL("revoke create on schema public from public").format()
    for role in present:
        yield sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role))
        if role in SCHEMAS_OF:
            yield sql.SQL("grant temporary on database {} to {}").format(database, sql.Identifier(role))
            yield from _ownership(connection, role)
    yield from _grant_releases(present)
    if LOADER in present and TRANSFORMER in present:
        yield from _grant_ledger_read()
    if READER in present:
        yield from limit_statements(connection, READER)
    if TRANSFORMER in present and READER in present:
        yield from _grant_read("bi", READER, TRANSFORMER)


def _ownership(connection: Connection, role: str) -> Iterator[sql.Composed]:
    owner = sql.Identifier(role)
    for schema in SCHEMAS_OF[role]:
        yield sql.SQL("alter schema {} owner to {}").format(sql.Identifier(schema), owner)
    query = """
        select c.relnamespace::regnamespace::text as schema, c.relname as name
        from pg_class as c
        where c.relnamespace::regnamespace::text = any(%s) and c.relkind in ('r', 'p', 'v', 'm', 'S')
          and c.relowner <> %s::regrole
          and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
        order by c.relkind
    """
    for found in fetch_all(connection, query, [list(SCHEMAS_OF[role]), role]):
        yield sql.SQL("alter table {} owner to {}").format(sql.Identifier(found["schema"], found["name"]), owner)


def _grant_ledger_read() -> Iterator[sql.Composed]:
    yield from _grant_read("raw", TRANSFORMER, LOADER)
    yield sql.SQL("grant usage on schema ops to {}").format(sql.Identifier(TRANSFORMER))
    for name in LEDGER_READ_BY_TRANSFORMER:
        yield sql.SQL("grant select on {} to {}").format(sql.Identifier("ops", name), sql.Identifier(TRANSFORMER))


def _grant_releases(present: Sequence[str]) -> Iterator[sql.Composed]:
    """Yields the grants on releases, which stay with the role that migrates: rows are added and read, and nothing is changed."""
    for role in {LOADER, TRANSFORMER} & set(present):
        verbs = sql.SQL("select, insert" if role == LOADER else "select")
        yield sql.SQL("grant usage on schema release to {}").format(sql.Identifier(role))
        yield sql.SQL("grant {} on all tables in schema release to {}").format(verbs, sql.Identifier(role))


def _grant_read(schema: str, reader: str, owner: str) -> Iterator[sql.Composed]:
    """Yields the grants to read all tables of a schema, and all that its owner will add."""
    where, who = sql.Identifier(schema), sql.Identifier(reader)
    yield sql.SQL("grant usage on schema {} to {}").format(where, who)
    yield sql.SQL("grant select on all tables in schema {} to {}").format(where, who)
    yield sql.SQL("alter default privileges for role {} in schema {} grant select on tables to {}").format(
        sql.Identifier(owner), where, who
    )


def _join_role(connection: Connection, role: str) -> None:
    """Makes the current user a member of a role, where it may: it can give nothing to the role otherwise."""
    if fetch_one(connection, "select from pg_roles where rolname = current_user and rolsuper") is None:
        _try(connection, sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def _exists(connection: Connection, role: str) -> bool:
    return fetch_one(connection, "select from pg_roles where rolname = %s", [role]) is not None


def _try(connection: Connection, statement: sql.Composed) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidGrantOperation):
        return False
    return True


def _admin_request(connection: Connection, statement: str) -> str:
    return f'user "{connection.info.user}" may not do this; ask the database administrator to run: {statement};'
