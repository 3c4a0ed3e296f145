"""Pulls from sources, the versions of documents that they showed, and the watermark, which never passes an unloaded document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loaders.contract import Report
from loaders.model import KnownVersion, RemoteDocument, WaitingFile
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.postgres_limits import sanitize_text

# A pull may move the watermark when all its documents and those of earlier pulls are loaded, and when it began at the current
# watermark: one that began earlier, or fetched chosen documents only, would set it back.
_MOVE = """
    with reached as (
        select p.pull_id, p.cursor_to
        from ops.pull as p
        left join ops.watermark as w on w.report = p.report
        where p.report = %(report)s and p.closed_at is not null and p.cursor_to is not null
          and p.cursor_from is not distinct from w.cursor and (w.pull_id is null or p.pull_id > w.pull_id)
          and not exists (
              select from ops.submission as s
              where s.report = p.report and s.state = 'landed' and s.pull_id <= p.pull_id
          )
        order by p.pull_id desc
        limit 1
    )
    insert into ops.watermark (report, cursor, pull_id)
    select %(report)s, r.cursor_to, r.pull_id from reached as r
    on conflict (report) do update set cursor = excluded.cursor, pull_id = excluded.pull_id, moved_at = now()
"""
_RECORD_LOADED = """
    update ops.pull as p set loaded_at = now()
    where p.report = %(report)s and p.closed_at is not null and p.loaded_at is null
      and not exists (
          select from ops.submission as s where s.report = p.report and s.state = 'landed' and s.pull_id <= p.pull_id
      )
"""
RECORD_KNOWN_VERSION = """
    insert into ops.known_version (report, source_uri, byte_size, source_modified_at, seen_at)
    values (%(report)s, %(uri)s, %(byte_size)s, %(modified_at)s, clock_timestamp())
    on conflict (
        report, hashtextextended(source_uri, 0), hashtextextended(source_uri, 1), byte_size, source_modified_at
    ) do update set seen_at = excluded.seen_at
"""


def open_pull(
    connection: Connection, report: Report, cursor_from: str | None, cursor_to: str | None, *, is_full: bool = False
) -> int:
    """Begins a pull, whose number its submissions carry. `is_full`: it compares all documents of the source."""
    query = "insert into ops.pull (report, cursor_from, cursor_to, is_full) values (%s, %s, %s, %s) returning pull_id"
    row = fetch_one(connection, query, [report.report, cursor_from, cursor_to, is_full])
    return int(row["pull_id"]) if row else 0


def close_pull(connection: Connection, report: Report, pull_id: int) -> None:
    """Records that every document of the pull is in the ledger. Only then can the watermark pass it."""
    connection.execute("update ops.pull set closed_at = coalesce(closed_at, now()) where pull_id = %s", [pull_id])
    move_watermark(connection, report)


def move_watermark(connection: Connection, report: Report) -> None:
    """Moves the watermark to the newest closed pull before which no document waits to be loaded; never back."""
    # The advisory lock serializes moves of one report: each must see the watermark of the one before.
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"huimin.watermark.{report.report}"])
    connection.execute(_MOVE, {"report": report.report})
    connection.execute(_RECORD_LOADED, {"report": report.report})


def watermark(connection: Connection, report: Report) -> str | None:
    """Returns the cursor up to which the source is loaded; None before the first load."""
    row = fetch_one(connection, "select cursor from ops.watermark where report = %s", [report.report])
    return row["cursor"] if row else None


def known_versions(connection: Connection, report: Report) -> frozenset[KnownVersion]:
    """Returns the version in which each location of the report was registered last.

    Earlier versions are not among them, so that a file that is put back is fetched again. Nor are documents that are gone.
    """
    query = """
        select distinct on (o.source_uri) o.source_uri, o.byte_size, o.source_modified_at from ops.known_version as o
        where o.report = %s and not exists (
            select from ops.gone_document as g
            where g.report = o.report and g.source_uri = o.source_uri and g.returned_at is null
        )
        order by o.source_uri, o.seen_at desc
    """
    rows = fetch_all(connection, query, [report.report])
    return frozenset(KnownVersion(row["source_uri"], row["byte_size"], row["source_modified_at"]) for row in rows)


def is_full_comparison_due(connection: Connection, report: Report) -> bool:
    """Returns whether the whole source must be compared again; never true where each pull is a full one."""
    days = getattr(report.source, "full_compare_days", None)
    if days is None:
        return False
    query = """
        select from ops.pull
        where report = %s and is_full and closed_at > clock_timestamp() - %s * interval '1 day' limit 1
    """
    return fetch_one(connection, query, [report.report, days]) is None


def record_known_version(connection: Connection, document: RemoteDocument) -> None:
    """Records the version in which a document was offered."""
    connection.execute(RECORD_KNOWN_VERSION, known_version_of(document))


def known_version_of(document: RemoteDocument) -> dict[str, Any]:
    """Returns the parameters of `RECORD_KNOWN_VERSION`."""
    uri = sanitize_text(document.uri)
    return {"report": document.report, "uri": uri, "byte_size": document.size, "modified_at": document.modified_at}


def waiting_files(connection: Connection, report: Report) -> list[WaitingFile]:
    """Returns the files that were incomplete at the last pull."""
    query = """
        select source_uri as uri, byte_size as size, source_modified_at as modified_at, first_seen_at
        from ops.waiting_file where report = %s
    """
    return [WaitingFile(**row) for row in fetch_all(connection, query, [report.report])]


def save_waiting_files(connection: Connection, report: Report, files: Sequence[WaitingFile], *, delete_others: bool) -> None:
    """Records the incomplete files for the next pull. `delete_others`: this pull saw all files."""
    delete = "delete from ops.waiting_file where report = %s and (%s or source_uri = any(%s))"
    connection.execute(delete, [report.report, delete_others, [sanitize_text(file.uri) for file in files]])
    insert = (
        "insert into ops.waiting_file select %s, * from unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])"
    )
    columns = [[getattr(file, name) for file in files] for name in ("uri", "size", "modified_at", "first_seen_at")]
    columns[0] = [sanitize_text(uri) for uri in columns[0]]
    connection.execute(insert, [report.report, *columns])
