"""The tables whose rows are added and never changed: they belong to `huimin_owner`, and this is what the loader may do with them.

Whoever owns a table can switch its triggers off. So no role that works owns one of these, nor the schema that it is in, nor a
function that runs with the owner's rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.schema.roles import LOADER, OWNER, TRANSFORMER

_READ, _ADD = ("select",), ("select", "insert")
LEDGER_RIGHTS: Mapping[str, tuple[str, ...]] = {
    "audit_event": _READ,
    "container": _ADD,
    "decision": _ADD,
    "declaration": _ADD,
    "disclosed_value": _ADD,
    "disclosure_decision": _ADD,
    "issue_event": _ADD,
    "outbox_attempt": _ADD,
    "overridden_row": _ADD,
    "purge": _READ,
    "release_decision": _ADD,
    "replayed_row": _ADD,
    "retention_run": _ADD,
}
"""What the loader may do with each append-only table of `ops`."""
CHANGEABLE_COLUMNS = {"disclosed_value": "closed_build"}
"""The one column of an append-only table that the loader may write later, by table."""
FUNCTIONS_OF_LOADER = (
    "ops.purge_append_only(text, text, text, bigint, bigint, bigint, bigint, bigint)",
    "ops.rename_append_only(text, text)",
    "ops.analyze_append_only(text)",
)
"""Functions with the owner's rights that the loader may call; each does one thing, and what matters leaves an audit event."""
FUNCTIONS = frozenset(
    {
        *("purge_append_only", "rename_append_only", "analyze_append_only", "record_rights_change"),
        *("refuse_change_of_rows", "seal_audit_event", "record_audit_event"),
    }
)
"""The functions of `ops` that belong to the owner."""

# Who may execute the function of a trigger may make a trigger of his own with it, on a table of his own.
_PRIVATE_FUNCTIONS = (
    *FUNCTIONS_OF_LOADER,
    *("ops.record_rights_change(text)", "ops.record_audit_event()", "ops.seal_audit_event()"),
)
_TABLES = """
    select c.oid, c.relnamespace::regnamespace::text as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner
    from pg_class as c
    where c.relkind in ('r', 'p') and (
        c.relnamespace = to_regnamespace('release') or (c.relnamespace = to_regnamespace('ops') and c.relname = any(%s))
    )
    order by schema, name
"""
_GRANTED = """
    select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as grantee, lower(a.privilege_type) as verb
    from pg_class as c, aclexplode(c.relacl) as a
    where c.oid = %s and a.grantee <> c.relowner
    order by grantee, verb
"""
_GRANTED_COLUMNS = """
    select case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as grantee,
        lower(a.privilege_type) as verb, c.attname as column
    from pg_attribute as c
    inner join pg_class as t on t.oid = c.attrelid, aclexplode(c.attacl) as a
    where c.attrelid = %s and a.grantee <> t.relowner
"""
# A backup is taken by the roles themselves, and holds where the numbers of a table have got to.
_SEQUENCES = """
    select s.relnamespace::regnamespace::text as schema, s.relname as name
    from pg_depend as d
    inner join pg_class as s on s.oid = d.objid and s.relkind = 'S'
    where d.refobjid = %s and d.deptype in ('a', 'i') and not exists (
        select from aclexplode(s.relacl) as a
        where a.privilege_type = 'SELECT' and a.grantee <> s.relowner and pg_get_userbyid(a.grantee) = %s
    )
"""
_FUNCTION_GRANTS = """
    select coalesce(array_agg(case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end order by a.grantee)
        filter (where a.grantee <> p.proowner), '{}') as grantees
    from pg_proc as p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.pronamespace = to_regnamespace('ops') and p.proname = %s and a.privilege_type = 'EXECUTE'
    group by p.oid
"""


def rights_statements(connection: Connection, ledger_of_transformer: tuple[str, ...]) -> Iterator[sql.Composed]:
    """Yields what gives working roles their rights on append-only tables and takes others away; only what does not hold yet.

    A grant is due as well while the grantee owns the table still: the change of the owner, run before, takes all from it.
    """
    for table in fetch_all(connection, _TABLES, [list(LEDGER_RIGHTS)]):
        name = sql.Identifier(table["schema"], table["name"])
        granted = {(row["grantee"], row["verb"]) for row in fetch_all(connection, _GRANTED, [table["oid"]])}
        wanted = set(_wanted(table["schema"], table["name"], ledger_of_transformer))
        # To read them may have been granted to an auditor.
        for grantee, verb in sorted(one for one in granted - wanted if one[1] != "select" or one[0] == "public"):
            yield sql.SQL("revoke {} on {} from {}").format(sql.SQL(verb), name, _grantee(grantee))
        for grantee, verb in sorted(wanted - granted):
            yield sql.SQL("grant {} on {} to {}").format(sql.SQL(verb), name, sql.Identifier(grantee))
        yield from _column_statements(connection, table, name)
        for sequence in fetch_all(connection, _SEQUENCES, [table["oid"], LOADER]):
            statement = sql.SQL("grant select on sequence {} to {}")
            yield statement.format(sql.Identifier(sequence["schema"], sequence["name"]), sql.Identifier(LOADER))
    yield from _function_statements(connection)


def _column_statements(connection: Connection, table: Mapping[str, Any], name: sql.Identifier) -> Iterator[sql.Composed]:
    rows = fetch_all(connection, _GRANTED_COLUMNS, [table["oid"]])
    granted = {(row["grantee"], row["verb"], row["column"]) for row in rows}
    column = CHANGEABLE_COLUMNS.get(table["name"]) if table["schema"] == "ops" else None
    wanted = {(LOADER, "update", column)} if column else set[tuple[str, str, str]]()
    for grantee, verb, one in sorted(granted - wanted):
        yield sql.SQL("revoke {} ({}) on {} from {}").format(sql.SQL(verb), sql.Identifier(one), name, _grantee(grantee))
    for grantee, verb, one in sorted(wanted - granted):
        yield sql.SQL("grant {} ({}) on {} to {}").format(sql.SQL(verb), sql.Identifier(one), name, sql.Identifier(grantee))


def _wanted(schema: str, table: str, ledger_of_transformer: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if schema == "release":
        yield from ((LOADER, verb) for verb in _ADD)
        yield TRANSFORMER, "select"
        return
    yield from ((LOADER, verb) for verb in LEDGER_RIGHTS[table])
    if table in ledger_of_transformer:
        yield TRANSFORMER, "select"


def _function_statements(connection: Connection) -> Iterator[sql.Composed]:
    for function in _PRIVATE_FUNCTIONS:
        name = function.partition("(")[0].removeprefix("ops.")
        found = fetch_one(connection, _FUNCTION_GRANTS, [name])
        if found is None:
            continue
        granted = set(found["grantees"])
        wanted = {LOADER} if function in FUNCTIONS_OF_LOADER else set[str]()
        # Name and arguments are those above.
        called = sql.SQL(function)
        for grantee in sorted(granted - wanted):
            yield sql.SQL("revoke execute on function {} from {}").format(called, _grantee(grantee))
        for grantee in sorted(wanted - granted):
            yield sql.SQL("grant execute on function {} to {}").format(called, sql.Identifier(grantee))


def _grantee(name: str) -> sql.Composable:
    return sql.SQL("public") if name == "public" else sql.Identifier(name)


def owner_of_relation(schema: str, name: str) -> str | None:
    """Returns `huimin_owner` for a relation that is append-only; None for all others."""
    return OWNER if schema == "release" or (schema == "ops" and name in LEDGER_RIGHTS) else None


def owner_of_function(schema: str, name: str) -> str | None:
    """Returns `huimin_owner` for a function that runs with its rights or guards its tables; None for all others."""
    return OWNER if schema == "release" or (schema == "ops" and name in FUNCTIONS) else None
