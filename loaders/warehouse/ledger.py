"""The ledger: pulls, what they offered, submissions and their claims, and the watermark that moves only behind loaded rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from loaders.contract import Replaces, Report
from loaders.table import Issue, LandedFile, Offer, SeenOffer, Severity
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.problems import insert_issues
from loaders.warehouse.submission import State, Submission, due_date, period_fields

OFFICE_TIME = ZoneInfo("Asia/Shanghai")


class ClaimLost(WarehouseError):
    """Another run took these submissions over; nothing of this load was written."""


def contract_sha256(report: Report) -> str:
    """The hash of a contract's meaning: two files that say the same have the same."""
    return hashlib.sha256(report.model_dump_json().encode()).hexdigest()


def lock_report(connection: Connection, report: Report, purpose: str) -> None:
    """Wait until no other transaction works on the same report and purpose; free again when this one ends."""
    name = f"huimin.{purpose}.{report.report}"
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def record_units(connection: Connection, report: Report) -> None:
    """Keep the units that the contract expects to report."""
    connection.execute(
        "delete from ops.reporting_unit where report = %s and unit_code <> all(%s)", [report.report, list(report.units)]
    )
    query = "insert into ops.reporting_unit select %s, unnest(%s::text[]) on conflict do nothing"
    connection.execute(query, [report.report, list(report.units)])


def open_pull(connection: Connection, report: Report, cursor_from: str | None, cursor_to: str | None) -> int:
    """Begin a pull; its submissions carry its number."""
    query = "insert into ops.pull (report, cursor_from, cursor_to) values (%s, %s, %s) returning pull_id"
    row = fetch_one(connection, query, [report.report, cursor_from, cursor_to])
    return int(row["pull_id"]) if row else 0


def close_pull(connection: Connection, report: Report, pull_id: int) -> None:
    """Say that every document of the pull is in the ledger; only then can the watermark pass it."""
    connection.execute("update ops.pull set closed_at = coalesce(closed_at, now()) where pull_id = %s", [pull_id])
    move_watermark(connection, report)


def move_watermark(connection: Connection, report: Report) -> None:
    """Move the watermark to the newest closed pull before which nothing waits to be loaded."""
    query = """
        with reached as (
            select p.pull_id, p.cursor_to
            from ops.pull as p
            where p.report = %(report)s and p.closed_at is not null
              and not exists (
                  select from ops.submission as s
                  where s.report = p.report and s.state = 'landed' and s.pull_id <= p.pull_id
              )
            order by p.pull_id desc
            limit 1
        ),
        done as (
            update ops.pull as p set loaded_at = now()
            from reached as r
            where p.report = %(report)s and p.pull_id <= r.pull_id and p.closed_at is not null and p.loaded_at is null
        )
        insert into ops.watermark as w (report, cursor, pull_id)
        select %(report)s, r.cursor_to, r.pull_id from reached as r
        on conflict (report) do update set cursor = excluded.cursor, pull_id = excluded.pull_id, moved_at = now()
        where excluded.pull_id > w.pull_id
    """
    connection.execute(query, {"report": report.report})


def watermark(connection: Connection, report: Report) -> str | None:
    """The cursor up to which the source is loaded; None before the first load."""
    row = fetch_one(connection, "select cursor from ops.watermark where report = %s", [report.report])
    return row["cursor"] if row else None


def seen_offers(connection: Connection, report: Report) -> frozenset[SeenOffer]:
    """Every state in which a document of the report was offered and taken into the ledger."""
    query = "select source_uri, byte_size, source_modified_at from ops.seen_offer where report = %s"
    rows = fetch_all(connection, query, [report.report])
    return frozenset(SeenOffer(row["source_uri"], row["byte_size"], row["source_modified_at"]) for row in rows)


def register(connection: Connection, pull_id: int, offer: Offer, landed: LandedFile, report: Report) -> Submission | None:
    """Write a landed document into the ledger.

    Returns:
        The new submission (`landed`, or `duplicate` when the same bytes came under another name), or None when the same
        place offered the same bytes before.
    """
    lock_report(connection, report, "register")
    _record_offer(connection, offer)
    if _is_known(connection, offer, landed):
        return None
    unit_code = offer.unit or report.units[0]
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
        "due_date": (due := due_date(report, offer.period)),
        "is_on_time": None if due is None else offer.modified_at.astimezone(OFFICE_TIME).date() <= due,
    }
    original = _original(connection, offer, landed, report, unit_code)
    if original is None:
        return _insert(connection, facts)
    return _insert_duplicate(connection, facts, original)


def _record_offer(connection: Connection, offer: Offer) -> None:
    query = """
        insert into ops.seen_offer (report, source_uri, byte_size, source_modified_at)
        values (%s, %s, %s, %s) on conflict do nothing
    """
    connection.execute(query, [offer.report, offer.uri, offer.size, offer.modified_at])


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


def _original(
    connection: Connection, offer: Offer, landed: LandedFile, report: Report, unit_code: str
) -> dict[str, Any] | None:
    """The submission whose bytes come again under another name, if any.

    A register that did not change from one period to the next is no duplicate: it says that nothing changed.
    """
    query = """
        select submission_id, unit_code, period, source_uri, revision from ops.submission
        where report = %s and sha256 = %s and source_uri <> %s and state <> 'duplicate'
        order by submission_id
    """
    originals = fetch_all(connection, query, [report.report, landed.sha256, offer.uri])
    if report.replaces is Replaces.REGISTER:
        scope = (unit_code, str(offer.period) if offer.period else None)
        originals = [row for row in originals if (row["unit_code"], row["period"]) == scope]
    return originals[0] if originals else None


def _next_revision(connection: Connection, report: Report, unit_code: str, period: str | None) -> int:
    query = """
        select coalesce(max(revision), 0) + 1 as revision from ops.submission
        where report = %s and unit_code = %s and period is not distinct from %s and state <> 'duplicate'
    """
    row = fetch_one(connection, query, [report.report, unit_code, period])
    return int(row["revision"]) if row else 1


_INSERT = """
    insert into ops.submission (
        pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256,
        byte_size, due_date, is_on_time, state, state_reason, duplicate_of
    ) values (
        %(pull_id)s, %(report)s, %(unit_code)s, %(period)s, %(period_start)s, %(period_end)s, %(revision)s, %(source_uri)s,
        %(source_modified_at)s, %(sha256)s, %(byte_size)s, %(due_date)s, %(is_on_time)s, %(state)s, %(state_reason)s,
        %(duplicate_of)s
    ) returning *
"""


def _insert(connection: Connection, facts: dict[str, Any]) -> Submission:
    row = fetch_one(connection, _INSERT, {"state": State.LANDED, "state_reason": None, "duplicate_of": None} | facts)
    if row is None:
        raise WarehouseError("the ledger took no row for a submission")
    return Submission.from_row(row)


def _insert_duplicate(connection: Connection, facts: dict[str, Any], original: dict[str, Any]) -> Submission:
    first = original["source_uri"]
    submission = _insert(
        connection,
        facts
        | {
            "state": State.DUPLICATE,
            "state_reason": f"the same bytes as {first}",
            "duplicate_of": original["submission_id"],
            "revision": original["revision"],
        },
    )
    claimed, held = (facts["unit_code"], facts["period"]), (original["unit_code"], original["period"])
    if claimed != held:
        insert_issues(connection, submission, [_other_name(first, claimed, held)])
    return submission


def _other_name(first: str, claimed: tuple[str, str | None], held: tuple[str, str | None]) -> Issue:
    found, expected = (" ".join(part or "" for part in pair).strip() for pair in (claimed, held))
    name = first.rsplit("/", 1)[-1]
    return Issue(
        rule="duplicate_under_other_name",
        severity=Severity.WARNING,
        found=found,
        expected=expected,
        message_zh=f"本文件与已收到的“{name}”内容完全相同，但名称写的是“{found}”，而不是“{expected}”。如属误报，请重新报送正确的文件。",
        message_en=f'the same bytes as "{name}", yet named for {found} instead of {expected}; send the right document if this is a mistake',
    )


def pending(connection: Connection, report: Report) -> list[Submission]:
    """The submissions that wait to be loaded, those that speak last at the end."""
    query = """
        select * from ops.submission where report = %s and state = 'landed'
        order by period_end nulls first, source_modified_at, submission_id
    """
    return [Submission.from_row(row) for row in fetch_all(connection, query, [report.report])]


def claim(connection: Connection, report: Report, submission_ids: Sequence[int]) -> tuple[int, list[Submission]]:
    """Take the landed ones among some submissions over; whoever held them before has lost them.

    Returns:
        The token that `load_batch` must show, and the submissions.
    """
    query = """
        with token as materialized (select nextval('ops.claim_token') as claim)
        update ops.submission as s set claim = token.claim, claimed_at = now()
        from token
        where s.report = %s and s.submission_id = any(%s) and s.state = 'landed'
        returning s.*
    """
    rows = fetch_all(connection, query, [report.report, list(submission_ids)])
    token = int(rows[0]["claim"]) if rows else 0
    return token, sorted(map(Submission.from_row, rows), key=lambda submission: submission.precedence)


def hold_claim(connection: Connection, token: int, submissions: Iterable[Submission]) -> None:
    """Lock the claimed submissions until the transaction ends.

    Raises:
        ClaimLost: one of them was claimed by another run since, or is loaded already.
    """
    ids = [submission.submission_id for submission in submissions]
    query = """
        select submission_id, claim, state from ops.submission where submission_id = any(%s)
        order by submission_id for update
    """
    held = {
        row["submission_id"]
        for row in fetch_all(connection, query, [ids])
        if row["claim"] == token and row["state"] == State.LANDED
    }
    lost = sorted(set(ids) - held)
    if lost:
        raise ClaimLost(f"claim {token} no longer holds submissions {lost}: another run took them over; nothing was written")


def reload(
    connection: Connection, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]
) -> list[Submission]:
    """Put chosen documents that were loaded or refused before into the ledger once more, from their landed bytes.

    Without a choice, all of the report's documents. Of each document (place and bytes) the newest submission is repeated.
    """
    lock_report(connection, report, "register")
    query = """
        select distinct on (source_uri, sha256) * from ops.submission
        where report = %(report)s and state <> 'duplicate'
          and (%(periods)s::text[] = '{}' or period = any(%(periods)s))
          and (%(units)s::text[] = '{}' or unit_code = any(%(units)s))
          and (%(uris)s::text[] = '{}' or source_uri = any(%(uris)s))
        order by source_uri, sha256, submission_id desc
    """
    choice = {"report": report.report, "periods": list(periods), "units": list(units), "uris": list(uris)}
    chosen = [row for row in fetch_all(connection, query, choice) if row["state"] != State.LANDED]
    return [_insert_again(connection, report, row) for row in sorted(chosen, key=lambda row: row["submission_id"])]


def _insert_again(connection: Connection, report: Report, row: dict[str, Any]) -> Submission:
    revision = _next_revision(connection, report, row["unit_code"], row["period"])
    again = {"pull_id": None, "state": State.LANDED, "state_reason": None, "duplicate_of": None, "revision": revision}
    return _insert(connection, row | again)
