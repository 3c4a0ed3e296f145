"""The rights that the roles of the warehouse must have, compared with those that they have.

PostgreSQL answers a `grant` that its user may not give with a warning, and changes nothing. So each statement comes with a look
into the catalogs: `missing_statements` yields those that are not in effect, whoever ran what before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.schema.append_only import owner_of_function, owner_of_relation, rights_statements
from loaders.warehouse.schema.reader_limits import large_object_statements, limit_statements
from loaders.warehouse.schema.roles import (
    COUNTY_READERS,
    LEDGER_READ_BY_TRANSFORMER,
    LOADER,
    OWNER,
    OWNER_OF_SCHEMA,
    READER,
    ROLES,
    SCHEMAS_OF,
    SCHEMAS_READ_BY,
    TRANSFORMER,
    county_role,
    role_exists,
)

# A role that does not exist yet has no object id: it is compared by its name, and has no right.
_DATABASE_GRANT = """
    select from pg_database as d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
    where d.datname = current_database() and a.privilege_type = %s
      and case when %s = 'public' then a.grantee = 0
          else a.grantee = (select oid from pg_roles where rolname = %s) end
"""
_PUBLIC_MAY_CREATE = """
    select from pg_namespace as n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
    where n.nspname = 'public' and a.grantee = 0 and a.privilege_type = 'CREATE'
"""
_RELATIONS = """
    select c.relnamespace::regnamespace::text as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner
    from pg_class as c
    where c.relnamespace::regnamespace::text = any(%s) and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
    order by schema, c.relkind, name
"""
# Functions with their owner's rights, and those that guard the owner's tables: the others have the rights of whoever calls them.
_FUNCTIONS = """
    select p.pronamespace::regnamespace::text as schema, p.proname as name, p.oid::regprocedure::text as signature,
        pg_get_userbyid(p.proowner) as owner, p.prosecdef as is_definer
    from pg_proc as p
    where p.pronamespace::regnamespace::text = any(%s)
    order by signature
"""
_SCHEMA_OF_OTHER_OWNER = "select from pg_namespace where nspname = %s and pg_get_userbyid(nspowner) <> %s"
# A role that owns the schema still has what it will lose with it.
_SCHEMA_GRANT = """
    select from pg_namespace as n, aclexplode(n.nspacl) as a
    where n.nspname = %s and pg_get_userbyid(a.grantee) = %s and a.grantee <> n.nspowner and a.privilege_type = %s
"""
_UNREADABLE_SCHEMA = """
    select from pg_namespace as n
    where n.nspname = %s and not exists (
        select from pg_roles as r where r.rolname = %s and has_schema_privilege(r.oid, n.oid, 'usage')
    )
"""
_UNREADABLE_TABLE = """
    select from pg_class as c
    where c.relnamespace = to_regnamespace(%s) and c.relkind in ('r', 'p', 'v', 'm') and (%s::text is null or c.relname = %s)
      and not exists (select from pg_roles as r where r.rolname = %s and has_table_privilege(r.oid, c.oid, 'select'))
"""
_IS_MEMBER = """
    select from pg_auth_members as m
    where pg_get_userbyid(m.roleid) = %s and pg_get_userbyid(m.member) = %s
"""
_DEFAULT_READ = """
    select from pg_default_acl as d, aclexplode(d.defaclacl) as a
    where d.defaclnamespace = to_regnamespace(%s) and d.defaclobjtype = 'r' and a.privilege_type = 'SELECT'
      and pg_get_userbyid(d.defaclrole) = %s and pg_get_userbyid(a.grantee) = %s
"""


def missing_statements(connection: Connection, county_readers: Sequence[str] = ()) -> list[sql.Composed]:
    """Returns what is left to do for roles, owners and grants, in an order in which a database administrator can run it.

    `county_readers` are the codes of the counties and zones that have a role of their own.
    Schemas and tables that do not exist yet count for nothing: the migrations create them, and their owner sets their rights.
    """
    return [
        *_missing_roles(connection),
        *_missing_on_database(connection),
        *_missing_of_counties(connection, county_readers),
        *_missing_in_schemas(connection),
    ]


def _missing_roles(connection: Connection) -> Iterator[sql.Composed]:
    for role in ROLES:
        if not role_exists(connection, role):
            yield sql.SQL("create role {} login").format(sql.Identifier(role))
    for role in (OWNER, COUNTY_READERS):
        if not role_exists(connection, role):
            yield sql.SQL("create role {} nologin").format(sql.Identifier(role))
    # Who migrates gives what it made to these roles, and changes it at the next upgrade. A role of ours has what is its own.
    user = connection.info.user
    if user not in ROLES:
        for role in (OWNER, *SCHEMAS_OF):
            if not _is_member(connection, role):
                yield sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(user))


def _missing_on_database(connection: Connection) -> Iterator[sql.Composed]:
    database, user = sql.Identifier(connection.info.dbname), connection.info.user
    if _lacks_schemas(connection) and not _may_create_schemas(connection):
        yield sql.SQL("grant create on database {} to {}").format(database, sql.Identifier(user))
    for privilege in ("temporary", "create"):
        if _is_granted(connection, privilege, "public"):
            yield sql.SQL("revoke {} on database {} from public").format(sql.SQL(privilege), database)
    if fetch_one(connection, _PUBLIC_MAY_CREATE) is not None:
        yield sql.SQL("revoke create on schema public from public").format()
    for role in ROLES:
        for privilege in ("connect", "temporary") if role in SCHEMAS_OF else ("connect",):
            if not _is_granted(connection, privilege, role):
                yield sql.SQL("grant {} on database {} to {}").format(sql.SQL(privilege), database, sql.Identifier(role))
    yield from limit_statements(connection, READER, search_path="bi")
    yield from large_object_statements(connection)


def _missing_of_counties(connection: Connection, codes: Sequence[str]) -> Iterator[sql.Composed]:
    group, database = sql.Identifier(COUNTY_READERS), sql.Identifier(connection.info.dbname)
    if not _is_granted(connection, "connect", COUNTY_READERS):
        yield sql.SQL("grant connect on database {} to {}").format(database, group)
    for role in map(county_role, codes):
        if not role_exists(connection, role):
            yield sql.SQL("create role {} login").format(sql.Identifier(role))
        if fetch_one(connection, _IS_MEMBER, [COUNTY_READERS, role]) is None:
            yield sql.SQL("grant {} to {}").format(group, sql.Identifier(role))
        yield from limit_statements(connection, role, search_path="bi_county")


def _missing_in_schemas(connection: Connection) -> Iterator[sql.Composed]:
    yield from _other_owners(connection)
    yield from rights_statements(connection, LEDGER_READ_BY_TRANSFORMER)
    yield from _missing_read(connection, "raw", TRANSFORMER, LOADER)
    yield from _missing_usage(connection, "ops", TRANSFORMER)
    for name in LEDGER_READ_BY_TRANSFORMER:
        if fetch_one(connection, _UNREADABLE_TABLE, ["ops", name, name, TRANSFORMER]) is not None:
            yield sql.SQL("grant select on {} to {}").format(sql.Identifier("ops", name), sql.Identifier(TRANSFORMER))
    for reader, schemas in SCHEMAS_READ_BY.items():
        for schema in schemas:
            yield from _missing_read(connection, schema, reader, TRANSFORMER)
    for role in SCHEMAS_OF:
        yield from _missing_usage(connection, "release", role)


def _other_owners(connection: Connection) -> Iterator[sql.Composed]:
    """Yields what gives schemas, relations and functions to their owners; schemas first, as an owner must be able to create."""
    for schema, role in OWNER_OF_SCHEMA.items():
        if fetch_one(connection, _SCHEMA_OF_OTHER_OWNER, [schema, role]) is not None:
            yield sql.SQL("alter schema {} owner to {}").format(sql.Identifier(schema), sql.Identifier(role))
    if fetch_one(connection, "select where to_regnamespace('ops') is not null") is not None:
        for privilege in ("usage", "create"):
            if fetch_one(connection, _SCHEMA_GRANT, ["ops", LOADER, privilege.upper()]) is None:
                yield sql.SQL("grant {} on schema ops to {}").format(sql.SQL(privilege), sql.Identifier(LOADER))
    works_in = {schema: role for role, schemas in SCHEMAS_OF.items() for schema in schemas}
    schemas = list(OWNER_OF_SCHEMA)
    for found in fetch_all(connection, _RELATIONS, [schemas]):
        owner = owner_of_relation(found["schema"], found["name"]) or works_in[found["schema"]]
        if found["owner"] != owner:
            name = sql.Identifier(found["schema"], found["name"])
            yield sql.SQL("alter table {} owner to {}").format(name, sql.Identifier(owner))
    for found in fetch_all(connection, _FUNCTIONS, [schemas]):
        own = owner_of_function(found["schema"], found["name"])
        owner = own or works_in[found["schema"]]
        if found["owner"] != owner and (own or found["is_definer"]):
            # The name and its arguments come quoted from the catalog.
            yield sql.SQL("alter function {} owner to {}").format(sql.SQL(found["signature"]), sql.Identifier(owner))


def _missing_read(connection: Connection, schema: str, reader: str, owner: str) -> Iterator[sql.Composed]:
    """Yields the grants to read all tables of a schema, and all that its owner will add."""
    where, who = sql.Identifier(schema), sql.Identifier(reader)
    yield from _missing_usage(connection, schema, reader)
    if fetch_one(connection, _UNREADABLE_TABLE, [schema, None, None, reader]) is not None:
        yield sql.SQL("grant select on all tables in schema {} to {}").format(where, who)
    is_there = fetch_one(connection, "select from pg_namespace where nspname = %s", [schema]) is not None
    if is_there and fetch_one(connection, _DEFAULT_READ, [schema, owner, reader]) is None:
        yield sql.SQL("alter default privileges for role {} in schema {} grant select on tables to {}").format(
            sql.Identifier(owner), where, who
        )


def _missing_usage(connection: Connection, schema: str, reader: str) -> Iterator[sql.Composed]:
    if fetch_one(connection, _UNREADABLE_SCHEMA, [schema, reader]) is not None:
        yield sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(schema), sql.Identifier(reader))


def _is_granted(connection: Connection, privilege: str, grantee: str) -> bool:
    return fetch_one(connection, _DATABASE_GRANT, [privilege.upper(), grantee, grantee]) is not None


def _is_member(connection: Connection, role: str) -> bool:
    """Returns whether the current user may act as the role. Since PostgreSQL 16, who creates a role is a member that may not."""
    kind = "set" if connection.info.server_version >= 160000 else "member"
    query = (
        "select bool_and(pg_has_role(r.oid, %s) and pg_has_role(r.oid, 'usage')) as may from pg_roles as r where r.rolname = %s"
    )
    row = fetch_one(connection, query, [kind, role])
    return row is not None and bool(row["may"])


def _lacks_schemas(connection: Connection) -> bool:
    wanted = [schema for schemas in SCHEMAS_OF.values() for schema in schemas]
    row = fetch_one(connection, "select count(*) as count from pg_namespace where nspname = any(%s)", [wanted])
    return row is None or row["count"] < len(wanted)


def _may_create_schemas(connection: Connection) -> bool:
    row = fetch_one(connection, "select has_database_privilege(current_database(), 'create') as may")
    return row is not None and bool(row["may"])
