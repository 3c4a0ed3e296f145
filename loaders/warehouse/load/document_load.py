"""The load of one document by itself, in a savepoint of its own: which submission is current, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import psycopg
import pyarrow as pa

from loaders.concurrency.prefetch import prefetch
from loaders.contract import Replaces, Report
from loaders.model import Issue, Reading, ValidationResult
from loaders.warehouse.connection import Connection
from loaders.warehouse.currency import content_duplicates, duplicates, shrink_guard
from loaders.warehouse.currency.content_duplicates import SameContent
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
from loaders.warehouse.issues.issue_log import IssueLog, record_keys
from loaders.warehouse.issues.overrides import record_overrides
from loaders.warehouse.load.content_digest import ContentDigest
from loaders.warehouse.load.document_tables import record_tables
from loaders.warehouse.load.outcomes import write_outcome
from loaders.warehouse.load.refusals import (
    DocumentRefused,
    document_shrank,
    period_unknown,
    refusal_of,
    rows_unaccounted,
)
from loaders.warehouse.postgres_limits import PostgresLimitExceeded
from loaders.warehouse.rows import key_conflicts, quarantine
from loaders.warehouse.rows.row_writer import RowWriter
from loaders.warehouse.submission import (
    LOADED_STATES,
    LoadItem,
    Outcome,
    State,
    Submission,
    submissions_by_id,
)

# A value that PostgreSQL does not take refuses the document; any other error fails the whole load.
_STORAGE_ERRORS = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, pa.ArrowInvalid)


def load_document(connection: Connection, report: Report, item: LoadItem, people: PeoplesDecisions) -> Outcome:
    """Loads one document, whose facts are recorded, or refuses it."""
    submission = item.submission
    # Most documents are the only one of their unit and period: queries about others are skipped then.
    is_only = is_only_document(connection, report, submission)
    load = _DocumentLoad(connection, report, submission, item, people, is_only)
    try:
        with connection.transaction():
            outcome = load.run()
    except SameContent as same:
        outcome = _set_aside(connection, report, load.submission, same.original)
    except (DocumentRefused, PostgresLimitExceeded, *_STORAGE_ERRORS) as error:
        outcome = _reject(connection, report, submission, item.reading, refusal_of(error))
    else:
        older = _retract_older(connection, report, submission)
        duplicates.retract_later_duplicates(connection, report, submission)
        if load.may_share_content:
            content_duplicates.retract_later_arrivals(connection, report, load.submission)
        reinstate_waiting(connection, report, load.released_holders)
        if not is_only:
            duplicates.promote_repeats(connection, report, submission)
        process_gone_keys(connection, report, submission.source_uri)
        if load.may_share_content:
            content_duplicates.review_duplicates(connection, report, submission, [*older, *load.released_holders])
    if load.may_have_successors:
        shrink_guard.requeue_next(connection, report, submission)
    if outcome.state in LOADED_STATES and (submission.source_uri, submission.sha256) in people.withdrawn:
        # It is loaded first all the same: a rebuilt ledger has the rows that it had before a person withdrew it.
        take_out(connection, report, replace(submission, state=outcome.state))
        outcome = replace(outcome, state=State.WITHDRAWN)
    return outcome


def _set_aside(connection: Connection, report: Report, submission: Submission, original: Submission) -> Outcome:
    """Keeps a document with the rows of another one as its duplicate: none of its rows counts."""
    content_duplicates.record_duplicate(connection, submission, original)
    older = _retract_older(connection, report, submission)
    # The contract may close by now what the original left.
    process_gone_keys(connection, report, submission.source_uri)
    content_duplicates.review_duplicates(connection, report, submission, older)
    return Outcome(submission.submission_id, State.DUPLICATE, 0, 0)


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
        self._digest = ContentDigest(report)
        self._rows_quarantined = 0
        self.released_holders: set[int] = set()
        self.may_have_successors = not is_only

    @property
    def submission(self) -> Submission:
        """Returns the submission, with its content digest once all of it is written."""
        return self._submission

    @property
    def may_share_content(self) -> bool:
        """Returns whether another document of the same unit and period may have been loaded."""
        return not (self._is_only and self._report.replaces in content_duplicates.REPLACED_AS_A_WHOLE)

    def run(self) -> Outcome:
        self._refuse_unreadable()
        if not isinstance(self._item.results, Iterator):
            # The content of a document that does not stream is known before anything is written.
            whole = list(self._item.results)
            self._hash(whole)
            self._set_aside_same_content()
            return self._load(whole, is_hashed=True)
        with closing(prefetch(self._item.results)) as results:
            return self._load(results, is_hashed=False)

    def _load(self, results: Iterable[ValidationResult], *, is_hashed: bool) -> Outcome:
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
            self._item.chain,
        )
        self._write_chunks(writer, results if is_hashed else self._hashed(results))
        if not is_hashed:
            self._set_aside_same_content()
        self._check_row_counts(writer)
        outcome = self._record_outcome(writer)
        if current is not None and is_outranked:
            record_supersession(self._connection, self._submission, current)
            return replace(outcome, state=State.SUPERSEDED)
        if current is not None:
            record_missing_entries(self._connection, self._report, current, self._submission)
        self.released_holders |= writer.released_holders
        if self._rows_quarantined:
            quarantine.set_notified(self._connection, [self._submission.submission_id])
        return replace(outcome, state=State.SUPERSEDED) if self._supersede_without_current_rows(writer) else outcome

    def _refuse_unreadable(self) -> None:
        reading = self._item.reading
        if reading.refusal is not None:
            raise DocumentRefused(reading.refusal, reading.issues)
        if self._report.replaces is Replaces.PERIOD and self._submission.period is None:
            raise DocumentRefused(period_unknown())

    def _write_chunks(self, writer: RowWriter, results: Iterable[ValidationResult]) -> None:
        unwritten = dict.fromkeys(self._item.reading.issues)
        for result in results:
            keys = self._write_issues(result.issues)
            kept, confirmed = self._overrides.confirm(result, list(zip(result.issues, keys, strict=True)))
            conflicting = [*writer.write(kept.accepted), *writer.write(confirmed.rows)]
            self._rows_quarantined += len(conflicting)
            quarantine.insert_rejected(self._connection, [(self._submission, kept.rejected)])
            self._rows_quarantined += kept.rejected.num_rows
            record_overrides(self._connection, self._submission, confirmed)
            key_conflicts.quarantine_rows(self._connection, self._report, self._submission, conflicting)
            for issue in result.issues:
                unwritten.pop(issue, None)
        self._write_issues(list(unwritten))

    def _set_aside_same_content(self) -> None:
        self._submission = replace(self._submission, content_sha256=self._item.chain.lift(self._digest.hexdigest()))
        if self.may_share_content:
            original = content_duplicates.original_of(self._connection, self._report, self._submission)
            if original is not None:
                raise SameContent(original)

    def _hash(self, results: Iterable[ValidationResult]) -> None:
        for result in results:
            if result.refusal is not None:
                raise DocumentRefused(result.refusal, result.issues)
            self._digest.add(result)

    def _hashed(self, results: Iterable[ValidationResult]) -> Iterator[ValidationResult]:
        for result in results:
            self._hash([result])
            yield result

    def _write_issues(self, issues: Sequence[Issue]) -> list[str]:
        return self._issues.write(issues, record_keys(self._report, self._item.reading.rows, issues))

    def _check_row_counts(self, writer: RowWriter) -> None:
        reading = self._item.reading
        counted = writer.rows_accepted - writer.rows_conflicting + self._rows_quarantined + sum(reading.furniture.values())
        if counted != reading.rows_total:
            raise DocumentRefused(rows_unaccounted(reading.rows_total, counted))
        now = writer.rows_accepted
        if self._is_only:
            return
        comparison = shrink_guard.compare(self._connection, self._report, self._submission, now)
        self.may_have_successors = comparison.has_successors
        if comparison.held_for is not None:
            refusal = document_shrank(self._report, self._submission.submission_id, comparison.held_for, now)
            raise DocumentRefused(refusal, rows_accepted=now)

    def _record_outcome(self, writer: RowWriter) -> Outcome:
        state = State.ACCEPTED_WITH_REJECTS if self._rows_quarantined else State.ACCEPTED
        loaded = writer.rows_accepted - writer.rows_conflicting
        outcome = Outcome(self._submission.submission_id, state, loaded, self._rows_quarantined)
        reading = self._item.reading
        counts = (reading.rows_total, reading.furniture, writer.rows_accepted)
        write_outcome(self._connection, self._report, outcome, *counts, self._submission.content_sha256)
        record_tables(self._connection, [(self._submission.submission_id, reading.tables)])
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
    write_outcome(connection, report, outcome, reading.rows_total, {}, refused.rows_accepted)
    older = _retract_older(connection, report, submission)
    duplicates.promote_duplicate(connection, submission)
    content_duplicates.review_duplicates(connection, report, submission, older)
    return outcome


def _retract_older(connection: Connection, report: Report, submission: Submission) -> list[int]:
    """Retracts the earlier submissions of a document that was validated again: only the last one counts. Returns them."""
    older = older_revisions(connection, report, submission)
    for one in older:
        retract(connection, report, one, submission, State.SUPERSEDED)
    return [one.submission_id for one in older]
