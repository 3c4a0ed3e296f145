"""Queries of the ledger: the account of every file, the status of every report, held documents, and fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all, fetch_one

Rows = list[dict[str, Any]]


_ACCOUNT = """
    select report, unit_code as unit, period, source_uri as file, sha256, state, rows_total, rows_loaded, rows_quarantined,
        rows_furniture, difference, revision_number, stamped_on
    from ops.account
    order by report, period, unit_code, source_uri, sha256
"""
_STATUS = """
    with submissions as (
        select report,
            count(*) filter (where state = 'landed') as landed,
            count(*) filter (where state = 'accepted') as accepted,
            count(*) filter (where state = 'accepted_with_rejects') as accepted_with_rejects,
            count(*) filter (where state = 'rejected') as rejected,
            count(*) filter (where state = 'superseded') as superseded,
            count(*) filter (where state = 'duplicate') as duplicate,
            count(*) filter (where state = 'withdrawn') as withdrawn,
            max(loaded_at) as last_loaded_at
        from ops.submission group by report
    ),
    quarantined as (
        select s.report, count(*) as open_rows
        from quarantine.row as q
        inner join ops.submission as s on s.submission_id = q.submission_id
        where q.state in ('open', 'notified')
        group by s.report
    ),
    owed as (
        select report,
            count(*) filter (where is_missing) as missing_submissions,
            count(*) filter (where not is_received and not is_missing) as not_yet_due
        from ops.reporting_status where is_expected group by report
    )
    select report, coalesce(s.landed, 0) as landed, coalesce(s.accepted, 0) as accepted,
        coalesce(s.accepted_with_rejects, 0) as accepted_with_rejects, coalesce(s.rejected, 0) as rejected,
        coalesce(s.superseded, 0) as superseded, coalesce(s.duplicate, 0) as duplicate, coalesce(s.withdrawn, 0) as withdrawn,
        coalesce(h.open_rows, 0) as open_rows, coalesce(o.missing_submissions, 0) as missing_submissions,
        coalesce(o.not_yet_due, 0) as not_yet_due, w.cursor as watermark, s.last_loaded_at
    from submissions as s
    full join owed as o using (report)
    left join quarantined as h using (report)
    left join ops.watermark as w using (report)
    order by report
"""
_HELD = """
    select s.submission_id, s.report, s.unit_code as unit, s.period, s.source_uri as file, s.rows_accepted as rows,
        s.arrived_at, s.state_reason as reason
    from ops.submission as s
    where s.state = 'rejected' and s.rows_accepted is not null
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.submission_id > s.submission_id
      )
    order by s.report, s.period, s.unit_code, s.submission_id
"""
_BATCH_COUNTS = """
    select count(*)::int as documents, coalesce(sum(rows_loaded), 0)::int as rows_loaded,
        coalesce(sum(rows_quarantined), 0)::int as rows_quarantined, coalesce(sum(rows_furniture), 0)::int as rows_furniture
    from ops.submission where submission_id = any(%s)
"""
_LEDGER_FINGERPRINT = """
    select concat_ws(':', count(*), count(loaded_at), max(loaded_at), count(*) filter (where state = 'withdrawn')) as fingerprint
    from ops.submission
"""
_CROSS_ISSUES_FINGERPRINT = """
    select concat_ws(':', max(issue_id), count(resolved_at), max(resolved_at)) as fingerprint
    from ops.issue where cross_rule is not null
"""


def batch_counts(connection: Connection, submission_ids: Sequence[int]) -> dict[str, int]:
    """Returns `documents`, `rows_loaded`, `rows_quarantined` and `rows_furniture` of some submissions."""
    return dict(fetch_one(connection, _BATCH_COUNTS, [list(submission_ids)]) or {})


def account(connection: Connection) -> Rows:
    """Returns one row per landed file: report, unit, period, file, sha256, state, its row counts, and the difference."""
    return fetch_all(connection, _ACCOUNT)


def status(connection: Connection) -> Rows:
    """Returns one row per report: submissions by state, rows in quarantine, what is overdue and not yet due, watermark."""
    return fetch_all(connection, _STATUS)


def held_documents(connection: Connection) -> Rows:
    """Returns one row per document that is held for its length and that its location still shows, with the reason."""
    return fetch_all(connection, _HELD)


def ledger_fingerprint(connection: Connection) -> str:
    """Returns a text that changes with every submission that is landed, loaded, superseded or withdrawn."""
    row = fetch_one(connection, _LEDGER_FINGERPRINT)
    return str(row["fingerprint"]) if row else ""


def cross_issues_fingerprint(connection: Connection) -> str:
    """Returns a text that changes with the issues of cross-report rules."""
    row = fetch_one(connection, _CROSS_ISSUES_FINGERPRINT)
    return str(row["fingerprint"]) if row else ""


def last_check_fingerprint(connection: Connection) -> str | None:
    """Returns what the cross-report rules were last run over; None before the first run."""
    row = fetch_one(connection, "select fingerprint from ops.cross_check order by check_id desc limit 1")
    return row["fingerprint"] if row else None


def record_check(connection: Connection, fingerprint: str) -> None:
    """Records what the cross-report rules were run over."""
    connection.execute("insert into ops.cross_check (fingerprint) values (%s)", [fingerprint])
