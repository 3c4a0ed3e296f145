"""The ledger of submissions: what landed, once; what waits to be loaded; what is to be loaded once more."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from loaders.contract import Report
from loaders.table import LandedFile, Offer
from loaders.warehouse import twins
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.pulls import record_offer
from loaders.warehouse.storable import whole_text
from loaders.warehouse.submission import State, Submission, due_date, period_fields

OFFICE_TIME = ZoneInfo("Asia/Shanghai")

_INSERT = """
    insert into ops.submission (
        pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256,
        byte_size, due_date, is_on_time
    ) values (
        %(pull_id)s, %(report)s, %(unit_code)s, %(period)s, %(period_start)s, %(period_end)s, %(revision)s, %(source_uri)s,
        %(source_modified_at)s, %(sha256)s, %(byte_size)s, %(due_date)s, %(is_on_time)s
    ) returning *
"""


def contract_sha256(report: Report) -> str:
    """The hash of a contract's meaning: two files that say the same have the same."""
    return hashlib.sha256(report.model_dump_json().encode()).hexdigest()


def lock_report(connection: Connection, report: Report, purpose: str) -> None:
    """Wait until no other transaction works on the same report and purpose; free again when this one ends."""
    name = f"huimin.{purpose}.{report.report}"
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def register(connection: Connection, pull_id: int, offer: Offer, landed: LandedFile, report: Report) -> Submission | None:
    """Write a landed document into the ledger.

    Returns:
        The new submission (`landed`, or `duplicate` when the same bytes came under another name), or None when the same
        place offered the same bytes before.
    """
    lock_report(connection, report, "register")
    offer = replace(offer, uri=whole_text(offer.uri))
    record_offer(connection, offer)
    if _is_known(connection, offer, landed):
        return None
    unit_code = offer.unit or report.units[0]
    due = due_date(report, offer.period)
    facts: dict[str, Any] = {
        "pull_id": pull_id,
        "report": report.report,
        "unit_code": unit_code,
        **period_fields(offer.period),
        "revision": _next_revision(connection, report, unit_code, str(offer.period) if offer.period else None),
        "source_uri": offer.uri,
        "source_modified_at": offer.modified_at,
        "sha256": landed.sha256,
        "byte_size": landed.size,
        "due_date": due,
        "is_on_time": None if due is None else offer.modified_at.astimezone(OFFICE_TIME).date() <= due,
    }
    return twins.sort_out(connection, report, _insert(connection, facts))


def pending(connection: Connection, report: Report) -> list[Submission]:
    """The submissions that wait to be loaded, those that speak last at the end."""
    query = """
        select * from ops.submission where report = %s and state = 'landed'
        order by period_end nulls first, source_modified_at, submission_id
    """
    return [Submission.from_row(row) for row in fetch_all(connection, query, [report.report])]


def count_waiting(connection: Connection) -> int:
    """How many landed documents are not loaded yet."""
    return int(fetch_all(connection, "select count(*) as documents from ops.submission where state = 'landed'")[0]["documents"])


def reload(
    connection: Connection, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]
) -> list[Submission]:
    """Put chosen documents that were loaded or refused before into the ledger once more, from their landed bytes.

    Without a choice, all of the report's documents. Of each document (place and bytes) the newest submission is repeated.
    """
    lock_report(connection, report, "register")
    query = """
        select distinct on (source_uri, sha256) submission_id, state from ops.submission
        where report = %(report)s
          and (%(periods)s::text[] = '{}' or period = any(%(periods)s))
          and (%(units)s::text[] = '{}' or unit_code = any(%(units)s))
          and (%(uris)s::text[] = '{}' or source_uri = any(%(uris)s))
        order by source_uri, sha256, submission_id desc
    """
    choice = {"report": report.report, "periods": list(periods), "units": list(units), "uris": list(uris)}
    found = fetch_all(connection, query, choice)
    chosen = sorted(row["submission_id"] for row in found if row["state"] not in {State.LANDED, State.DUPLICATE})
    return [again for number in chosen if (again := insert_again(connection, report, number)) is not None]


def insert_again(connection: Connection, report: Report, submission_id: int) -> Submission | None:
    """Put a document into the ledger once more; None when it waits there already."""
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
    revision = _next_revision(connection, report, row["unit_code"], row["period"])
    return _insert(connection, row | {"pull_id": None, "revision": revision})


def _is_known(connection: Connection, offer: Offer, landed: LandedFile) -> bool:
    """Whether this place holds what it held before: in the newest state known, or in one no newer than that."""
    query = """
        select sha256, source_modified_at from ops.submission
        where report = %s and source_uri = %s
        order by source_modified_at desc, submission_id desc
    """
    known = fetch_all(connection, query, [offer.report, offer.uri])
    if not known:
        return False
    newest = known[0]
    if newest["sha256"] == landed.sha256:
        return True
    same_bytes = any(row["sha256"] == landed.sha256 for row in known)
    return same_bytes and offer.modified_at <= newest["source_modified_at"]


def _next_revision(connection: Connection, report: Report, unit_code: str, period: str | None) -> int:
    query = """
        select coalesce(max(revision), 0) + 1 as revision from ops.submission
        where report = %s and unit_code = %s and period is not distinct from %s and state <> 'duplicate'
    """
    row = fetch_one(connection, query, [report.report, unit_code, period])
    return int(row["revision"]) if row else 1


def _insert(connection: Connection, facts: dict[str, Any]) -> Submission:
    row = fetch_one(connection, _INSERT, facts)
    if row is None:
        raise AssertionError("an insert that returns a row returned none")
    return Submission.from_row(row)
