"""What a watching process keeps: that it ran, and what the account of rows left over when it last counted."""

from __future__ import annotations

from typing import Any

from loaders.warehouse.connection import Connection, fetch_all, fetch_one

_BEAT = """
    insert into ops.heartbeat (process, beat_at) values (%s, clock_timestamp())
    on conflict (process) do update set beat_at = excluded.beat_at
"""
# A load or a build since the last account: nothing else changes rows.
_IS_ACCOUNT_DUE = """
    select coalesce(
        (select max(loaded_at) from ops.submission) > (select min(checked_at) from ops.account_check),
        exists (select from ops.submission)
    ) as is_due
"""
_ACCOUNT = """
    insert into ops.account_check (report, unaccounted_rows_count, checked_at)
    select report, coalesce(sum(abs(difference)), 0), clock_timestamp() from ops.account group by report
    on conflict (report) do update
    set unaccounted_rows_count = excluded.unaccounted_rows_count, checked_at = excluded.checked_at
"""
_FORGET_PURGED = "delete from ops.account_check as c where not exists (select from ops.submission as s where s.report = c.report)"
_REVISION = "select version_num from ops.alembic_version"
_RUNNING_BUILD = """
    select min(started_at) as since_at from ops.build
    where build_id > coalesce((select max(build_id) from ops.build where ended_at is not null), 0)
"""


def record_heartbeat(connection: Connection, process: str) -> None:
    """Records that a process that watches has run."""
    connection.execute(_BEAT, [process])


def refresh_account(connection: Connection) -> bool:
    """Counts the rows of every document anew, if something was loaded since the last time. Returns whether it did."""
    due = fetch_one(connection, _IS_ACCOUNT_DUE)
    if due is None or not due["is_due"]:
        return False
    connection.execute(_ACCOUNT)
    connection.execute(_FORGET_PURGED)
    return True


def database_revision(connection: Connection) -> str | None:
    """Returns the revision of the tables; None where there are none."""
    exists = fetch_one(connection, "select to_regclass('ops.alembic_version') is not null as is_there")
    if exists is None or not exists["is_there"]:
        return None
    row = fetch_one(connection, _REVISION)
    return None if row is None else str(row["version_num"])


def first_unfinished_build(connection: Connection) -> Any:
    """Returns when the first build began that did not end well since the last good one; None where there is none."""
    (row,) = fetch_all(connection, _RUNNING_BUILD)
    return row["since_at"]


def known_since(connection: Connection) -> dict[str, Any]:
    """Returns when the first obligation of each report was recorded: since then it is expected."""
    rows = fetch_all(connection, "select report, min(recorded_at) as known_at from ops.obligation group by report")
    return {row["report"]: row["known_at"] for row in rows}
