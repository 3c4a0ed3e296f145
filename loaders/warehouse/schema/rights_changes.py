"""Changes of roles and rights that were made by the program, as events of the audit log."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.warehouse.connection import Connection, fetch_one

_MAY = """
    select from pg_proc as p
    where p.pronamespace = to_regnamespace('ops') and p.proname = 'record_rights_change'
      and has_function_privilege(p.oid, 'execute') and has_schema_privilege(p.pronamespace, 'usage')
"""


def record_rights_changes(connection: Connection, statements: Iterable[str]) -> bool:
    """Adds an event per statement, in the transaction that ran them. Returns whether the log is there and the user may add to it.

    The statements hold no password.
    """
    if fetch_one(connection, _MAY) is None:
        return False
    for statement in statements:
        connection.execute("select ops.record_rights_change(%s)", [statement])
    return True
