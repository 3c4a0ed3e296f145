"""The load: ONE transaction for a batch of submissions of one report.

Rows, rejects, issues, superseded marks, ledger states and the watermark become visible together or not at all. Each document
stands behind a savepoint of its own, so that a refused one leaves the others as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

import psycopg
import pyarrow as pa

from loaders.contract import Replaces, Report
from loaders.table import Issue, Reading, Verdict
from loaders.warehouse import claims, contests, ledger, quarantine, shrink_guard, twins
from loaders.warehouse.ahead import one_ahead
from loaders.warehouse.connection import Connection
from loaders.warehouse.gone_keys import settle_gone_keys
from loaders.warehouse.problems import IssueLog, records_of
from loaders.warehouse.pulls import move_watermark
from loaders.warehouse.readmission import settle, withdraw
from loaders.warehouse.refusals import (
    DocumentRefused,
    cannot_be_stored,
    document_shrank,
    period_unknown,
    rows_unaccounted,
)
from loaders.warehouse.rows import RowWriter
from loaders.warehouse.storable import NotStorable, told
from loaders.warehouse.submission import (
    LoadItem,
    Outcome,
    State,
    Submission,
    due_date,
    period_fields,
    submissions_by_id,
)
from loaders.warehouse.supersede import close, is_alone, mark_if_silent, mark_superseded, older_revisions, speaker
from loaders.warehouse.withdrawal import settle_gone

# A value that PostgreSQL does not take is the document's fault; anything else that goes wrong is not.
_NOT_TAKEN = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, pa.ArrowInvalid)


def load_items(connection: Connection, report: Report, token: int, items: Iterable[LoadItem]) -> list[Outcome]:
    """Load claimed submissions inside the caller's transaction, those that speak last at the end.

    Raises:
        ClaimLost: another run took one of them over since.
    """
    ordered = sorted(items, key=lambda item: item.submission.precedence)
    ledger.lock_report(connection, report, "load")
    claims.hold_claim(connection, token, [item.submission for item in ordered])
    outcomes = [_load_document(connection, report, item) for item in ordered]
    settle_gone(connection, report)
    move_watermark(connection, report)
    return outcomes


def _load_document(connection: Connection, report: Report, item: LoadItem) -> Outcome:
    submission = _with_period(connection, report, item)
    # Most documents are the only one of their unit and period: nothing of others need be asked then.
    alone = is_alone(connection, report, submission)
    try:
        with connection.transaction():
            load = _DocumentLoad(connection, report, submission, item, alone)
            outcome = load.run()
    except (DocumentRefused, NotStorable, *_NOT_TAKEN) as error:
        outcome = _reject(connection, report, submission, item.reading, _refusal_of(error))
    else:
        _withdraw_older(connection, report, submission)
        twins.silence_younger(connection, report, submission)
        settle(connection, report, load.freed)
        if not alone:
            twins.promote_repeats(connection, report, submission)
        settle_gone_keys(connection, report, submission.source_uri)
    if not alone:
        shrink_guard.judge_next_again(connection, report, submission)
    return outcome


def _refusal_of(error: Exception) -> DocumentRefused:
    if isinstance(error, DocumentRefused):
        return error
    return DocumentRefused(cannot_be_stored(str(error) if isinstance(error, NotStorable) else _words(error)))


class _DocumentLoad:
    """One document's way into the tables; any refusal leaves by an exception and takes everything back."""

    def __init__(self, connection: Connection, report: Report, submission: Submission, item: LoadItem, alone: bool) -> None:
        self._connection = connection
        self._report = report
        self._submission = submission
        self._item = item
        self._alone = alone
        self._issues = IssueLog(connection, report, submission)
        self._rows_quarantined = 0
        self.freed: set[int] = set()

    def run(self) -> Outcome:
        self._refuse_unreadable()
        rival = None if self._alone else speaker(self._connection, self._report, self._submission)
        loses = rival is not None and rival.precedence > self._submission.precedence
        if rival is not None and not loses:
            close(self._connection, self._report, rival, self._submission)
            self.freed.add(rival.submission_id)
        writer = RowWriter(
            self._connection, self._report, self._submission, rival.submission_id if rival is not None and loses else None
        )
        self._write_slices(writer)
        self._guard(writer)
        outcome = self._record(writer)
        if rival is not None and loses:
            mark_superseded(self._connection, self._submission, rival)
            return replace(outcome, state=State.SUPERSEDED)
        self.freed |= writer.freed
        quarantine.mark_told(self._connection, self._submission.submission_id)
        return replace(outcome, state=State.SUPERSEDED) if self._is_silenced(writer) else outcome

    def _refuse_unreadable(self) -> None:
        reading = self._item.reading
        if reading.refusal is not None:
            raise DocumentRefused(reading.refusal, reading.issues)
        if self._report.replaces is Replaces.PERIOD and self._submission.period is None:
            raise DocumentRefused(period_unknown())

    def _write_slices(self, writer: RowWriter) -> None:
        untold = dict.fromkeys(self._item.reading.issues)
        for verdict in self._verdicts():
            if verdict.refusal is not None:
                raise DocumentRefused(verdict.refusal, verdict.issues)
            held = writer.write(verdict.accepted)
            self._rows_quarantined += len(held)
            self._rows_quarantined += quarantine.hold_rejected(self._connection, self._submission, verdict.rejected)
            self._tell(verdict.issues)
            contests.hold(self._connection, self._report, self._submission, held)
            for issue in verdict.issues:
                untold.pop(issue, None)
        self._tell(list(untold))

    def _verdicts(self) -> Iterator[Verdict]:
        with closing(one_ahead(self._item.verdicts)) as verdicts:
            yield from verdicts

    def _tell(self, issues: Sequence[Issue]) -> None:
        self._issues.write(issues, records_of(self._report, self._item.reading.rows, issues))

    def _guard(self, writer: RowWriter) -> None:
        reading = self._item.reading
        counted = writer.rows_accepted - writer.rows_held + self._rows_quarantined + sum(reading.furniture.values())
        if counted != reading.rows_total:
            raise DocumentRefused(rows_unaccounted(reading.rows_total, counted))
        now = writer.rows_accepted
        before = None if self._alone else shrink_guard.rows_missed(self._connection, self._report, self._submission, now)
        if before is not None:
            refusal = document_shrank(self._report, self._submission.submission_id, before, now)
            raise DocumentRefused(refusal, rows_accepted=now)

    def _record(self, writer: RowWriter) -> Outcome:
        state = State.ACCEPTED_WITH_REJECTS if self._rows_quarantined else State.ACCEPTED
        loaded = writer.rows_accepted - writer.rows_held
        outcome = Outcome(self._submission.submission_id, state, loaded, self._rows_quarantined)
        reading = self._item.reading
        _write_outcome(self._connection, self._report, outcome, reading.rows_total, reading.furniture, writer.rows_accepted)
        return outcome

    def _is_silenced(self, writer: RowWriter) -> bool:
        """Mark who has no current row left, where each key is a scope of its own; whether this one has none."""
        if self._report.replaces is not Replaces.KEY:
            return False
        mark_if_silent(self._connection, self._report, writer.freed, self._submission)
        winners = submissions_by_id(self._connection, writer.winners).values()
        if not winners:
            return False
        winner = max(winners, key=lambda other: other.precedence)
        return mark_if_silent(self._connection, self._report, [self._submission.submission_id], winner)


def _reject(
    connection: Connection, report: Report, submission: Submission, reading: Reading, refused: DocumentRefused
) -> Outcome:
    """Hold the whole document back: no rows, and the reasons."""
    issues = list(dict.fromkeys(refused.issues))
    IssueLog(connection, report, submission).write(issues, records_of(report, reading.rows, issues))
    reason = issues[0].message_en
    outcome = Outcome(submission.submission_id, State.REJECTED, 0, reading.rows_total, reason)
    _write_outcome(connection, report, outcome, reading.rows_total, {}, refused.rows_accepted)
    _withdraw_older(connection, report, submission)
    twins.give_chance(connection, submission)
    return outcome


def _withdraw_older(connection: Connection, report: Report, submission: Submission) -> None:
    """A document that was judged again speaks by its last judgement alone."""
    for older in older_revisions(connection, report, submission):
        withdraw(connection, report, older, submission, State.SUPERSEDED)


def _write_outcome(
    connection: Connection,
    report: Report,
    outcome: Outcome,
    rows_total: int,
    furniture: Mapping[str, int],
    rows_accepted: int | None,
) -> None:
    query = """
        update ops.submission set
            state = %(state)s, state_reason = %(reason)s, rows_total = %(total)s, rows_loaded = %(loaded)s,
            rows_quarantined = %(quarantined)s, rows_furniture = %(furniture_rows)s, rows_accepted = %(accepted)s,
            furniture = %(furniture)s, loaded_at = clock_timestamp(), contract_sha256 = %(contract)s
        where submission_id = %(id)s
    """
    parameters = {
        "state": outcome.state,
        "reason": told(outcome.reason),
        "total": rows_total,
        "loaded": outcome.rows_loaded,
        "quarantined": outcome.rows_quarantined,
        "furniture_rows": sum(furniture.values()),
        "accepted": rows_accepted,
        "furniture": json.dumps(dict(furniture), ensure_ascii=False),
        "contract": ledger.contract_sha256(report),
        "id": outcome.submission_id,
    }
    connection.execute(query, parameters)


def _with_period(connection: Connection, report: Report, item: LoadItem) -> Submission:
    """The submission with the period that the document itself says, when its name said none."""
    submission, said = item.submission, item.reading.period
    if submission.period is not None or said is None or said.kind is not report.period_kind:
        return submission
    query = """
        update ops.submission set period = %(period)s, period_start = %(period_start)s, period_end = %(period_end)s,
            due_date = %(due)s::date,
            is_on_time = (least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date <= %(due)s::date
        where submission_id = %(id)s
    """
    facts = {**period_fields(said), "due": due_date(report, said), "id": submission.submission_id}
    connection.execute(query, facts)
    return replace(submission, period=said)


def _words(error: Exception) -> str:
    message = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join(str(message or error).split())
