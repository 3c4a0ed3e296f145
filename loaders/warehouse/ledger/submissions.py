"""The ledger of submissions: registers landed documents, lists those that wait to be loaded, and requeues documents."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from loaders.arrival import Arrival
from loaders.contract import Report, WhenGone
from loaders.model import LandedFile, RemoteDocument
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.ledger.due_dates import due_date_of
from loaders.warehouse.ledger.pulls import record_known_version
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.precedence import lowest_first
from loaders.warehouse.submission import WITHDRAWN_BY_DECISION, State, Submission, period_fields

LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")

_INSERT = """
    insert into ops.submission (
        pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256,
        byte_size, due_date, is_on_time, arrived_at, effective_at, answers_sha256
    ) values (
        %(pull_id)s, %(report)s, %(unit_code)s, %(period)s, %(period_start)s, %(period_end)s, %(revision)s, %(source_uri)s,
        %(source_modified_at)s, %(sha256)s, %(byte_size)s, %(due_date)s, %(is_on_time)s, %(arrived_at)s, %(effective_at)s,
        %(answers_sha256)s
    ) returning *
"""
# A time in the future is not trusted: the document gets the time of the current one, so that any later document wins.
# A later document of a location never gets an earlier time than its predecessor: a file may replace another with an older
# modification time (cp -p, unzip, rsync -t).
_ARRIVAL = """
    with location as (
        select max(effective_at) as effective_at, max(arrived_at) as arrived_at
        from ops.submission
        where report = %(report)s and source_uri = %(uri)s
    ),
    arrival as materialized (
        select
            greatest(clock_timestamp(), location.arrived_at + interval '1 microsecond') as arrived_at,
            location.effective_at as location_at
        from location
    ),
    scope as (
        select coalesce(max(s.effective_at), 'epoch') as effective_at
        from ops.submission as s
        inner join arrival as a on %(modified_at)s::timestamptz > a.arrived_at
        where s.report = %(report)s and s.unit_code = %(unit_code)s and s.period is not distinct from %(period)s
    )
    select
        a.arrived_at,
        greatest(
            case when %(modified_at)s::timestamptz > a.arrived_at then scope.effective_at else %(modified_at)s::timestamptz end,
            a.location_at
        ) as effective_at
    from arrival as a
    cross join scope
"""


def contract_sha256(report: Report) -> str:
    """Returns the hash of a contract's content; comments and formatting do not change it."""
    return hashlib.sha256(report.model_dump_json().encode()).hexdigest()


def lock_report(connection: Connection, report: Report, purpose: str) -> None:
    """Waits for the advisory lock of a report and purpose, and holds it until the transaction ends."""
    lock_name(connection, report.report, purpose)


def lock_name(connection: Connection, report: str, purpose: str) -> None:
    """Waits for the same lock by the name of a report."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"huimin.{purpose}.{report}"])


def register(
    connection: Connection,
    pull_id: int,
    document: RemoteDocument,
    landed: LandedFile,
    report: Report,
    restored: Arrival | None = None,
) -> Submission | None:
    """Writes a landed document into the ledger. It arrived now, unless it is `restored` with the arrival that it had.

    Returns:
        The new submission, `landed`, or None when its location showed the same bytes last. The caller resolves duplicates.
    """
    lock_report(connection, report, "register")
    document = replace(document, uri=sanitize_text(document.uri))
    record_known_version(connection, document)
    arrived_at = restored.arrived_at if restored else None
    if _is_unchanged(connection, document, landed, arrived_at):
        return None
    unit_code = document.unit or report.units[0]
    due = due_date_of(connection, report, unit_code, document.period)
    period = str(document.period) if document.period else None
    if restored is None:
        arrival = _arrival(connection, document, unit_code, period)
    else:
        arrival = {"arrived_at": restored.arrived_at, "effective_at": restored.effective_at}
    arguments: dict[str, Any] = {
        **arrival,
        "pull_id": pull_id,
        "report": report.report,
        "unit_code": unit_code,
        **period_fields(document.period),
        "revision": _next_revision(connection, document.report, unit_code, period),
        "source_uri": document.uri,
        "source_modified_at": document.modified_at,
        "sha256": landed.sha256,
        "byte_size": landed.size,
        "due_date": due,
        "answers_sha256": restored.answers_sha256 if restored else None,
        "is_on_time": None if due is None else _local_date(min(document.modified_at, arrival["arrived_at"])) <= due,
    }
    return _insert(connection, arguments)


def record_answers(connection: Connection, submission: Submission, sha256: str) -> Submission:
    """Records the landed answers that a document was made of."""
    query = "update ops.submission set answers_sha256 = %s where submission_id = %s"
    connection.execute(query, [sha256, submission.submission_id])
    return replace(submission, answers_sha256=sha256)


def pending(connection: Connection, report: Report) -> list[Submission]:
    """Returns the submissions that wait to be loaded, in the order of their precedence."""
    query = f"""
        select s.* from ops.submission as s where s.report = %s and s.state = 'landed'
        order by {lowest_first("s")}
    """  # noqa: S608 - the sort expressions are a text of this package
    return [Submission.from_row(row) for row in fetch_all(connection, query, [report.report])]


def count_pending(connection: Connection) -> int:
    """Counts the landed documents that are not loaded yet."""
    return int(fetch_all(connection, "select count(*) as documents from ops.submission where state = 'landed'")[0]["documents"])


def reload(
    connection: Connection, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]
) -> list[Submission]:
    """Requeues chosen documents that were loaded or refused before, from their landed bytes.

    Without a choice, all of the report's documents. Of each document (location and bytes) the newest submission is repeated.
    """
    lock_report(connection, report, "register")
    chosen = to_reload(connection, report, periods=periods, units=units, uris=uris)
    return [again for one in chosen if (again := requeue(connection, one.submission_id)) is not None]


def to_reload(
    connection: Connection, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]
) -> list[Submission]:
    """Returns the newest submission of each document that `reload` with the same choice would requeue."""
    query = """
        select distinct on (source_uri, sha256) * from ops.submission
        where report = %(report)s
          and (%(periods)s::text[] = '{}' or period = any(%(periods)s))
          and (%(units)s::text[] = '{}' or unit_code = any(%(units)s))
          and (%(uris)s::text[] = '{}' or source_uri = any(%(uris)s))
        order by source_uri, sha256, submission_id desc
    """
    choice = {"report": report.report, "periods": list(periods), "units": list(units), "uris": list(uris)}
    found = fetch_all(connection, query, choice)
    excluded = {State.LANDED, State.DUPLICATE} | ({State.WITHDRAWN} if report.when_gone is WhenGone.CLOSE else set())
    chosen = [row for row in found if row["state"] not in excluded and row["state_reason"] != WITHDRAWN_BY_DECISION]
    return [Submission.from_row(row) for row in sorted(chosen, key=itemgetter("submission_id"))]


def submission_of(connection: Connection, submission_id: int) -> Submission:
    """Returns a submission by its number.

    Raises:
        LookupError: there is none.
    """
    row = fetch_one(connection, "select * from ops.submission where submission_id = %s", [submission_id])
    if row is None:
        raise LookupError(f"there is no submission {submission_id}")
    return Submission.from_row(row)


def requeue(connection: Connection, submission_id: int) -> Submission | None:
    """Inserts a new submission of a document; None when one waits already."""
    query = """
        select s.* from ops.submission as s
        where s.submission_id = %s and not exists (
            select from ops.submission as w
            where w.report = s.report and w.source_uri = s.source_uri and w.sha256 = s.sha256 and w.state = 'landed'
        )
    """
    row = fetch_one(connection, query, [submission_id])
    if row is None:
        return None
    revision = _next_revision(connection, row["report"], row["unit_code"], row["period"])
    return _insert(connection, row | {"pull_id": None, "revision": revision})


def _arrival(connection: Connection, document: RemoteDocument, unit_code: str, period: str | None) -> dict[str, Any]:
    """Returns the columns `arrived_at` and `effective_at` of a document that was just pulled."""
    arguments = {"report": document.report, "uri": document.uri, "modified_at": document.modified_at}
    row = fetch_one(connection, _ARRIVAL, arguments | {"unit_code": unit_code, "period": period})
    if row is None:
        raise AssertionError("a query that returns one row returned none")
    return row


def _local_date(time: dt.datetime) -> dt.date:
    return time.astimezone(LOCAL_TIMEZONE).date()


def _is_unchanged(connection: Connection, document: RemoteDocument, landed: LandedFile, arrived_at: dt.datetime | None) -> bool:
    """Returns whether this location showed the same bytes last. Earlier bytes that are put back are a new arrival."""
    query = """
        select sha256 from ops.submission
        where report = %s and source_uri = %s and arrived_at <= coalesce(%s::timestamptz, 'infinity')
        order by arrived_at desc, submission_id desc limit 1
    """
    last = fetch_one(connection, query, [document.report, document.uri, arrived_at])
    return last is not None and last["sha256"] == landed.sha256


def _next_revision(connection: Connection, report: str, unit_code: str, period: str | None) -> int:
    query = """
        select coalesce(max(revision), 0) + 1 as revision from ops.submission
        where report = %s and unit_code = %s and period is not distinct from %s and state <> 'duplicate'
    """
    row = fetch_one(connection, query, [report, unit_code, period])
    return int(row["revision"]) if row else 1


def _insert(connection: Connection, arguments: dict[str, Any]) -> Submission:
    row = fetch_one(connection, _INSERT, arguments)
    if row is None:
        raise AssertionError("an insert that returns a row returned none")
    return Submission.from_row(row)


def record_run(connection: Connection, submission_ids: Sequence[int], run: str | None) -> None:
    """Records the run of the scheduler that loaded submissions; None for the command line."""
    query = "update ops.submission set loaded_by_run = %s where submission_id = any(%s)"
    connection.execute(query, [run, list(submission_ids)])
