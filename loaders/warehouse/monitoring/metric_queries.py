"""The numbers of the ledger that metrics show, each by a query that is cheap on a whole city (docs/adr/0040).

Documents, rows, landed bytes and load seconds each read `ops.submission` once; issues read their events, overdue obligations all
obligations and submissions. All others go by an index: pulls by (report, closed_at), messages by partial indexes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

Rows = list[dict[str, Any]]

BUCKET_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Upper bounds of the buckets of load and build seconds."""

_DOCUMENTS = """
    select report, state, count(*) as documents, sum(rows_loaded) as loaded, sum(rows_quarantined) as quarantined,
        sum(rows_furniture) as furniture
    from ops.submission group by report, state
"""
_ACCOUNT = "select report, unaccounted_rows_count as rows, checked_at from ops.account_check"
# An issue is open while the last event of its life opened it, as in ops.issue_state.
_ISSUES = """
    select shown.severity, count(*) as issues, min(lives.opened_at) as oldest_at
    from (
        select issue_key, min(occurred_at) filter (where event = 'opened') as opened_at
        from ops.issue_event
        where event in ('opened', 'corrected', 'overridden', 'replayed', 'reopened', 'expired')
        group by issue_key
        having max(event_id) = max(event_id) filter (where event in ('opened', 'reopened'))
    ) as lives
    cross join lateral (
        select i.severity from ops.issue as i where i.issue_key = lives.issue_key order by i.issue_id desc limit 1
    ) as shown
    group by shown.severity
"""
_CROSS_ISSUES = """
    select report, count(*) as issues from ops.issue where cross_rule is not null and resolved_at is null group by report
"""
# As ops.reporting_status has it: due, and neither a document nor a declaration came. Obligations, documents and declarations are
# brought together by hashing; a join sorted all three by their texts, which took three times as long.
_OVERDUE = """
    select report, count(*) as obligations, min(due_date) as oldest_date
    from (
        select report, min(due_date) as due_date
        from (
            select report, unit_code, period, coalesce(due_date, period_end) as due_date
            from ops.obligation where lifted_at is null
            union all
            select report, unit_code, period, null from ops.submission
            where period is not null and state not in ('duplicate', 'withdrawn')
            union all
            (
                select report, unit_code, period, case when decision = 'nothing_to_report' then null else date 'infinity' end
                from (
                    select distinct on (report, unit_code, period) report, unit_code, period, decision
                    from ops.declaration order by report, unit_code, period, decided_at desc, declaration_id desc
                ) as declared
            )
        ) as facts
        group by report, unit_code, period
        having bool_and(due_date is not null) and min(due_date) < (select ops.today())
    ) as missing
    group by report
"""
_OUTBOX = """
    select
        (select count(*) from ops.outbox_message where state = 'queued') as queued,
        (select count(*) from ops.outbox_message where state = 'dead') as dead,
        (select min(queued_at) from ops.outbox_message where state = 'queued') as oldest_at,
        (select min(next_attempt_at) from ops.outbox_message where state = 'queued') as due_at
"""
_FAILING_SERVERS = """
    select channel, count(*) as servers, min(failing_since) as since_at
    from ops.outbox_server where failing_since is not null group by channel
"""
# The cause of an alarm about messages names an address, which is no label.
_ALARMS = """
    select case when split_part(cause, ':', 1) = 'watch' then split_part(cause, ':', 2)
            when split_part(cause, ':', 1) = 'stuck_run' then 'stuck_run' else 'channel' end as kind,
        count(*) as alarms
    from ops.outbox_alarm where closed_at is null group by 1
"""
_PULLS = """
    select r.report, (select max(p.closed_at) from ops.pull as p where p.report = r.report) as pulled_at
    from unnest(%(reports)s::text[]) as r (report)
"""
_WATERMARKS = "select report, moved_at from ops.watermark"
_LANDING = """
    select coalesce(sum(byte_size), 0) as bytes, count(*) as files
    from (select max(byte_size) as byte_size from ops.submission group by sha256) as landed
"""
_LAST = """
    select
        (select max(ended_at) from ops.build) as built_at,
        (
            select extract(epoch from ended_at - started_at)::float8
            from ops.build where ended_at is not null order by build_id desc limit 1
        ) as build_seconds,
        (
            select count(*) from ops.build
            where build_id > coalesce((select max(build_id) from ops.build where ended_at is not null), 0)
        ) as builds_since,
        (select max(checked_at) from ops.cross_check) as cross_checked_at,
        (select max(decided_at) from release.release) as released_at,
        (select beat_at from ops.heartbeat where process = 'watch') as watched_at
"""
_LOAD_SECONDS = """
    select extract(epoch from max(loaded_at) - max(claimed_at))::float8 as seconds, max(loaded_at) as ended_at
    from ops.submission where loaded_at is not null and claim_token is not null group by claim_token
"""
_BUILD_SECONDS = """
    select extract(epoch from ended_at - started_at)::float8 as seconds, ended_at from ops.build where ended_at is not null
"""
_HISTOGRAM = """
    with runs as ({runs})
    select (select count(*) from runs) as count, (select coalesce(sum(seconds), 0) from runs) as sum,
        (select seconds from runs order by ended_at desc limit 1) as last_seconds,
        (select max(ended_at) from runs) as last_at,
        array(
            select (select count(*) from runs where seconds <= b.bound)
            from unnest(%(bounds)s::float8[]) as b (bound) order by b.bound
        ) as buckets
"""

QUERIES: Mapping[str, str] = {
    "documents": _DOCUMENTS,
    "account": _ACCOUNT,
    "issues": _ISSUES,
    "cross_issues": _CROSS_ISSUES,
    "overdue": _OVERDUE,
    "outbox": _OUTBOX,
    "failing_servers": _FAILING_SERVERS,
    "alarms": _ALARMS,
    "pulls": _PULLS,
    "watermarks": _WATERMARKS,
    "landing": _LANDING,
    "last": _LAST,
    "load_seconds": _HISTOGRAM.format(runs=_LOAD_SECONDS),
    "build_seconds": _HISTOGRAM.format(runs=_BUILD_SECONDS),
}
"""The queries by the name of what they count."""


def read_numbers(connection: Connection, reports: Sequence[str], names: Sequence[str] = tuple(QUERIES)) -> dict[str, Rows]:
    """Returns the rows of the named queries. `reports` are those of which pulls are asked for."""
    # Enough to hash what is there once; the default of 4 MB sorts it on disk.
    connection.execute("set local work_mem = '32MB'")
    parameters = {"reports": list(reports), "bounds": list(BUCKET_SECONDS)}
    return {name: fetch_all(connection, QUERIES[name], parameters) for name in names}
