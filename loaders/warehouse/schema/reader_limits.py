"""Limits of a BI session on the server: time, temporary files, and no objects of its own."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from loaders.warehouse.connection import Connection, connect, fetch_all, fetch_one

# A dashboard's query ends in a second or two; what takes minutes is a mistake that slows everybody's queries down.
_SETTINGS = {
    "statement_timeout": "2min",
    "idle_in_transaction_session_timeout": "1min",
    "idle_session_timeout": "1h",
    "temp_file_limit": "4GB",
}
# Large objects belong to no schema, so that no grant keeps a reader from making them.
_LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_put(oid, bigint, bytea)",
    "lowrite(integer, bytea)",
    "lo_unlink(oid)",
)
_PUBLIC_MAY_EXECUTE = """
    select from pg_proc as p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.oid = %s::regprocedure and a.grantee = 0 and a.privilege_type = 'EXECUTE'
"""
_OTHER_DATABASES = """
    select d.datname as name from pg_database as d
    where d.datname <> current_database() and d.datallowconn and has_database_privilege(%s, d.oid, 'connect')
    order by d.datname
"""


def limit_statements(connection: Connection, role: str, *, search_path: str) -> Iterator[sql.Composed]:
    """Yields the statements that set a reader's schema and limits in this database; only those that do not hold yet.

    The timeouts guard against mistakes only, because a session may change them for itself. It may not change the limit of
    temporary files.
    """
    name, database = sql.Identifier(role), sql.Identifier(connection.info.dbname)
    present = _settings_of(connection, role)
    for setting in (f"{key}={value}" for key, value in {"search_path": search_path, **_SETTINGS}.items()):
        if setting not in present:
            key, _, value = setting.partition("=")
            statement = "alter role {} in database {} set {} = {}"
            yield sql.SQL(statement).format(name, database, sql.Identifier(key), sql.Literal(value))


def large_object_statements(connection: Connection) -> Iterator[sql.Composed]:
    """Yields the statements that keep everybody but superusers from making large objects; only those that do not hold yet."""
    for function in _LARGE_OBJECTS:
        if fetch_one(connection, _PUBLIC_MAY_EXECUTE, [f"pg_catalog.{function}"]) is not None:
            yield sql.SQL("revoke execute on function pg_catalog.{} from public").format(sql.SQL(function))


def accessible_databases(url: str, role: str) -> list[str]:
    """Returns the other databases of the server that a reader may connect to, because PUBLIC may."""
    with connect(url) as connection:
        if fetch_one(connection, "select from pg_roles where rolname = %s", [role]) is None:
            return []
        return [row["name"] for row in fetch_all(connection, _OTHER_DATABASES, [role])]


def revoke_public_connect(url: str, role: str) -> None:
    """Revokes PUBLIC's right to connect to the other databases of a server whose databases are all ours."""
    for name in accessible_databases(url, role):
        with connect(url) as connection:
            connection.execute(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(name)))


def _settings_of(connection: Connection, role: str) -> frozenset[str]:
    query = """
        select unnest(s.setconfig) as setting from pg_db_role_setting as s
        where s.setrole = (select oid from pg_roles where rolname = %s)
          and s.setdatabase = (select oid from pg_database where datname = current_database())
    """
    return frozenset(row["setting"] for row in fetch_all(connection, query, [role]))
