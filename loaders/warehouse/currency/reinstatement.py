"""Reinstates rows that become current because the row or document in their way is gone.

- A key is released: the row of the next document with that key becomes current.
- A document is retracted (it was loaded again and refused, or turned out to be a duplicate): the previous submission of its scope
  becomes current again.

A reinstated row gets a new version in the raw table. Its own document closes the earlier version, so that each row of a document
counts once and the history of earlier days is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from psycopg import sql

from loaders.contract import Replaces, Report, WhenGone
from loaders.model import ROW, SHEET
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.currency.supersession import NEWEST_REVISION, next_submission, supersede
from loaders.warehouse.precedence import highest_first, is_greater
from loaders.warehouse.rows import key_conflicts, quarantine
from loaders.warehouse.rows.incoming_keys import key_match
from loaders.warehouse.rows.row_writer import RowWriter, row_schema
from loaders.warehouse.schema.key_index import key_columns, table_of
from loaders.warehouse.submission import CURRENT_STATES, LOADED_STATES, State, Submission, submissions_by_id

_ROWS_PER_CHUNK = 50_000
_VERSIONS = """
    select distinct on (r._sheet, r._row) {columns}
    from {table} as r
    where r._submission_id = %(id)s
      and (%(sheets)s::text[] is null or (r._sheet, r._row) in (select * from unnest(%(sheets)s::text[], %(rows)s::integer[])))
    order by r._sheet, r._row
"""
# A version that has a current successor is not counted.
_RETIRE_VERSIONS = """
    update {table} as r set _superseded_by = r._submission_id
    where r._submission_id = %(id)s and r._superseded_at is not null and r._superseded_by <> r._submission_id
      and (%(sheets)s::text[] is null or (r._sheet, r._row) in (select * from unnest(%(sheets)s::text[], %(rows)s::integer[])))
"""
# Where every document is a full snapshot of its location, an earlier one has no rows to reinstate.
_NEWEST_STATE = f"""
    not exists (
        select from ops.submission as n
        where n.report = s.report and n.source_uri = s.source_uri and n.state = any(%(loaded)s)
          and {is_greater("n", "s")}
    )
"""
_NEXT_BY_KEY = """
    select distinct on ({keys}) r._submission_id, r._sheet, r._row
    from {table} as o
    inner join {table} as r on {match} and r._submission_id <> o._submission_id
        and r._superseded_by is distinct from r._submission_id
    inner join ops.submission as s on s.submission_id = r._submission_id and s.state = any(%(loaded)s) and {newest} and {state}
    where o._submission_id = %(old)s and o._superseded_by is not distinct from %(by)s::bigint and o._superseded_at = now()
      and not exists (select from {table} as c where {taken} and c._superseded_at is null)
    order by {keys}, {highest_first}
"""
# Rows of earlier snapshots whose key a later one lacked.
_CLOSED_WITHOUT_SUCCESSOR = """
    select distinct on ({keys}) r._submission_id, r._sheet, r._row
    from {table} as r
    inner join ops.submission as s on s.submission_id = r._submission_id and s.state = any(%(loaded)s) and {newest}
    where r._superseded_by = %(old)s
      and not exists (select from {table} as c where {taken} and c._superseded_at is null)
    order by {keys}, {highest_first}
"""


def reinstate_waiting(connection: Connection, report: Report, released_holders: Collection[int]) -> None:
    """Reinstates rows that were quarantined because of submissions that have released their keys, smallest rank first."""
    # Where each key is a scope of its own, documents hold no key against each other.
    pending_holders = set() if report.replaces is Replaces.KEY else set(released_holders)
    while pending_holders:
        waiting = _waiting_rows(connection, pending_holders)
        pending_holders = set()
        owners = submissions_by_id(connection, waiting)
        for number in sorted(waiting, key=lambda number: owners[number].rank(report.replaces)):
            pending_holders |= _reinstate(connection, report, owners[number], waiting[number])


def retract(connection: Connection, report: Report, old: Submission, by: Submission, state: State) -> None:
    """Retracts a submission because of `by`, and makes the next one of its scope, or of each key, current."""
    supersede(connection, report, old, by, state)
    make_next_current(connection, report, old, by)


def make_next_current(connection: Connection, report: Report, old: Submission, by: Submission | None) -> None:
    """Makes the next one of its scope, or of each key, current, after the rows of a submission were closed because of `by`."""
    if report.replaces is Replaces.KEY:
        for submission, locations in _next_by_key(connection, report, old, by):
            _restore_current(connection, report, submission, locations)
    elif (following := next_submission(connection, report, old)) is not None:
        _restore_current(connection, report, following, None)
    reinstate_waiting(connection, report, [old.submission_id])


def reinstate_closed_by(connection: Connection, report: Report, old: Submission) -> None:
    """Reinstates rows that a withdrawn snapshot had closed without renewing them, where no other document holds their key."""
    statement = sql.SQL(_CLOSED_WITHOUT_SUCCESSOR).format(
        keys=sql.SQL(", ").join(sql.Identifier("r", name) for name in key_columns(report)),
        table=table_of(report),
        taken=key_match(report, "r", "c"),
        newest=sql.SQL(NEWEST_REVISION),
        highest_first=sql.SQL(highest_first("s")),
    )
    for submission, locations in _by_owner(connection, statement, {"old": old.submission_id, "loaded": list(LOADED_STATES)}):
        _restore_current(connection, report, submission, locations)


def _waiting_rows(connection: Connection, released_holders: Collection[int]) -> Mapping[int, quarantine.RowLocations]:
    query = """
        select q.submission_id, q.sheet, q.row_number
        from quarantine.row as q
        inner join ops.submission as s on s.submission_id = q.submission_id
        where q.key_holder_id = any(%s) and q.state in ('open', 'notified') and s.state = any(%s)
        order by q.submission_id
    """
    rows = fetch_all(connection, query, [list(released_holders), list(CURRENT_STATES)])
    return {
        number: [(row["sheet"], row["row_number"]) for row in group]
        for number, group in groupby(rows, key=itemgetter("submission_id"))
    }


def _reinstate(connection: Connection, report: Report, submission: Submission, locations: quarantine.RowLocations) -> set[int]:
    writer = RowWriter(connection, report, submission, None)
    still_blocked: set[tuple[str, int]] = set()
    for rows in _versions(connection, report, submission, locations):
        conflicting = writer.rewrite(rows)
        quarantine.update_key_holders(connection, submission, conflicting)
        still_blocked |= {(row.sheet, row.row) for row in conflicting}
    quarantine.release_rows(connection, submission, [place for place in locations if place not in still_blocked])
    key_conflicts.refresh_counts(connection, submission.submission_id)
    return writer.released_holders


def _restore_current(
    connection: Connection, report: Report, submission: Submission, locations: quarantine.RowLocations | None
) -> None:
    """Makes rows of a superseded submission current again: some, or all."""
    connection.execute(_compose(_RETIRE_VERSIONS, report), _parameters(submission, locations))
    if locations is None:
        quarantine.delete_conflicting(connection, submission.submission_id)
    quarantine.reopen(connection, submission.submission_id)
    writer = RowWriter(connection, report, submission, None)
    for rows in _versions(connection, report, submission, locations):
        key_conflicts.quarantine_rows(connection, report, submission, writer.rewrite(rows))
    key_conflicts.refresh_counts(connection, submission.submission_id)
    reinstate_waiting(connection, report, writer.released_holders)


def _next_by_key(
    connection: Connection, report: Report, old: Submission, by: Submission | None
) -> Iterator[tuple[Submission, quarantine.RowLocations]]:
    statement = sql.SQL(_NEXT_BY_KEY).format(
        keys=sql.SQL(", ").join(sql.Identifier("o", name) for name in key_columns(report)),
        table=table_of(report),
        match=key_match(report, "o", "r"),
        taken=key_match(report, "o", "c"),
        newest=sql.SQL(NEWEST_REVISION),
        highest_first=sql.SQL(highest_first("s")),
        state=sql.SQL(_NEWEST_STATE if report.has_full_snapshots and report.when_gone is WhenGone.CLOSE else "true"),
    )
    parameters = {"old": old.submission_id, "by": None if by is None else by.submission_id, "loaded": list(LOADED_STATES)}
    yield from _by_owner(connection, statement, parameters)


def _by_owner(
    connection: Connection, statement: sql.Composed, parameters: Mapping[str, Any]
) -> Iterator[tuple[Submission, quarantine.RowLocations]]:
    rows = sorted(fetch_all(connection, statement, parameters), key=itemgetter("_submission_id"))
    owners = submissions_by_id(connection, {row["_submission_id"] for row in rows})
    for number, group in groupby(rows, key=itemgetter("_submission_id")):
        yield owners[number], [(row[SHEET], row[ROW]) for row in group]


def _versions(
    connection: Connection, report: Report, submission: Submission, locations: quarantine.RowLocations | None
) -> Iterator[pa.Table]:
    """Yields the rows of a submission from the raw table, in chunks; all versions of a row have the same values."""
    with connection.cursor(name="versions") as cursor:
        cursor.itersize = _ROWS_PER_CHUNK
        cursor.execute(_compose(_VERSIONS, report), _parameters(submission, locations))
        while found := cursor.fetchmany(_ROWS_PER_CHUNK):
            yield pa.Table.from_pylist(found, row_schema(report))


def _compose(statement: str, report: Report) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier("r", name) for name in row_schema(report).names)
    return sql.SQL(statement).format(columns=columns, table=table_of(report))


def _parameters(submission: Submission, locations: quarantine.RowLocations | None) -> dict[str, Any]:
    sheets = None if locations is None else [sheet for sheet, _ in locations]
    rows = None if locations is None else [row for _, row in locations]
    return {"id": submission.submission_id, "sheets": sheets, "rows": rows}
