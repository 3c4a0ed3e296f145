"""Rows of keys that a source no longer has, where each key is a scope and every document of a location is a full snapshot.

The answer of an API, or a view, is all that its location has: a key of an earlier snapshot that the newest lacks is gone. (A file
is no full snapshot: it brings new and changed items.) With `when_gone: close` in the contract, the newest snapshot closes the
rows of such keys; otherwise they stay, with an issue each. A row that the newest snapshot has and that was rejected is not gone.
When more keys vanish at once than `gone_limit_pct` allows, no row is closed, and one issue says so.
"""

from __future__ import annotations

from typing import Any

from psycopg import sql

from loaders.contract import Report, WhenGone
from loaders.messages import issue_of
from loaders.model import Issue
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.currency.gone_documents import GONE
from loaders.warehouse.currency.reinstatement import make_next_current
from loaders.warehouse.currency.supersession import NEWEST_REVISION, record_supersession
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.precedence import highest_first
from loaders.warehouse.rows.conflicting_rows import key_text
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, Submission, submissions_by_id

MANY_GONE = "many_gone_from_source"
_MAX_ISSUES = 1_000
_NEWEST = f"""
    select s.* from ops.submission as s
    where s.report = %s and s.source_uri = %s and s.state = any(%s) and {NEWEST_REVISION}
    order by {highest_first("s")}
    limit 1
"""  # noqa: S608 - the condition is a text of this package
_GONE_ROWS = """
    select r.* from {table} as r
    inner join ops.submission as s on s.submission_id = r._submission_id
    where s.source_uri = %(uri)s and r._superseded_at is null and r._submission_id <> %(newest)s
      and not exists (
          select from quarantine.row as q
          where q.submission_id = %(newest)s and q.state in ('open', 'notified') and {same_key}
      )
    order by r._submission_id, r._sheet, r._row
"""
_CLOSE = """
    update {table} as r set _superseded_at = now(), _superseded_by = %s
    from unnest(%s::bigint[], %s::text[], %s::integer[]) as p (submission_id, sheet, row_number)
    where r._submission_id = p.submission_id and r._sheet = p.sheet and r._row = p.row_number and r._superseded_at is null
"""
_WITHOUT_CURRENT_ROWS = """
    select s.* from ops.submission as s
    where s.report = %s and s.source_uri = %s and s.submission_id <> %s and s.state = any(%s)
      and not exists (select from {table} as r where r._submission_id = s.submission_id and r._superseded_at is null)
"""
_CURRENT_COUNT = """
    select count(*) as rows_count from {table} as r inner join ops.submission as s on s.submission_id = r._submission_id
    where s.source_uri = %s and r._superseded_at is null
"""
_RESOLVE = """
    update ops.issue as i set resolved_at = now() from ops.submission as s
    where s.submission_id = i.submission_id and s.report = %s and s.source_uri = %s and i.rule = any(%s) and i.resolved_at is null
"""


def process_gone_keys(connection: Connection, report: Report, uri: str) -> None:
    """Closes the rows of keys that the newest document of a location lacks, or writes an issue for each."""
    if not report.has_full_snapshots:
        return
    row = fetch_one(connection, _NEWEST, [report.report, uri, list(LOADED_STATES)])
    if row is None:
        return
    newest = Submission.from_row(row)
    gone_rows = fetch_all(connection, _compose(_GONE_ROWS, report), {"uri": uri, "newest": newest.submission_id})
    is_within_limit = len(gone_rows) <= max(1, _count_current(connection, report, uri) * report.gone_limit_pct / 100)
    is_closed = is_within_limit and report.when_gone is WhenGone.CLOSE
    if not is_closed:
        connection.execute(_RESOLVE, [report.report, uri, [GONE, MANY_GONE]])
    if is_closed:
        _close(connection, report, gone_rows, newest)
    if gone_rows:
        _write_issues(connection, report, newest, gone_rows, is_within_limit=is_within_limit)


def _close(connection: Connection, report: Report, rows: list[dict[str, Any]], newest: Submission) -> None:
    places = [[row[name] for row in rows] for name in ("_submission_id", "_sheet", "_row")]
    connection.execute(_compose(_CLOSE, report), [newest.submission_id, *places])
    for owner in submissions_by_id(connection, {row["_submission_id"] for row in rows}).values():
        make_next_current(connection, report, owner, newest)
    # An earlier state of the place that has no current row left is replaced, its rejected rows included.
    for row in fetch_all(
        connection,
        _compose(_WITHOUT_CURRENT_ROWS, report),
        [report.report, newest.source_uri, newest.submission_id, list(CURRENT_STATES)],
    ):
        record_supersession(connection, Submission.from_row(row), newest)


def _write_issues(
    connection: Connection, report: Report, newest: Submission, rows: list[dict[str, Any]], *, is_within_limit: bool
) -> None:
    log = IssueLog(connection, report, newest)
    if not is_within_limit:
        # Each document is asked about by itself: confirming one says nothing of the next.
        many = _many_gone_issue(report, len(rows), _count_current(connection, report, newest.source_uri))
        log.write_about([(many, newest.sha256)])
        return
    is_closed = report.when_gone is WhenGone.CLOSE
    keys = [key_text(report, row) for row in rows[:_MAX_ISSUES]]
    log.write_about((_gone_key_issue(report, key, is_closed=is_closed), key) for key in keys)


def _count_current(connection: Connection, report: Report, uri: str) -> int:
    row = fetch_one(connection, _compose(_CURRENT_COUNT, report), [uri])
    return int(row["rows_count"]) if row else 0


def _gone_key_issue(report: Report, key: str, *, is_closed: bool) -> Issue:
    headers = "、".join(report.column(name).header for name in report.key)
    code = "gone_from_source.closed_key" if is_closed else "gone_from_source.key"
    return issue_of(code, column=report.key[0], found=key, headers=headers)


def _many_gone_issue(report: Report, gone: int, current: int) -> Issue:
    return issue_of(MANY_GONE, found=str(gone), current=current, limit=f"{report.gone_limit_pct:g}%")


def _compose(statement: str, report: Report) -> sql.Composed:
    names = [name for name in report.key if not report.column(name).is_personal]
    same_key = sql.SQL(" and ").join(
        [sql.SQL("q.record ->> {} = r.{}::text").format(sql.Literal(name), sql.Identifier(name)) for name in names]
    )
    # Keys of people are kept as hashes: which of them a rejected row had, nobody can say, so any may be there still.
    return sql.SQL(statement).format(table=table_of(report), same_key=same_key if names else sql.SQL("true"))
