"""Who may do what in a database, read from PostgreSQL's catalogs: one row per role and object, with its verbs.

All schemas but the server's own are looked at, and what was granted beyond a fresh server's rights in those.
"""

from __future__ import annotations

from typing import NamedTuple

from loaders.warehouse.connection import Connection, connect, fetch_all

# Owners may do all with what is theirs, so that their rights are one word. A star: may be granted on.
_GRANTS = """
    with own_schemas as (
        select oid, nspname, nspowner, nspacl from pg_namespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
    ),
    relations as (
        select c.oid, c.relowner, c.relacl, c.relkind, n.nspname, c.relname,
            case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'view' when 'f' then 'foreign table'
                else 'table' end as kind
        from pg_class as c
        inner join own_schemas as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
          and not (c.relkind = 'S' and exists (
              select from pg_depend as d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relacl is null
          ))
    ),
    functions as (
        select p.oid, p.proowner, p.proacl, case when p.prosecdef then 'definer function' else 'function' end as kind,
            n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as name
        from pg_proc as p
        inner join own_schemas as n on n.oid = p.pronamespace
    ),
    objects as (
        select 'database' as kind, '(this database)' as name, datdba as owner, coalesce(datacl, acldefault('d', datdba)) as acl
        from pg_database where datname = current_database()
        union all
        select 'schema', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner)) from own_schemas
        union all
        select kind, nspname || '.' || relname, relowner, relacl from relations
        union all
        select kind, name, proowner, coalesce(proacl, acldefault('f', proowner)) from functions
        union all
        select 'tablespace', spcname, spcowner, spcacl from pg_tablespace where spcacl is not null
        union all
        select 'language', lanname, lanowner, coalesce(lanacl, acldefault('l', lanowner)) from pg_language where lanpltrusted
        union all
        select 'foreign server', srvname, srvowner, srvacl from pg_foreign_server
    ),
    granted as (
        select a.grantee as role, o.kind, o.name, lower(a.privilege_type) as verb, a.is_grantable
        from objects as o, aclexplode(o.acl) as a where a.grantee <> o.owner
        union all
        select owner, kind, name, 'owner', false from objects where kind not in ('tablespace', 'language')
        union all
        select a.grantee, 'column', r.nspname || '.' || r.relname || '.' || c.attname, lower(a.privilege_type), a.is_grantable
        from pg_attribute as c inner join relations as r on r.oid = c.attrelid, aclexplode(c.attacl) as a
        where a.grantee <> r.relowner
        union all
        -- What a fresh server grants in its own schemas is everybody's, or that of its predefined roles.
        select a.grantee, 'system function', p.oid::regprocedure::text, lower(a.privilege_type), a.is_grantable
        from pg_proc as p, aclexplode(p.proacl) as a
        where p.pronamespace = 'pg_catalog'::regnamespace and a.grantee <> p.proowner and not exists (
            select from aclexplode(coalesce(
                (select i.initprivs from pg_init_privs as i where i.objoid = p.oid and i.classoid = 'pg_proc'::regclass),
                acldefault('f', p.proowner)
            )) as b where (b.grantee, b.privilege_type) = (a.grantee, a.privilege_type)
        )
        union all
        select a.grantee, 'system table', c.oid::regclass::text, lower(a.privilege_type), a.is_grantable
        from pg_class as c, aclexplode(c.relacl) as a
        where c.relnamespace = 'pg_catalog'::regnamespace and a.grantee <> c.relowner and not exists (
            select from pg_init_privs as i, aclexplode(i.initprivs) as b
            where i.objoid = c.oid and i.classoid = 'pg_class'::regclass and i.objsubid = 0
              and (b.grantee, b.privilege_type) = (a.grantee, a.privilege_type)
        )
        union all
        select a.grantee, 'setting', p.parname, lower(a.privilege_type), a.is_grantable
        from pg_parameter_acl as p, aclexplode(p.paracl) as a where a.grantee <> 10
        union all
        select a.grantee, 'new ' || case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                when 'f' then 'functions' when 'n' then 'schemas' else d.defaclobjtype::text end,
            coalesce(d.defaclnamespace::regnamespace::text, '(any schema)') || ' by ' || pg_get_userbyid(d.defaclrole),
            lower(a.privilege_type), a.is_grantable
        from pg_default_acl as d, aclexplode(d.defaclacl) as a where a.grantee <> d.defaclrole
        union all
        select m.member, 'member of', pg_get_userbyid(m.roleid),
            concat_ws(' ', 'member', case when m.admin_option then 'admin' end), false
        from pg_auth_members as m where m.member >= 16384
        union all
        select r.oid, 'role', '(the server)', v.verb, false
        from pg_roles as r, lateral (values
            ('superuser', r.rolsuper), ('create role', r.rolcreaterole), ('create database', r.rolcreatedb),
            ('log in', r.rolcanlogin), ('replicate', r.rolreplication), ('bypass row security', r.rolbypassrls)
        ) as v (verb, may)
        where v.may and r.oid >= 16384
    )
    select case when role = 0 then 'public' else pg_get_userbyid(role) end as role, kind, name as object,
        string_agg(verb || case when is_grantable then '*' else '' end, ', '
            order by verb <> 'owner', verb collate "C") as verbs
    from granted
    group by 1, 2, 3
"""


class Permission(NamedTuple):
    """What a role may do with an object; `public` stands for every role. A verb with a star may be granted on."""

    role: str
    kind: str
    object: str
    verbs: str


def permissions(url: str) -> list[Permission]:
    """Returns the matrix of roles, objects and verbs, by kind and object. Any role may read the catalogs that it comes from."""
    with connect(url) as connection:
        return read_permissions(connection)


def read_permissions(connection: Connection) -> list[Permission]:
    """Returns the matrix as a transaction sees it."""
    found = [Permission(**row) for row in fetch_all(connection, _GRANTS)]
    return sorted(found, key=lambda one: (one.kind, one.object, one.role))
