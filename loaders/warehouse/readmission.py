"""Rows that become current again, because what stood in their way is gone.

- A key becomes free: the row of the next document that holds it is let in.
- A document's judgement is withdrawn (it was loaded again and refused, or its bytes turned out to be a copy of another
  document): the one that spoke before it speaks again.

A row that is let in gets a new version in the raw table; the earlier version is closed by its own document, so that each row
of a document counts once and what was known on an earlier day stays known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from psycopg import sql

from loaders.contract import Replaces, Report, WhenGone
from loaders.table import ROW, SHEET
from loaders.warehouse import contests, quarantine
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.keys import key_match
from loaders.warehouse.raw_tables import key_columns, table_of
from loaders.warehouse.rows import RowWriter, row_schema
from loaders.warehouse.submission import LOADED, SPEAKING, State, Submission, submissions_by_id
from loaders.warehouse.supersede import NEWEST_REVISION, close, next_speaker

_ROWS_PER_CHUNK = 50_000
_VERSIONS = """
    select distinct on (r._sheet, r._row) {columns}
    from {table} as r
    where r._submission_id = %(id)s
      and (%(sheets)s::text[] is null or (r._sheet, r._row) in (select * from unnest(%(sheets)s::text[], %(rows)s::integer[])))
    order by r._sheet, r._row
"""
# A version that a current one follows counts no more.
_RETIRE = """
    update {table} as r set _superseded_by = r._submission_id
    where r._submission_id = %(id)s and r._superseded_at is not null and r._superseded_by <> r._submission_id
      and (%(sheets)s::text[] is null or (r._sheet, r._row) in (select * from unnest(%(sheets)s::text[], %(rows)s::integer[])))
"""
# Where each state of a place is all that it holds, an earlier one holds nothing any more.
_NEWEST_STATE = """
    not exists (
        select from ops.submission as n
        where n.report = s.report and n.source_uri = s.source_uri and n.state = any(%(loaded)s)
          and (n.effective_at, n.arrived_at, n.submission_id) > (s.effective_at, s.arrived_at, s.submission_id)
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
    order by {keys}, s.period_end desc nulls last, s.effective_at desc, s.arrived_at desc, s.submission_id desc
"""


def settle(connection: Connection, report: Report, freed: Collection[int]) -> None:
    """Let rows in that were held back for submissions which hold their key no longer, those of smallest rank first."""
    # Where each key is a scope of its own, documents hold no key against each other.
    unsettled = set() if report.replaces is Replaces.KEY else set(freed)
    while unsettled:
        waiting = _waiting(connection, unsettled)
        unsettled = set()
        owners = submissions_by_id(connection, waiting)
        for number in sorted(waiting, key=lambda number: owners[number].rank(report.replaces)):
            unsettled |= _readmit(connection, report, owners[number], waiting[number])


def withdraw(connection: Connection, report: Report, old: Submission, by: Submission, state: State) -> None:
    """Take a submission's word back, because of `by`, and let the next one of its scope, or of each key, speak."""
    close(connection, report, old, by, state)
    make_next_current(connection, report, old, by)


def make_next_current(connection: Connection, report: Report, old: Submission, by: Submission | None) -> None:
    """Make the next one of its scope, or of each key, current, after the rows of a submission were closed because of `by`."""
    if report.replaces is Replaces.KEY:
        for submission, places in _next_by_key(connection, report, old, by):
            _reopen(connection, report, submission, places)
    elif (following := next_speaker(connection, report, old)) is not None:
        _reopen(connection, report, following, None)
    settle(connection, report, [old.submission_id])


def _waiting(connection: Connection, freed: Collection[int]) -> Mapping[int, quarantine.Places]:
    query = """
        select q.submission_id, q.sheet, q.row_number
        from quarantine.row as q
        inner join ops.submission as s on s.submission_id = q.submission_id
        where q.held_by = any(%s) and q.state in ('open', 'notified') and s.state = any(%s)
        order by q.submission_id
    """
    rows = fetch_all(connection, query, [list(freed), list(SPEAKING)])
    return {
        number: [(row["sheet"], row["row_number"]) for row in group]
        for number, group in groupby(rows, key=itemgetter("submission_id"))
    }


def _readmit(connection: Connection, report: Report, submission: Submission, places: quarantine.Places) -> set[int]:
    writer = RowWriter(connection, report, submission, None)
    still: set[tuple[str, int]] = set()
    for rows in _versions(connection, report, submission, places):
        held = writer.write_again(rows)
        quarantine.point_to(connection, submission, held)
        still |= {(row.sheet, row.row) for row in held}
    quarantine.release(connection, submission, [place for place in places if place not in still])
    contests.recount(connection, submission.submission_id)
    return writer.freed


def _reopen(connection: Connection, report: Report, submission: Submission, places: quarantine.Places | None) -> None:
    """Make rows of a superseded submission current again: some, or all."""
    connection.execute(_over(_RETIRE, report), _parameters(submission, places))
    if places is None:
        quarantine.forget_held(connection, submission.submission_id)
    quarantine.begin_again(connection, submission.submission_id)
    writer = RowWriter(connection, report, submission, None)
    for rows in _versions(connection, report, submission, places):
        contests.hold(connection, report, submission, writer.write_again(rows))
    contests.recount(connection, submission.submission_id)
    settle(connection, report, writer.freed)


def _next_by_key(
    connection: Connection, report: Report, old: Submission, by: Submission | None
) -> Iterator[tuple[Submission, quarantine.Places]]:
    statement = sql.SQL(_NEXT_BY_KEY).format(
        keys=sql.SQL(", ").join(sql.Identifier("o", name) for name in key_columns(report)),
        table=table_of(report),
        match=key_match(report, "o", "r"),
        taken=key_match(report, "o", "c"),
        newest=sql.SQL(NEWEST_REVISION),
        state=sql.SQL(_NEWEST_STATE if report.has_whole_states and report.when_gone is WhenGone.CLOSE else "true"),
    )
    parameters = {"old": old.submission_id, "by": None if by is None else by.submission_id, "loaded": list(LOADED)}
    rows = sorted(fetch_all(connection, statement, parameters), key=itemgetter("_submission_id"))
    owners = submissions_by_id(connection, {row["_submission_id"] for row in rows})
    for number, group in groupby(rows, key=itemgetter("_submission_id")):
        yield owners[number], [(row[SHEET], row[ROW]) for row in group]


def _versions(
    connection: Connection, report: Report, submission: Submission, places: quarantine.Places | None
) -> Iterator[pa.Table]:
    """The rows of a submission as the raw table has them, in chunks; all versions of a row hold the same values."""
    with connection.cursor(name="versions") as cursor:
        cursor.itersize = _ROWS_PER_CHUNK
        cursor.execute(_over(_VERSIONS, report), _parameters(submission, places))
        while found := cursor.fetchmany(_ROWS_PER_CHUNK):
            yield pa.Table.from_pylist(found, row_schema(report))


def _over(statement: str, report: Report) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier("r", name) for name in row_schema(report).names)
    return sql.SQL(statement).format(columns=columns, table=table_of(report))


def _parameters(submission: Submission, places: quarantine.Places | None) -> dict[str, Any]:
    sheets = None if places is None else [sheet for sheet, _ in places]
    rows = None if places is None else [row for _, row in places]
    return {"id": submission.submission_id, "sheets": sheets, "rows": rows}
