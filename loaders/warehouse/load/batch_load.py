"""The load: ONE transaction for a batch of submissions of one report.

Rows, quarantined rows, issues, states and the watermark are committed together or not at all. Each document has a savepoint, so
that a refused one does not affect the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

import psycopg
import pyarrow as pa
from psycopg import sql

from loaders.contract import Replaces, Report
from loaders.model import Issue, Reading, ValidationResult
from loaders.warehouse.connection import Connection
from loaders.warehouse.currency import duplicates, shrink_guard
from loaders.warehouse.currency.decisions import PeoplesDecisions
from loaders.warehouse.currency.gone_keys import process_gone_keys
from loaders.warehouse.currency.manual_withdrawal import take_out
from loaders.warehouse.currency.register_changes import record_missing_entries
from loaders.warehouse.currency.reinstatement import reinstate_waiting, retract
from loaders.warehouse.currency.supersession import (
    current_submission,
    is_only_document,
    older_revisions,
    record_supersession,
    supersede,
    supersede_if_no_current_rows,
)
from loaders.warehouse.currency.withdrawal import process_gone_documents
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.issues.issue_log import IssueLog, record_keys
from loaders.warehouse.issues.overrides import record_overrides
from loaders.warehouse.ledger import claims, submissions
from loaders.warehouse.ledger.due_dates import due_date_of
from loaders.warehouse.ledger.pulls import move_watermark
from loaders.warehouse.ledger.transitions import change_state
from loaders.warehouse.load.document_tables import record_tables
from loaders.warehouse.load.prefetch import prefetch
from loaders.warehouse.load.refusals import (
    DocumentRefused,
    cannot_be_stored,
    document_shrank,
    period_unknown,
    rows_unaccounted,
)
from loaders.warehouse.postgres_limits import PostgresLimitExceeded, truncate_text
from loaders.warehouse.rows import key_conflicts, quarantine
from loaders.warehouse.rows.row_writer import RowWriter
from loaders.warehouse.submission import (
    LOADED_STATES,
    LoadItem,
    Outcome,
    State,
    Submission,
    period_fields,
    submissions_by_id,
)

# A value that PostgreSQL does not take refuses the document; any other error fails the whole load.
_STORAGE_ERRORS = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, pa.ArrowInvalid)


def load_items(connection: Connection, report: Report, token: int, items: Iterable[LoadItem]) -> list[Outcome]:
    """Loads claimed submissions inside the caller's transaction, in the order of their precedence.

    Raises:
        ClaimLost: another run took one of them over since.
    """
    ordered = sorted(items, key=lambda item: item.submission.precedence)
    submissions.lock_report(connection, report, "load")
    claims.lock_claimed(connection, token, [item.submission for item in ordered])
    people = PeoplesDecisions.read(connection, report)
    outcomes = [_load_document(connection, report, item, people) for item in ordered]
    process_gone_documents(connection, report)
    sync_issue_events(connection, report)
    move_watermark(connection, report)
    return outcomes


def _load_document(connection: Connection, report: Report, item: LoadItem, people: PeoplesDecisions) -> Outcome:
    submission = _with_period(connection, report, item)
    # Most documents are the only one of their unit and period: queries about others are skipped then.
    is_only = is_only_document(connection, report, submission)
    try:
        with connection.transaction():
            load = _DocumentLoad(connection, report, submission, item, people, is_only)
            outcome = load.run()
    except (DocumentRefused, PostgresLimitExceeded, *_STORAGE_ERRORS) as error:
        outcome = _reject(connection, report, submission, item.reading, _refusal_of(error))
    else:
        _retract_older(connection, report, submission)
        duplicates.retract_later_duplicates(connection, report, submission)
        reinstate_waiting(connection, report, load.released_holders)
        if not is_only:
            duplicates.promote_repeats(connection, report, submission)
        process_gone_keys(connection, report, submission.source_uri)
    if not is_only:
        shrink_guard.requeue_next(connection, report, submission)
    if outcome.state in LOADED_STATES and (submission.source_uri, submission.sha256) in people.withdrawn:
        # It is loaded first all the same: a rebuilt ledger has the rows that it had before a person withdrew it.
        take_out(connection, report, replace(submission, state=outcome.state))
        outcome = replace(outcome, state=State.WITHDRAWN)
    return outcome


def _refusal_of(error: Exception) -> DocumentRefused:
    if isinstance(error, DocumentRefused):
        return error
    return DocumentRefused(cannot_be_stored(str(error) if isinstance(error, PostgresLimitExceeded) else _error_text(error)))


class _DocumentLoad:
    """The load of one document. Any refusal is an exception, which rolls back to the savepoint."""

    def __init__(
        self,
        connection: Connection,
        report: Report,
        submission: Submission,
        item: LoadItem,
        people: PeoplesDecisions,
        is_only: bool,
    ) -> None:
        self._connection = connection
        self._overrides = people.overrides
        self._report = report
        self._submission = submission
        self._item = item
        self._is_only = is_only
        self._issues = IssueLog(connection, report, submission)
        self._rows_quarantined = 0
        self.released_holders: set[int] = set()

    def run(self) -> Outcome:
        self._refuse_unreadable()
        current = None if self._is_only else current_submission(self._connection, self._report, self._submission)
        is_outranked = current is not None and current.precedence > self._submission.precedence
        if current is not None and not is_outranked:
            supersede(self._connection, self._report, current, self._submission)
            self.released_holders.add(current.submission_id)
        writer = RowWriter(
            self._connection,
            self._report,
            self._submission,
            current.submission_id if current is not None and is_outranked else None,
        )
        self._write_chunks(writer)
        self._check_row_counts(writer)
        outcome = self._record_outcome(writer)
        if current is not None and is_outranked:
            record_supersession(self._connection, self._submission, current)
            return replace(outcome, state=State.SUPERSEDED)
        if current is not None:
            record_missing_entries(self._connection, self._report, current, self._submission)
        self.released_holders |= writer.released_holders
        quarantine.set_notified(self._connection, self._submission.submission_id)
        return replace(outcome, state=State.SUPERSEDED) if self._supersede_without_current_rows(writer) else outcome

    def _refuse_unreadable(self) -> None:
        reading = self._item.reading
        if reading.refusal is not None:
            raise DocumentRefused(reading.refusal, reading.issues)
        if self._report.replaces is Replaces.PERIOD and self._submission.period is None:
            raise DocumentRefused(period_unknown())

    def _write_chunks(self, writer: RowWriter) -> None:
        unwritten = dict.fromkeys(self._item.reading.issues)
        for result in self._results():
            if result.refusal is not None:
                raise DocumentRefused(result.refusal, result.issues)
            keys = self._write_issues(result.issues)
            kept, confirmed = self._overrides.confirm(result, list(zip(result.issues, keys, strict=True)))
            conflicting = [*writer.write(kept.accepted), *writer.write(confirmed.rows)]
            self._rows_quarantined += len(conflicting)
            self._rows_quarantined += quarantine.insert_rejected(self._connection, self._submission, kept.rejected)
            record_overrides(self._connection, self._submission, confirmed)
            key_conflicts.quarantine_rows(self._connection, self._report, self._submission, conflicting)
            for issue in result.issues:
                unwritten.pop(issue, None)
        self._write_issues(list(unwritten))

    def _results(self) -> Iterator[ValidationResult]:
        with closing(prefetch(self._item.results)) as results:
            yield from results

    def _write_issues(self, issues: Sequence[Issue]) -> list[str]:
        return self._issues.write(issues, record_keys(self._report, self._item.reading.rows, issues))

    def _check_row_counts(self, writer: RowWriter) -> None:
        reading = self._item.reading
        counted = writer.rows_accepted - writer.rows_conflicting + self._rows_quarantined + sum(reading.furniture.values())
        if counted != reading.rows_total:
            raise DocumentRefused(rows_unaccounted(reading.rows_total, counted))
        now = writer.rows_accepted
        before = None if self._is_only else shrink_guard.shrunk_from(self._connection, self._report, self._submission, now)
        if before is not None:
            refusal = document_shrank(self._report, self._submission.submission_id, before, now)
            raise DocumentRefused(refusal, rows_accepted=now)

    def _record_outcome(self, writer: RowWriter) -> Outcome:
        state = State.ACCEPTED_WITH_REJECTS if self._rows_quarantined else State.ACCEPTED
        loaded = writer.rows_accepted - writer.rows_conflicting
        outcome = Outcome(self._submission.submission_id, state, loaded, self._rows_quarantined)
        reading = self._item.reading
        _write_outcome(self._connection, self._report, outcome, reading.rows_total, reading.furniture, writer.rows_accepted)
        record_tables(self._connection, self._submission.submission_id, reading.tables)
        return outcome

    def _supersede_without_current_rows(self, writer: RowWriter) -> bool:
        """Marks submissions without a current row, where each key is a scope. Returns whether this one has none."""
        if self._report.replaces is not Replaces.KEY:
            return False
        supersede_if_no_current_rows(self._connection, self._report, writer.released_holders, self._submission)
        winners = submissions_by_id(self._connection, writer.winners).values()
        if not winners:
            return False
        winner = max(winners, key=lambda other: other.precedence)
        return supersede_if_no_current_rows(self._connection, self._report, [self._submission.submission_id], winner)


def _reject(
    connection: Connection, report: Report, submission: Submission, reading: Reading, refused: DocumentRefused
) -> Outcome:
    """Refuses the whole document: no rows, only the issues."""
    issues = list(dict.fromkeys(refused.issues))
    IssueLog(connection, report, submission).write(issues, record_keys(report, reading.rows, issues))
    reason = issues[0].message_en
    outcome = Outcome(submission.submission_id, State.REJECTED, 0, reading.rows_total, reason)
    _write_outcome(connection, report, outcome, reading.rows_total, {}, refused.rows_accepted)
    _retract_older(connection, report, submission)
    duplicates.promote_duplicate(connection, submission)
    return outcome


def _retract_older(connection: Connection, report: Report, submission: Submission) -> None:
    """Retracts the earlier submissions of a document that was validated again: only the last one counts."""
    for older in older_revisions(connection, report, submission):
        retract(connection, report, older, submission, State.SUPERSEDED)


def _write_outcome(
    connection: Connection,
    report: Report,
    outcome: Outcome,
    rows_total: int,
    furniture: Mapping[str, int],
    rows_accepted: int | None,
) -> None:
    change_state(
        connection,
        [outcome.submission_id],
        outcome.state,
        state_reason=truncate_text(outcome.reason),
        rows_total=rows_total,
        rows_loaded=outcome.rows_loaded,
        rows_quarantined=outcome.rows_quarantined,
        rows_furniture=sum(furniture.values()),
        rows_accepted=rows_accepted,
        furniture=json.dumps(dict(furniture), ensure_ascii=False),
        loaded_at=sql.SQL("clock_timestamp()"),
        contract_sha256=submissions.contract_sha256(report),
    )


def _with_period(connection: Connection, report: Report, item: LoadItem) -> Submission:
    """Returns the submission with the period from inside the document, when its name has none."""
    submission, period = item.submission, item.reading.period
    if submission.period is not None or period is None or period.kind is not report.period_kind:
        return submission
    query = """
        update ops.submission set period = %(period)s, period_start = %(period_start)s, period_end = %(period_end)s,
            due_date = %(due)s::date,
            is_on_time = (least(source_modified_at, arrived_at) at time zone 'Asia/Shanghai')::date <= %(due)s::date
        where submission_id = %(id)s
    """
    arguments = {
        **period_fields(period),
        "due": due_date_of(connection, report, submission.unit_code, period),
        "id": submission.submission_id,
    }
    connection.execute(query, arguments)
    return replace(submission, period=period)


def _error_text(error: Exception) -> str:
    message = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join(str(message or error).split())
