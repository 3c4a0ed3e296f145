"""The ledger of submissions: registers landed documents, lists those that wait to be loaded, and requeues documents."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from loaders.arrival import Arrival
from loaders.contract import FileDrop, Mailbox, Report, WhenGone
from loaders.model import LandedFile, RemoteDocument
from loaders.revision import revision_of_place
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.ledger.due_dates import due_date_of_other
from loaders.warehouse.ledger.pulls import RECORD_KNOWN_VERSION, known_version_of
from loaders.warehouse.personal_keys import key_ring
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.precedence import lowest_first
from loaders.warehouse.submission import WITHDRAWN_BY_DECISION, State, Submission, period_fields

LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")
# Each document of a load is noted with the same contract.
_LAST_CONTRACT: ContextVar[tuple[Report, str] | None] = ContextVar("_LAST_CONTRACT", default=None)

_NEXT_REVISION = """(
    select coalesce(max(r.revision), 0) + 1 from ops.submission as r
    where r.report = %(report)s and r.unit_code = %(unit_code)s and r.period is not distinct from %(period)s
      and r.state <> 'duplicate'
)"""
_INSERT = """
    insert into ops.submission (
        pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256,
        byte_size, due_date, is_on_time, arrived_at, effective_at, answers_sha256, revision_number, stamped_on
    ) values (
        %(pull_id)s, %(report)s, %(unit_code)s, %(period)s, %(period_start)s, %(period_end)s, %(revision)s, %(source_uri)s,
        %(source_modified_at)s, %(sha256)s, %(byte_size)s, %(due_date)s, %(is_on_time)s, %(arrived_at)s, %(effective_at)s,
        %(answers_sha256)s, %(revision_number)s, %(stamped_on)s
    ) returning *
"""
# One statement for all that the ledger knows where a document arrives: a load registers thousands.
# A time in the future is not trusted: the document gets the time of the current one, so that any later document wins.
# A later document of a location never gets an earlier time than its predecessor: a file may replace another with an older
# modification time (cp -p, unzip, rsync -t).
_ARRIVAL = f"""
    with seen as ({RECORD_KNOWN_VERSION}),
    location as (
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
        ) as effective_at,
        (
            select l.sha256 from ops.submission as l
            where l.report = %(report)s and l.source_uri = %(uri)s
              and l.arrived_at <= coalesce(%(restored_at)s::timestamptz, 'infinity')
            order by l.arrived_at desc, l.submission_id desc limit 1
        ) as last_sha256,
        {_NEXT_REVISION} as revision,
        o.report is not null as is_owed,
        o.due_date
    from arrival as a
    cross join scope
    left join ops.obligation as o on o.report = %(report)s and o.unit_code = %(unit_code)s and o.period = %(period)s
"""  # noqa: S608 - the parts are texts of this package


def contract_sha256(report: Report) -> str:
    """Returns the hash of a contract's content; comments and formatting do not change it."""
    last = _LAST_CONTRACT.get()
    if last is None or last[0] is not report:
        last = report, hashlib.sha256(report.model_dump_json().encode()).hexdigest()
        _LAST_CONTRACT.set(last)
    return last[1]


def lock_report(connection: Connection, report: Report, purpose: str) -> None:
    """Waits for the advisory lock of a report and purpose, and holds it until the transaction ends."""
    lock_name(connection, report.report, purpose)


def lock_name(connection: Connection, report: str, purpose: str) -> None:
    """Waits for the same lock by the name of a report. Who changes rows also keeps the key of personal numbers as it is."""
    if purpose == "load":
        key_ring.lock_shared(connection)
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
    unit_code = document.unit or report.units[0]
    period = str(document.period) if document.period else None
    found = _arrival(connection, document, unit_code, period, restored)
    # Where a location shows what it showed last, nothing arrived. Earlier bytes that are put back are a new arrival.
    if found["last_sha256"] == landed.sha256:
        return None
    due = found["due_date"] if found["is_owed"] else due_date_of_other(report, document.period)
    arrived_at = restored.arrived_at if restored else found["arrived_at"]
    arguments: dict[str, Any] = {
        "arrived_at": arrived_at,
        "effective_at": restored.effective_at if restored else found["effective_at"],
        "pull_id": pull_id,
        "report": report.report,
        "unit_code": unit_code,
        **period_fields(document.period),
        "revision": found["revision"],
        "source_uri": document.uri,
        "source_modified_at": document.modified_at,
        "sha256": landed.sha256,
        "byte_size": landed.size,
        "due_date": due,
        "answers_sha256": restored.answers_sha256 if restored else None,
        # What the document itself says is known once it is read.
        "revision_number": named_revision(report, document.uri),
        "stamped_on": None,
        "is_on_time": None if due is None else _local_date(min(document.modified_at, arrived_at)) <= due,
    }
    return _insert(connection, arguments)


def record_answers(connection: Connection, submission: Submission, sha256: str) -> Submission:
    """Records the landed answers that a document was made of."""
    query = "update ops.submission set answers_sha256 = %s where submission_id = %s"
    connection.execute(query, [sha256, submission.submission_id])
    return replace(submission, answers_sha256=sha256)


def named_revision(report: Report, place: str) -> int:
    """Returns the revision number that the name of a file or an attachment says; no other source names its documents."""
    return revision_of_place(place, report.title.zh) if isinstance(report.source, FileDrop | Mailbox) else 0


def pending(connection: Connection, report: Report) -> list[Submission]:
    """Returns the submissions that wait to be loaded, in the order of their precedence."""
    query = f"""
        select s.* from ops.submission as s where s.report = %s and s.state = 'landed'
        order by {lowest_first("s")}
    """  # noqa: S608 - the sort expressions are a text of this package
    return [Submission.from_row(row) for row in fetch_all(connection, query, [report.report])]


_PENDING = """
    with moves as (
        select s.report, max(greatest(s.landed_at, s.claimed_at, s.loaded_at)) as moved_at,
            count(*) filter (where s.state = 'landed') as documents
        from ops.submission as s
        where s.report in (select waiting.report from ops.submission as waiting where waiting.state = 'landed')
        group by s.report
    )
    select coalesce(sum(documents), 0) as documents,
        coalesce(sum(documents) filter (where moved_at > clock_timestamp() - make_interval(secs => %s)), 0) as moving
    from moves
"""


def count_pending(connection: Connection, quiet_seconds: float) -> tuple[int, int]:
    """Counts the landed documents that are not loaded yet: all, and those of reports of which a document moved lately.

    A document moves when it lands, when a run claims it, and when its rows are loaded. A report of which none moved for
    `quiet_seconds` is not being loaded.
    """
    row = fetch_all(connection, _PENDING, [quiet_seconds])[0]
    return int(row["documents"]), int(row["moving"])


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


def _arrival(
    connection: Connection, document: RemoteDocument, unit_code: str, period: str | None, restored: Arrival | None
) -> dict[str, Any]:
    """Records the version of a document that was just pulled, and returns what its columns follow from."""
    arguments = {
        **known_version_of(document),
        "unit_code": unit_code,
        "period": period,
        "restored_at": restored.arrived_at if restored else None,
    }
    row = fetch_one(connection, _ARRIVAL, arguments)
    if row is None:
        raise AssertionError("a query that returns one row returned none")
    return row


def _local_date(time: dt.datetime) -> dt.date:
    return time.astimezone(LOCAL_TIMEZONE).date()


def _next_revision(connection: Connection, report: str, unit_code: str, period: str | None) -> int:
    arguments = {"report": report, "unit_code": unit_code, "period": period}
    row = fetch_one(connection, f"select {_NEXT_REVISION} as revision", arguments)
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
