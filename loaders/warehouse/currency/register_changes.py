"""Entries that a new register lacks although the one before listed them, without a closing date: its owner is asked.

Earlier periods keep such entries (`ops.register_span`, docs/adr/0019); from the new register on they count no more.
"""

from __future__ import annotations

from psycopg import sql

from loaders.contract import ColumnType, KeyScope, Replaces, Report
from loaders.messages import issue_of
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.rows.conflicting_rows import key_text
from loaders.warehouse.schema.key_index import key_columns, table_of
from loaders.warehouse.submission import Submission

REGISTER_ENTRIES_MISSING = "register_entries_missing"
_MAX_EXAMPLES = 3
_PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
# A row that was rejected lists its entry all the same. `except` compares all entries at once, where a join could not, because of
# keys that may be empty.
_MISSING = """
    with missing as materialized (
        select {entry} from {table} as r
        where r._submission_id = %(old)s and r._superseded_by is distinct from r._submission_id and {is_open}
        except
        select {entry} from {table} as r where r._submission_id = %(new)s
    )
    select r.*, count(*) over () as missing_count
    from {table} as r
    where r._submission_id = %(old)s and r._superseded_by is distinct from r._submission_id and {is_open}
      and exists (select from missing as n where {same_entry})
      and not exists (
          select from quarantine.row as q where q.submission_id = %(new)s and q.state <> 'released' and {same_record}
      )
    order by r._sheet, r._row
    limit %(examples)s
"""


def record_missing_entries(connection: Connection, report: Report, old: Submission, new: Submission) -> None:
    """Writes one issue about the entries of the register before that a new register lacks."""
    if report.replaces is not Replaces.REGISTER or report.key_scope is KeyScope.DOCUMENT:
        return
    entry = [name for name in report.key if report.column(name).type not in _PERIOD_TYPES]
    if not entry:
        return
    parameters = {"old": old.submission_id, "new": new.submission_id, "examples": _MAX_EXAMPLES}
    rows = fetch_all(connection, _compose(report, entry), parameters)
    if not rows:
        return
    issue = issue_of(
        REGISTER_ENTRIES_MISSING,
        found=str(rows[0]["missing_count"]),
        name=old.source_uri.rsplit("/", 1)[-1],
        examples="；".join(key_text(report, row) for row in rows),
    )
    # Each register is asked about by itself.
    IssueLog(connection, report, new).write_about([(issue, new.sha256)])


def _compose(report: Report, entry: list[str]) -> sql.Composed:
    raw_names = dict(zip(report.key, key_columns(report), strict=True))
    equal = sql.SQL("r.{0} is not distinct from n.{0}")
    # Keys of people are kept as hashes, and in quarantine as masks: any rejected row may be the entry.
    shown = [name for name in entry if not report.column(name).is_personal]
    recorded = [
        sql.SQL("q.record ->> {} is not distinct from r.{}::text").format(sql.Literal(name), sql.Identifier(name))
        for name in shown
    ]
    closing = report.closing_column
    return sql.SQL(_MISSING).format(
        table=table_of(report),
        entry=sql.SQL(", ").join([sql.Identifier("r", raw_names[name]) for name in entry]),
        is_open=sql.SQL("true") if closing is None else sql.SQL("r.{} is null").format(sql.Identifier(closing)),
        same_entry=sql.SQL(" and ").join([equal.format(sql.Identifier(raw_names[name])) for name in entry]),
        same_record=sql.SQL(" and ").join(recorded) if recorded else sql.SQL("true"),
    )
