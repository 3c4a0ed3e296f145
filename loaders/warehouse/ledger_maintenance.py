"""The warehouse for the operators of the ledger: decisions, held documents, and the records of the landing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.arrival import Arrival, ContainerArrival, Decision
from loaders.contract import Report
from loaders.warehouse import landing_records
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.currency import decisions
from loaders.warehouse.issues import notifications
from loaders.warehouse.lifecycle import purge
from loaders.warehouse.lifecycle.purge import PurgeCounts
from loaders.warehouse.queries import ledger_checks, ledger_queries, table_catalog
from loaders.warehouse.queries.ledger_checks import LedgerRows
from loaders.warehouse.submission import Submission

Rows = list[dict[str, Any]]


class LedgerMaintenance:
    """The part of `Warehouse` for maintenance. Every call is one transaction."""

    def __init__(self, url: str) -> None:
        self._persistent = PersistentConnection(url)

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

    def records(self) -> list[Arrival | ContainerArrival | Decision]:
        """Returns all arrivals (also of containers) and decisions of all reports, oldest first."""
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

    def restore_decision(self, decision: Decision) -> bool:
        """Writes a decision into the ledger as it was made, unless it is there or its document is not. Returns whether it was
        written.
        """
        with self._persistent.transaction() as connection:
            return landing_records.restore_decision(connection, decision)

    def set_all_notified(self, report: Report) -> int:
        """Marks the open issues of a report as notified, without a message. Returns their number."""
        with self._persistent.transaction() as connection:
            return notifications.set_all_notified(connection, report)

    def report_of(self, submission_id: int) -> str:
        """Returns the name of a submission's report.

        Raises:
            CannotBeAccepted: there is no such submission.
        """
        with self._persistent.transaction() as connection:
            return decisions.report_of(connection, submission_id)

    @contextmanager
    def accepting(self, report: Report, submission_id: int, why: str, by: str) -> Iterator[tuple[Decision, Submission]]:
        """Accepts a held document around a body, which records the decision elsewhere before it is committed here.

        Raises:
            CannotBeAccepted: the document is not held, or another one replaced it meanwhile.
        """
        with self._persistent.transaction() as connection:
            yield decisions.accept(connection, report, submission_id, why, by)

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
