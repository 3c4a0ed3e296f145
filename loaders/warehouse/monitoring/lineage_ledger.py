"""Runs of which no lineage event was sent yet, as the ledger knows them, and the memory of what was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

Rows = list[dict[str, Any]]

_DOCUMENTS = """
    select s.submission_id, s.pull_id, s.report, s.unit_code, s.period, s.revision, s.source_uri, s.sha256, s.byte_size, s.state,
        s.state_reason, s.rows_total, s.rows_loaded, s.rows_quarantined, s.rows_furniture, s.contract_sha256, s.loaded_by_run,
        coalesce(s.claimed_at, s.landed_at) as started_at, s.loaded_at as ended_at
    from ops.submission as s
    where s.loaded_at is not null and (%(since)s::timestamptz is null or s.loaded_at >= %(since)s)
      and not exists (select from ops.lineage_run as r where r.kind = 'document' and r.ledger_key = s.submission_id)
    order by s.submission_id limit %(limit)s
"""
_ISSUES = """
    select submission_id, rule, column_name, severity, count(*) as issues
    from ops.issue where submission_id = any(%s) and cross_rule is null
    group by submission_id, rule, column_name, severity order by submission_id, rule, column_name, severity
"""
_BUILDS = """
    select b.build_id, b.started_at, b.ended_at, b.is_whole, b.git_revision, split_part(b.models_fingerprint, ' ', 1) as project
    from ops.build as b
    where b.ended_at is not null and (%(since)s::timestamptz is null or b.ended_at >= %(since)s)
      and not exists (select from ops.lineage_run as r where r.kind = 'build' and r.ledger_key = b.build_id)
    order by b.build_id limit %(limit)s
"""
_MODELS = (
    "select build_id, model, status, seconds, rows_count from ops.built_model where build_id = any(%s) order by build_id, model"
)
_RELEASES = """
    select l.release_number, l.period_code, l.released_at as ended_at, d.prepared_at as started_at, l.git_revision,
        l.release_hash, l.values_digest,
        (select count(*) from release.value as v where v.release_number = l.release_number) as values_count,
        (select count(*) from release.submission as s where s.release_number = l.release_number) as submissions_count
    from release.release as l
    inner join release.draft as d on d.draft_id = l.draft_id
    where (%(since)s::timestamptz is null or l.released_at >= %(since)s)
      and not exists (select from ops.lineage_run as r where r.kind = 'release' and r.ledger_key = l.release_number)
    order by l.release_number limit %(limit)s
"""
_UNSENT = {"document": _DOCUMENTS, "build": _BUILDS, "release": _RELEASES}
_COLUMNS = """
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, col_description(a.attrelid, a.attnum) as description
    from pg_attribute as a
    where a.attrelid = to_regclass(format('raw.%%I', %s::text)) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
_MARK = """
    insert into ops.lineage_run (kind, ledger_key) select %s, unnest(%s::bigint[]) on conflict (kind, ledger_key) do nothing
"""
_IS_SENT = "select from ops.lineage_run where kind = %s and ledger_key = %s"


def unsent(connection: Connection, kind: str, since: dt.datetime | None, limit: int) -> Rows:
    """Returns at most `limit` runs of a kind (document, build, release) that were not sent, the oldest first."""
    return fetch_all(connection, _UNSENT[kind], {"since": since, "limit": limit})


def issues_of(connection: Connection, submission_ids: Sequence[int]) -> Rows:
    """Returns how often each rule found something in some documents: submission_id, rule, column_name, severity, issues."""
    return fetch_all(connection, _ISSUES, [list(submission_ids)])


def models_of(connection: Connection, build_ids: Sequence[int]) -> Rows:
    """Returns the models that some builds ran: build_id, model, status, seconds, rows_count."""
    return fetch_all(connection, _MODELS, [list(build_ids)])


def raw_columns(connection: Connection, report: str) -> Rows:
    """Returns name, type and description of the columns of a raw table; none where there is no table."""
    return fetch_all(connection, _COLUMNS, [report])


def mark_sent(connection: Connection, kind: str, keys: Collection[int]) -> None:
    """Records that the events of some runs were taken by their receiver."""
    connection.execute(_MARK, [kind, sorted(keys)])


def is_sent(connection: Connection, kind: str, key: int) -> bool:
    """Whether the events of a run, or of a state of the models, were sent."""
    return bool(fetch_all(connection, _IS_SENT, [kind, key]))
