"""Triggers of the raw tables: each statement that changes rows records the submissions that it touched.

A build reads them to recompute only what loads reached. Triggers see changes by hand too, which no caller could forget.
"""

from __future__ import annotations

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_one

_TRIGGERS = {
    "touched_by_insert": "after insert on {} referencing new table as new_rows",
    "touched_by_update": "after update on {} referencing old table as old_rows new table as new_rows",
    "touched_by_delete": "after delete on {} referencing old table as old_rows",
    "touched_by_truncate": "before truncate on {}",
}
_MISSING = "select where (select count(*) from pg_trigger where tgrelid = to_regclass(%s) and tgname = any(%s)) < %s"


def ensure_touch_triggers(connection: Connection, report: str) -> None:
    """Creates the triggers of a report's raw table, unless it has them."""
    arguments = [f'raw."{report}"', list(_TRIGGERS), len(_TRIGGERS)]
    if fetch_one(connection, _MISSING, arguments) is None:
        return
    for name, event in _TRIGGERS.items():
        statement = f"create or replace trigger {{}} {event} for each statement execute function ops.record_touched_submissions()"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier("raw", report)))
