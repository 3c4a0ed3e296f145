"""Planner statistics of the loader's tables, refreshed before a build reads them."""

from __future__ import annotations

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.schema.append_only import LEDGER_RIGHTS
from loaders.warehouse.schema.roles import LOADER, SCHEMAS_OF

# Autovacuum runs once per minute at best: right after the first load there are no statistics, and a query planned without them
# may take hours.
_STALE_TABLES = """
    select s.schemaname as schema, s.relname as name, pg_has_role(c.relowner, 'usage') as is_own
    from pg_stat_user_tables as s
    inner join pg_class as c on c.oid = s.relid
    where s.schemaname = any(%s)
      and (
          coalesce(s.last_analyze, s.last_autoanalyze) is null
          or s.n_mod_since_analyze > 1000 + 0.5 * greatest(c.reltuples, 0)
      )
      and (pg_has_role(c.relowner, 'usage') or (s.schemaname = 'ops' and s.relname = any(%s)))
    order by s.schemaname, s.relname
"""


def analyze_changed(connection: Connection) -> list[str]:
    """Analyzes the tables of ledger, quarantine and raw that were never analyzed, or of which more than half changed since.

    Returns:
        Their names.
    """
    tables = fetch_all(connection, _STALE_TABLES, [list(SCHEMAS_OF[LOADER]), list(LEDGER_RIGHTS)])
    for table in tables:
        if table["is_own"]:
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(table["schema"], table["name"])))
        else:
            connection.execute("select ops.analyze_append_only(%s)", [table["name"]])
    return [f"{table['schema']}.{table['name']}" for table in tables]
