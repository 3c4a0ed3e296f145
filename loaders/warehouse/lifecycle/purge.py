"""A report is purged: its rows, its quarantine and its part of the ledger are deleted, in one transaction.

The raw table stays, empty, because models read it. What stays of the report are a row in `ops.purge`, with the reason and the
counts, and the record of the messages that were sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import sql

from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.ledger.submissions import lock_name
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.schema.raw_tables import lock_raw_tables

_COUNT = """
    select
        (select count(*) from ops.submission where report = %(report)s) as submissions,
        (select count(*) from quarantine.row where submission_id in ({ids})) as quarantined,
        (select count(*) from ops.issue where report = %(report)s) as issues
""".replace("{ids}", "select submission_id from ops.submission where report = %(report)s")
# In the order of their references.
_DELETE = (
    "delete from ops.outbox_message as m using ops.notification as n"
    " where m.notification_id = n.notification_id and n.report = %(report)s",
    "delete from ops.conversation where report = %(report)s",
    "delete from ops.reminder where report = %(report)s",
    "delete from ops.notified_issue where issue_key in (select issue_key from ops.issue where report = %(report)s)",
    "delete from ops.issue where report = %(report)s",
    "delete from ops.issue_comparison where report = %(report)s",
    "delete from ops.uncompared_submission"
    " where submission_id in (select submission_id from ops.submission where report = %(report)s)",
    "delete from quarantine.row where submission_id in (select submission_id from ops.submission where report = %(report)s)",
    "delete from ops.watermark where report = %(report)s",
    "delete from ops.gone_document where report = %(report)s",
    "delete from ops.submission where report = %(report)s",
    "delete from ops.pull where report = %(report)s",
    "delete from ops.known_version where report = %(report)s",
    "delete from ops.waiting_file where report = %(report)s",
    "delete from ops.reporting_unit where report = %(report)s",
    "delete from ops.reporting_spell where report = %(report)s",
    "delete from ops.obligation where report = %(report)s",
    "delete from ops.cross_rule where split_part(cross_rule, '.', 1) = %(report)s",
    "delete from ops.notice where topic ~ ('^[a-z]+:' || %(report)s || '(:|$)')",
)
# Decisions, declarations and events are append-only: this function alone deletes them, and records the purge.
_PURGE_APPEND_ONLY = "select ops.purge_append_only(%s, %s, %s, %s, %s, %s, %s, %s)"


class NothingToPurge(WarehouseError):
    """A name under which nothing is kept; the message says so."""


@dataclass(frozen=True, slots=True)
class PurgeCounts:
    """How much of a report is kept: documents, rows in the raw table with all versions, quarantined rows, issues."""

    submissions: int
    rows: int
    quarantined: int
    issues: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not (self.submissions or self.rows or self.quarantined or self.issues)


def count(connection: Connection, report: str) -> PurgeCounts:
    """Counts what is kept of a report."""
    found = fetch_one(connection, _COUNT, {"report": report}) or {}
    rows = 0
    if _has_table(connection, report):
        statement = sql.SQL("select count(*) as rows_count from {}").format(sql.Identifier("raw", report))
        row = fetch_one(connection, statement)
        rows = int(row["rows_count"]) if row else 0
    return PurgeCounts(int(found["submissions"]), rows, int(found["quarantined"]), int(found["issues"]))


def purge(connection: Connection, report: str, *, why: str, by: str, files_count: int, has_records: bool) -> PurgeCounts:
    """Deletes all that is kept of a report, and records the decision with the counts.

    `has_records`: the landing has files of the report still, which a purge that was interrupted left behind.

    Raises:
        NothingToPurge: neither the ledger nor the landing keeps anything of the report.
    """
    lock_raw_tables(connection)
    for purpose in ("register", "load"):
        lock_name(connection, report, purpose)
    counts = count(connection, report)
    if counts.is_empty and not has_records:
        raise NothingToPurge(f"nothing is kept of {report}: expected the name of a report with documents, see `huimin status`")
    texts = [sanitize_text(why), sanitize_text(by)]
    numbers = [counts.submissions, counts.rows, counts.quarantined, counts.issues, files_count]
    connection.execute(_PURGE_APPEND_ONLY, [report, *texts, *numbers])
    for statement in _DELETE:
        connection.execute(statement, {"report": report})
    if _has_table(connection, report):
        connection.execute(sql.SQL("truncate {}").format(sql.Identifier("raw", report)))
    return counts


def hashes_of_others(connection: Connection, reports: Collection[str]) -> frozenset[str]:
    """Returns the hashes of all landed files that reports besides these have."""
    query = "select distinct sha256 from ops.submission where report <> all(%s)"
    return frozenset(row["sha256"] for row in fetch_all(connection, query, [list(reports)]))


def _has_table(connection: Connection, report: str) -> bool:
    return fetch_one(connection, "select where to_regclass(%s) is not null", [f'raw."{report}"']) is not None
