"""What the ledger must agree with: itself, the rows that it counts, and the documents that releases name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

Rows = list[dict[str, Any]]

_SUBMISSIONS = """
    select submission_id, report, source_uri, unit_code, period, source_modified_at, sha256, byte_size, arrived_at, effective_at
    from ops.submission order by submission_id
"""
_DECISIONS = """
    select d.decision_id, d.report, d.source_uri, d.sha256, d.decision, d.reason, d.decided_by, d.decided_at,
           s.submission_id is not null as has_document
    from ops.decision as d
    left join ops.submission as s
        on s.submission_id = d.submission_id and s.report = d.report and s.source_uri = d.source_uri and s.sha256 = d.sha256
    order by d.decision_id
"""
# A document that waits to be validated, or that is a duplicate, has no counts.
_COUNTS = """
    select report, source_uri, sha256, state, rows_total, rows_loaded, rows_quarantined, rows_furniture, raw_rows, held_rows
    from ops.account
    where state <> 'landed' and (
        difference <> 0
        or state in ('accepted', 'accepted_with_rejects') and (rows_loaded <> raw_rows or rows_quarantined <> held_rows)
    )
    order by report, source_uri, sha256
"""
_STATES = """
    select c.submission_id, s.report, s.source_uri, s.state, c.current_rows_count
    from ops.raw_row_count as c
    left join ops.submission as s on s.submission_id = c.submission_id
    where s.submission_id is null
       or c.current_rows_count > 0 and s.state not in ('accepted', 'accepted_with_rejects')
    order by c.submission_id
"""
# By content: a ledger that was rebuilt has other numbers. A purge takes a report away, and keeps that it did.
_RELEASED = """
    select r.release_number, r.report, r.unit_code, r.period_code as period, r.source_uri, r.sha256
    from release.submission as r
    where not exists (
        select from ops.submission as s
        where s.report = coalesce(%(present_names)s::jsonb ->> r.report, r.report) and s.unit_code = r.unit_code
          and s.period is not distinct from r.period_code and s.source_uri = r.source_uri and s.sha256 = r.sha256
    )
      and not exists (select from ops.purge as p where p.report = coalesce(%(present_names)s::jsonb ->> r.report, r.report))
    order by r.release_number, r.report, r.source_uri
"""


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """The ledger as it was read at `read_at`.

    `submissions` has what no load ever changes of each. `decisions` are about documents; `has_document` tells that the submission
    that one names is of its document. `wrong_counts` are documents whose counts are not those of their rows, `wrong_states`
    submissions with current rows that their state does not allow, and rows without a submission. `released_missing` are documents
    behind releases that the ledger does not have as they were.
    """

    read_at: dt.datetime
    submissions: Rows
    decisions: Rows
    wrong_counts: Rows
    wrong_states: Rows
    released_missing: Rows


def read_ledger(connection: Connection, present_names: str) -> LedgerRows:
    """Reads all of it in the caller's transaction. `present_names` maps former names of reports to present ones, as JSON."""
    # Else a document that is loaded meanwhile has counts in one answer and no rows in the next.
    connection.execute("set transaction isolation level repeatable read, read only")
    now = fetch_all(connection, "select clock_timestamp() as now")[0]["now"]
    released = fetch_all(connection, _RELEASED, {"present_names": present_names})
    submissions, decisions, counts, states = (
        fetch_all(connection, query) for query in (_SUBMISSIONS, _DECISIONS, _COUNTS, _STATES)
    )
    return LedgerRows(now, submissions, decisions, counts, states, released)
