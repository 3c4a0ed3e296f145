"""The warehouse for the operators of the ledger: decisions, declarations, held and missing documents, records of the landing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.contract import Report
from loaders.period import Period
from loaders.warehouse import landing_records
from loaders.warehouse.currency import decisions, manual_withdrawal
from loaders.warehouse.currency.manual_withdrawal import CurrencyChange
from loaders.warehouse.issues import notifications
from loaders.warehouse.lifecycle import purge
from loaders.warehouse.lifecycle.purge import PurgeCounts
from loaders.warehouse.obligations import declarations, obligation_queries
from loaders.warehouse.queries import issue_queries, ledger_checks, ledger_queries, table_catalog
from loaders.warehouse.queries.ledger_checks import LedgerRows
from loaders.warehouse.releases.release_decisions import record_release_decision
from loaders.warehouse.replay.issue_ledger import IssueLedger
from loaders.warehouse.submission import Submission

Rows = list[dict[str, Any]]


class LedgerMaintenance(IssueLedger):
    """The part of `Warehouse` for maintenance. Every call is one transaction."""

    def discard_lost_reloads(
        self, report: Report, token: int, submissions: Sequence[Submission], lost: Collection[int]
    ) -> list[Submission]:
        """Deletes the requeued submissions whose landed file is lost, so that the one before stays the last of its document.

        Returns:
            The submissions that are left to be loaded.
        """
        with self._persistent.transaction() as connection:
            gone = landing_records.discard_requeued(connection, report, token, lost)
        return [submission for submission in submissions if submission.submission_id not in gone]

    def records(self) -> list[Arrival | ContainerArrival | Decision | Declaration | IssueDecision | ReleaseDecision]:
        """Returns all arrivals (also of containers), decisions and declarations of all reports, oldest first."""
        with self._persistent.transaction() as connection:
            return landing_records.records(connection)

    def ledger_rows(self, present_names: str) -> LedgerRows:
        """Returns what `huimin verify ledger` compares. `present_names` maps former names of reports to present ones, as JSON."""
        with self._persistent.transaction() as connection:
            return ledger_checks.read_ledger(connection, present_names)

    def requeue_recovered(self, is_intact: Callable[[str], bool]) -> list[int]:
        """Requeues documents that were refused because their landed file was lost, and whose file is intact again."""
        with self._persistent.transaction() as connection:
            return landing_records.requeue_recovered(connection, is_intact)

    def is_empty(self) -> bool:
        """Returns whether the ledger has no document yet."""
        with self._persistent.transaction() as connection:
            return landing_records.is_empty(connection)

    def restore_decision(self, report: Report, decision: Decision) -> bool:
        """Writes a decision into the ledger as it was made, unless it is there or its document is not. Returns whether it was
        written.
        """
        with self._persistent.transaction() as connection:
            return landing_records.restore_decision(connection, report, decision)

    def restore_issue_decision(self, decision: IssueDecision) -> bool:
        """Writes a decision about an issue into the ledger, unless it is there. Returns whether it was written."""
        with self._persistent.transaction() as connection:
            return landing_records.restore_issue_decision(connection, decision)

    def restore_release_decision(self, decision: ReleaseDecision) -> bool:
        """Writes a decision about a release into the ledger, unless it is there. Returns whether it was written."""
        with self._persistent.transaction() as connection:
            return record_release_decision(connection, decision)

    def restore_declaration(self, declaration: Declaration) -> bool:
        """Writes a declaration into the ledger as it was made, unless it is there. Returns whether it was written."""
        with self._persistent.transaction() as connection:
            return landing_records.restore_declaration(connection, declaration)

    def set_all_notified(self, report: Report) -> int:
        """Marks the open issues of a report as notified, without a message. Returns their number."""
        with self._persistent.transaction() as connection:
            return notifications.set_all_notified(connection, report)

    def report_of(self, submission_id: int) -> str:
        """Returns the name of a submission's report.

        Raises:
            DecisionRefused: there is no such submission.
        """
        with self._persistent.transaction() as connection:
            return decisions.report_of(connection, submission_id)

    @contextmanager
    def accepting(self, report: Report, submission_id: int, why: str, by: str) -> Iterator[tuple[Decision, Submission]]:
        """Accepts a held document around a body, which records the decision elsewhere before it is committed here.

        Raises:
            DecisionRefused: the document is not held, or another one replaced it meanwhile.
        """
        with self._persistent.transaction() as connection:
            yield decisions.accept(connection, report, submission_id, why, by)

    @contextmanager
    def declaring(self, report: Report, unit: str, period: Period, *, why: str, by: str, revoke: bool) -> Iterator[Declaration]:
        """Declares, or takes back, that there is nothing to report around a body, which records it before it is committed.

        Raises:
            CannotBeDeclared: nobody owes it, it was accepted, or there is nothing to take back.
        """
        with self._persistent.transaction() as connection:
            yield declarations.declare(connection, report, unit, period, why=why, by=by, revoke=revoke)

    def missing(self, **choice: Any) -> Rows:
        """Returns one row per obligation that is overdue; the choice is that of `obligation_queries.missing`."""
        with self._persistent.transaction() as connection:
            return obligation_queries.missing(connection, **choice)

    def open_issues(self, reports: Iterable[Report], **choice: Any) -> Rows:
        """Returns one row per open issue, refused documents first; `choice` are the arguments of `issue_queries.open_issues`."""
        with self._persistent.transaction() as connection:
            return issue_queries.open_issues(connection, reports, **choice)

    @contextmanager
    def withdrawing(
        self, report: Report, submission_id: int, why: str, by: str, *, is_dry_run: bool = False
    ) -> Iterator[tuple[Decision, CurrencyChange]]:
        """Withdraws a document around a body, which records the decision elsewhere before it is committed here.

        With `is_dry_run` nothing is committed.

        Raises:
            DecisionRefused: the document was never accepted, or is withdrawn already.
        """
        with self._persistent.transaction() as connection, connection.transaction(force_rollback=is_dry_run):
            yield manual_withdrawal.withdraw(connection, report, submission_id, why, by)

    @contextmanager
    def reinstating(
        self, report: Report, submission_id: int, why: str, by: str, *, is_dry_run: bool = False
    ) -> Iterator[tuple[Decision, CurrencyChange]]:
        """Requeues a document that a person withdrew, around a body as above; then it waits to be loaded.

        Raises:
            DecisionRefused: no person withdrew the document.
        """
        with self._persistent.transaction() as connection, connection.transaction(force_rollback=is_dry_run):
            yield manual_withdrawal.reinstate(connection, report, submission_id, why, by)

    def held_documents(self) -> Rows:
        """Returns one row per document that a person must confirm, because it lost so many rows."""
        with self._persistent.transaction() as connection:
            return ledger_queries.held_documents(connection)

    def purge_counts(self, report: str) -> PurgeCounts:
        """Counts what is kept of a report, by its name alone."""
        with self._persistent.transaction() as connection:
            return purge.count(connection, report)

    def hashes_of_others(self, reports: Collection[str]) -> frozenset[str]:
        """Returns the hashes of all landed files that reports besides these have."""
        with self._persistent.transaction() as connection:
            return purge.hashes_of_others(connection, reports)

    def purge(self, report: str, *, why: str, by: str, files_count: int, has_records: bool) -> PurgeCounts:
        """Deletes all that is kept of a report, and records who decided it, why, and the counts.

        `has_records`: the landing has files of the report still.

        Raises:
            NothingToPurge: nothing is kept of the report.
        """
        with self._persistent.transaction() as connection:
            return purge.purge(connection, report, why=why, by=by, files_count=files_count, has_records=has_records)

    def describe_tables(self) -> str:
        """Describes every table and view of `ops` and `quarantine` as a Markdown page."""
        with self._persistent.transaction() as connection:
            return table_catalog.markdown(connection)
