"""Whose statements the server writes to its log: switched per role, for people and tools that read figures.

With the extension pgaudit loaded, reads alone are logged (`pgaudit.log`); without it, every statement (`log_statement`). The
session that is logged can change neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from psycopg import sql

from loaders.warehouse.connection import Connection, WarehouseError, connect, fetch_all, fetch_one
from loaders.warehouse.schema.rights_changes import record_rights_changes
from loaders.warehouse.schema.roles import role_exists

_PGAUDIT, _STATEMENTS = "pgaudit.log", "log_statement"
_STATES = """
    select r.rolname as role, coalesce(
        (
            select string_agg(distinct setting, ', ')
            from pg_db_role_setting as s, unnest(s.setconfig) as setting
            where s.setrole = r.oid and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
              and (starts_with(setting, 'pgaudit.log=') or starts_with(setting, 'log_statement='))
        ),
        'not logged'
    ) as reads
    from pg_roles as r
    where r.rolcanlogin and not r.rolsuper and has_database_privilege(r.oid, current_database(), 'connect')
    order by r.rolname
"""


class ReadLogging(NamedTuple):
    """A role that may log in, and the setting by which its reads are logged."""

    role: str
    reads: str


def read_logging(url: str) -> tuple[list[ReadLogging], bool]:
    """Returns the roles with what is logged of them, and whether a line of the server's log names its role."""
    with connect(url) as connection:
        prefix = fetch_one(connection, "select current_setting('log_line_prefix') as prefix")
        return [ReadLogging(**row) for row in fetch_all(connection, _STATES)], prefix is not None and "%u" in prefix["prefix"]


def switch_read_logging(url: str, role: str, *, is_on: bool) -> list[str]:
    """Switches the logging of a role's reads in this database, for sessions that begin from now on. Returns what was run.

    Raises:
        WarehouseError: there is no such role, or the user may not switch it; then the message has the statements.
    """
    with connect(url) as connection:
        if not role_exists(connection, role):
            raise WarehouseError(f"expected a role of this server, found no role {role}: huimin audit reads lists them")
        statements = list(_statements(connection, role, is_on=is_on))
        texts = [statement.as_string(connection) for statement in statements]
        try:
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            left = "; ".join(texts)
            raise WarehouseError(f"only a superuser may switch this; let a database administrator run: {left};") from error
        record_rights_changes(connection, texts)
    return texts


def _statements(connection: Connection, role: str, *, is_on: bool) -> Iterator[sql.Composed]:
    name, database = sql.Identifier(role), sql.Identifier(connection.info.dbname)
    has_pgaudit = fetch_one(connection, "select where current_setting('pgaudit.log', true) is not null") is not None
    if is_on:
        setting, value = (sql.SQL(_PGAUDIT), "read") if has_pgaudit else (sql.SQL(_STATEMENTS), "all")
        yield sql.SQL("alter role {} in database {} set {} = {}").format(name, database, setting, sql.Literal(value))
        return
    reset = sql.SQL("alter role {} in database {} reset {}")
    if has_pgaudit:
        yield reset.format(name, database, sql.SQL(_PGAUDIT))
    yield reset.format(name, database, sql.SQL(_STATEMENTS))
