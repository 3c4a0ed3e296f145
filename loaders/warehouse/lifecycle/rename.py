"""A report goes on under another name: its raw table, its ledger and its notices, in the caller's transaction.

Every table of `ops` with a column `report` is updated, found in the catalog, so that no table is forgotten; what is append-only,
by the one function that may. Issues keep their identity, which is made with the report's first name; so nobody is notified twice.
A process that dies leaves the old name.
"""

from __future__ import annotations

from psycopg import sql

from loaders.contract import Report
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.ledger.submissions import lock_name
from loaders.warehouse.schema.append_only import LEDGER_RIGHTS
from loaders.warehouse.schema.key_index import rename_key_index
from loaders.warehouse.schema.raw_tables import RawTableMismatch, lock_raw_tables, replace_cell_text, set_aside_empty

_IS_KNOWN = """
    select where exists (select from ops.submission where report = %(name)s)
        or exists (select from ops.pull where report = %(name)s)
        or to_regclass(%(table)s) is not null
"""
_LEDGER_TABLES = """
    select c.relname as name
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attname = 'report' and not a.attisdropped
    where c.relnamespace = 'ops'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all(%s)
    order by c.relname
"""
# What a look at the source leaves under a name of which no document was loaded; in the order of their references.
_LEFT_BY_PULLS = (
    *("watermark", "waiting_file", "known_version", "gone_document", "reporting_unit", "reporting_spell", "obligation"),
    "pull",
)
# `fetch:visit`, `vanished:visit:operators`
_NOTICE_PATTERN = "^([a-z]+):{}(?=:|$)"
_RESOLVE_NOTICES = "update ops.notice set resolved_at = now() where topic ~ %s and resolved_at is null"
_RENAME_NOTICES = "update ops.notice set topic = regexp_replace(topic, %(pattern)s, %(new)s) where topic ~ %(pattern)s"
_RENAME_CROSS_ISSUES = """
    update ops.issue set cross_rule = %(new)s || substr(cross_rule, length(%(old)s) + 1)
    where starts_with(cross_rule, %(old)s || '.')
"""
_FORGET_CROSS_RULES = "delete from ops.cross_rule where split_part(cross_rule, '.', 1) in (%s, %s)"


def take_over_former_names(connection: Connection, report: Report) -> list[str]:
    """Moves all that is kept under a former name of the report to its present one.

    Returns:
        The names that were taken over; empty when there is nothing to do.

    Raises:
        RawTableMismatch: documents were loaded under both names.
    """
    if not any(_is_known(connection, name) for name in report.formerly):
        return []
    # The order in which a load, and a person's decision, take these locks.
    lock_raw_tables(connection)
    for purpose in ("register", "load"):
        for name in sorted({*report.formerly, report.report}):
            lock_name(connection, name, purpose)
    found = [name for name in report.formerly if _is_known(connection, name)]
    for name in found:
        _rename(connection, name, report.report)
    return found


def _rename(connection: Connection, old: str, new: str) -> None:
    is_old_loaded = _is_loaded(connection, old)
    if is_old_loaded and _is_loaded(connection, new):
        raise RawTableMismatch(
            f"report={new} formerly: expected documents under {old} or under {new}, found both; take {old} out of formerly and "
            f"purge it (huimin purge {old}), or purge {new}"
        )
    without_documents = new if is_old_loaded else old
    for table in _LEFT_BY_PULLS:
        statement = sql.SQL("delete from {} where report = %s").format(sql.Identifier("ops", table))
        connection.execute(statement, [without_documents])
    set_aside_empty(connection, without_documents)
    connection.execute("select ops.rename_append_only(%s, %s)", [old, new])
    for row in fetch_all(connection, _LEDGER_TABLES, [list(LEDGER_RIGHTS)]):
        statement = sql.SQL("update {} set report = %s where report = %s").format(sql.Identifier("ops", row["name"]))
        connection.execute(statement, [new, old])
    connection.execute(_RESOLVE_NOTICES, [_NOTICE_PATTERN.format(new)])
    connection.execute(_RENAME_NOTICES, {"pattern": _NOTICE_PATTERN.format(old), "new": rf"\1:{new}"})
    connection.execute(_RENAME_CROSS_ISSUES, {"old": old, "new": new})
    connection.execute(_FORGET_CROSS_RULES, [old, new])
    if is_old_loaded:
        rename = sql.SQL("alter table {} rename to {}")
        connection.execute(rename.format(sql.Identifier("raw", old), sql.Identifier(new)))
        rename_key_index(connection, old, new)
        replace_cell_text(connection)


def _is_known(connection: Connection, name: str) -> bool:
    return fetch_one(connection, _IS_KNOWN, {"name": name, "table": f'raw."{name}"'}) is not None


def _is_loaded(connection: Connection, name: str) -> bool:
    return fetch_one(connection, "select from ops.submission where report = %s limit 1", [name]) is not None
