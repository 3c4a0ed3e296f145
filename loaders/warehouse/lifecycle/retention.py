"""Takes away what no figure, no release and no open issue stands on, by rules of the deployment; what stays is counted by reason.

Rows of quarantine and messages themselves stay, so that every account still balances: only contents go. Of a rejected row its key
stays, by which registers and full snapshots know that it was there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from loaders.warehouse.connection import Connection, connect, fetch_all
from loaders.warehouse.scratch_tables import SCRATCH_COMMENT

REMOVABLE = "removable"
QUARANTINE, OUTBOX, SCRATCH_TABLES = "quarantine", "outbox", "scratch_tables"
# Each row with why it is kept, or that it is not. Only keys are left of a row whose content was removed before.
_QUARANTINE = """
    with open_issue as materialized (select issue_key from ops.issue_state where is_open),
    holding as materialized (
        select distinct i.submission_id from ops.issue as i inner join open_issue as o on o.issue_key = i.issue_key
    ),
    classified as (
        select q.submission_id, q.sheet, q.row_number, s.report,
            case
                when not %(keys)s::jsonb ? s.report then 'without_contract'
                when s.state <> 'superseded' or q.state in ('open', 'notified') then 'current'
                when h.submission_id is not null then 'open_issue'
                when exists (
                    select from release.submission as r where r.report = s.report and r.sha256 = s.sha256
                ) then 'released'
                when n.loaded_at is null or n.loaded_at >= %(before)s then 'recent'
                else 'removable'
            end as reason
        from quarantine.row as q
        inner join ops.submission as s on s.submission_id = q.submission_id
        left join ops.submission as n on n.submission_id = s.superseded_by
        left join holding as h on h.submission_id = s.submission_id
        where q.content_removed_at is null
    )
"""
_OUTBOX = """
    with classified as (
        select message_id,
            case
                when state <> 'sent' then 'unsent'
                when sent_at >= %(before)s then 'recent'
                else 'removable'
            end as reason
        from ops.outbox_message where content_removed_at is null
    )
"""
_COUNT = "select reason, count(*) as count from classified group by reason"
_REMOVE_RECORDS = """
    update quarantine.row as q
    set content_removed_at = now(), record = (
        select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(q.record) as e
        where %(keys)s::jsonb -> j.report ? e.key
    )
    from classified as j
    where j.reason = 'removable' and (q.submission_id, q.sheet, q.row_number) = (j.submission_id, j.sheet, j.row_number)
"""
_REMOVE_BODIES = """
    update ops.outbox_message as m set content_removed_at = now(), body_text = '', body_html = ''
    from classified as j where j.reason = 'removable' and m.message_id = j.message_id
"""
_CONTENT_STATEMENTS = {QUARANTINE: (_QUARANTINE, _REMOVE_RECORDS), OUTBOX: (_OUTBOX, _REMOVE_BODIES)}
_SCRATCH_TABLES = """
    select n.nspname as schema, c.relname as name, obj_description(c.oid, 'pg_class') as comment
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and pg_get_userbyid(c.relowner) = current_user
      and starts_with(obj_description(c.oid, 'pg_class'), %s)
    order by 1, 2
"""
_RECORD = "insert into ops.retention_run (rule, kept_days, removed_count, decided_by) values (%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule removed, or would remove, and how many things it keeps by the reason; `days` None: everything is kept."""

    rule: str
    days: int | None
    removed_count: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)


class RetentionLedger:
    """One warehouse, opened with the loader's URL. `is_dry_run`: count alone. `by`: who does it, or the run of the scheduler."""

    def __init__(self, url: str, *, is_dry_run: bool, by: str) -> None:
        self._url = url
        self._is_dry_run = is_dry_run
        self._by = by

    def contents(self, rule: str, days: int, keys: Mapping[str, Sequence[str]], now: dt.datetime) -> RuleOutcome:
        """Removes the contents of quarantined rows (`keys`: the columns of each report's key, which stay) or of messages."""
        classified, remove = _CONTENT_STATEMENTS[rule]
        about = {"before": now - dt.timedelta(days=days), "keys": json.dumps(dict(keys))}
        with connect(self._url) as connection:
            counts = {row["reason"]: int(row["count"]) for row in fetch_all(connection, classified + _COUNT, about)}
            removed = counts.pop(REMOVABLE, 0)
            if removed and not self._is_dry_run:
                removed = connection.execute(classified + remove, about).rowcount
                self._record(connection, rule, days, removed)
        return RuleOutcome(rule, days, removed, counts)

    def scratch_tables(self, days: int, today: dt.date) -> RuleOutcome:
        """Drops scratch tables of our own that were written before."""
        before = today - dt.timedelta(days=days)
        with connect(self._url) as connection:
            known = list(_dated_tables(connection))
            old = [table for table, written in known if written < before]
            if old and not self._is_dry_run:
                for table in old:
                    connection.execute(sql.SQL("drop table {}").format(table))
                self._record(connection, SCRATCH_TABLES, days, len(old))
        return RuleOutcome(SCRATCH_TABLES, days, len(old), {"recent": len(known) - len(old)} if len(known) > len(old) else {})

    def record_files(self, rule: str, days: int, count: int) -> None:
        """Records that files were deleted by a rule."""
        if count and not self._is_dry_run:
            with connect(self._url) as connection:
                self._record(connection, rule, days, count)

    def _record(self, connection: Connection, rule: str, days: int, count: int) -> None:
        connection.execute(_RECORD, [rule, days, count, self._by])


def _dated_tables(connection: Connection) -> Iterator[tuple[sql.Identifier, dt.date]]:
    for row in fetch_all(connection, _SCRATCH_TABLES, [SCRATCH_COMMENT]):
        try:
            written = dt.date.fromisoformat(row["comment"].removeprefix(SCRATCH_COMMENT).strip())
        except ValueError:
            # Somebody wrote a comment of his own behind ours: it is his table now.
            continue
        yield sql.Identifier(row["schema"], row["name"]), written
