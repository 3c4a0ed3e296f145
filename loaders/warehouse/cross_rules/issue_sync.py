"""What the rules between reports find, beside what they found before: added, open again, or resolved."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from psycopg import sql

from loaders.contract import Report
from loaders.model import Issue
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.submission import Submission

_STAGE = """
    create temporary table cross_finding (
        cross_rule text, submission_id bigint, report text, unit_code text, period text, sheet text, row_number integer,
        column_name text, cell text, rule text, severity text, found text, expected text, message_zh text, message_en text,
        issue_key text
    ) on commit drop
"""
_COPY = "copy cross_finding from stdin"
# The same finding: of the same problem, at the same place, in the same words.
_SAME = sql.SQL(
    """
    i.cross_rule = f.cross_rule and i.submission_id = f.submission_id and i.issue_key = f.issue_key
    and i.row_number is not distinct from f.row_number and i.sheet is not distinct from f.sheet and i.message_zh = f.message_zh
    """
)
_REOPEN = """
    update ops.issue as i set resolved_at = null from cross_finding as f
    where i.cross_rule is not null and i.resolved_at is not null and {same}
"""
_ADD = """
    insert into ops.issue (
        cross_rule, submission_id, report, unit_code, period, sheet, row_number, column_name, cell, rule, severity, found,
        expected, message_zh, message_en, issue_key
    )
    select f.* from cross_finding as f
    where not exists (select from ops.issue as i where i.cross_rule is not null and {same})
    order by f.report, f.unit_code, f.period, f.submission_id, f.sheet, f.row_number, f.cross_rule
"""
_RESOLVE = """
    update ops.issue as i set resolved_at = now()
    where i.cross_rule is not null and i.resolved_at is null and i.cross_rule <> all(%s::text[])
      and not exists (select from cross_finding as f where {same})
"""
_OPEN = """
    select report, count(*) as issues_count from ops.issue where cross_rule is not null and resolved_at is null
    group by report order by report
"""


def create_staging_table(connection: Connection) -> None:
    """Make room for findings, until the transaction ends."""
    connection.execute(_STAGE)


def stage(
    connection: Connection, rule: str, report: Report, found: Iterable[tuple[Submission, list[tuple[Issue, str | None]]]]
) -> None:
    """Put what a rule found on documents of a report down; with each issue the record that it speaks of."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for submission, issues in found:
            log = IssueLog(connection, report, submission)
            for issue, record in issues:
                copy.write_row([rule, *log.row(issue, record)])


def sync_issues(connection: Connection, unchecked_rules: Collection[str]) -> dict[str, int]:
    """Bring the ledger's issues to what was found; those of `unchecked_rules` rules stay as they are.

    Returns:
        The open issues by the report whose owner is told.
    """
    connection.execute("analyze cross_finding")
    connection.execute(sql.SQL(_REOPEN).format(same=_SAME))
    connection.execute(sql.SQL(_ADD).format(same=_SAME))
    connection.execute(sql.SQL(_RESOLVE).format(same=_SAME), [list(unchecked_rules)])
    return {row["report"]: row["issues_count"] for row in fetch_all(connection, _OPEN)}
