"""The warehouse as the pipeline sees it. Every call is one transaction: done whole, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pyarrow as pa

from loaders.arrival import Arrival
from loaders.contract import Report
from loaders.model import KnownVersion, LandedFile, Message, Notice, OpenIssue, Pull, RemoteDocument, WaitingFile
from loaders.warehouse.build_lock import exclusive_build
from loaders.warehouse.cross_rules import checker, fingerprints
from loaders.warehouse.currency import gone_documents
from loaders.warehouse.currency.gone_documents import UnconfirmedGone
from loaders.warehouse.currency.withdrawal import process_gone_documents
from loaders.warehouse.issues import notices, notifications
from loaders.warehouse.ledger import claims, pulls, submissions
from loaders.warehouse.ledger_maintenance import LedgerMaintenance
from loaders.warehouse.load.batch_load import load_items
from loaders.warehouse.queries import ledger_queries
from loaders.warehouse.queries.ledger_queries import Build
from loaders.warehouse.rows import quarantine
from loaders.warehouse.schema import planner_statistics
from loaders.warehouse.schema.raw_tables import ensure_placeholder, ensure_raw_table
from loaders.warehouse.submission import LoadItem, Outcome, Submission

Rows = list[dict[str, Any]]


class Warehouse(LedgerMaintenance):
    """One warehouse, reached by the loader's URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__(url)

    def prepare(self, report: Report) -> None:
        """Make or widen the report's raw table, and keep the units that are expected to report.

        Raises:
            RawTableRefused: the contract changed in a way that loaded rows cannot follow.
        """
        with self._persistent.transaction() as connection:
            ensure_raw_table(connection, report)
            pulls.save_reporting_units(connection, report)

    def ensure_placeholder_table(self, report: str, schema: pa.Schema) -> None:
        """Make an empty raw table for a report whose contract cannot be read, unless the report has a table."""
        with self._persistent.transaction() as connection:
            ensure_placeholder(connection, report, schema)

    def reload(self, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]) -> list[Submission]:
        """Put chosen documents into the ledger once more, to be loaded again from their landed bytes."""
        with self._persistent.transaction() as connection:
            return submissions.reload(connection, report, periods=periods, units=units, uris=uris)

    def watermark(self, report: Report) -> str | None:
        """The cursor up to which all that the source held is loaded; None before the first load."""
        with self._persistent.transaction() as connection:
            return pulls.watermark(connection, report)

    def known_versions(self, report: Report) -> frozenset[KnownVersion]:
        """The state of each remote document that the ledger knows: the last one of its place."""
        with self._persistent.transaction() as connection:
            return pulls.known_versions(connection, report)

    def is_full_comparison_due(self, report: Report) -> bool:
        """Whether the report's source is to be compared as a whole again, by the contract's `full_compare_days`."""
        with self._persistent.transaction() as connection:
            return pulls.is_full_comparison_due(connection, report)

    def open_pull(self, report: Report, cursor_from: str | None, cursor_to: str | None, *, is_full: bool = False) -> int:
        """Begin a pull, and give its number. `cursor_to` None: this pull never moves the watermark."""
        with self._persistent.transaction() as connection:
            return pulls.open_pull(connection, report, cursor_from, cursor_to, is_full=is_full)

    def record_presence(self, report: Report, pull_id: int, pull: Pull) -> UnconfirmedGone:
        """Mark the documents that have gone from the source, and let those that are back count again.

        Returns:
            The documents that the look did not find, when they are too many to be believed; nothing was marked then.
        """
        with self._persistent.transaction() as connection:
            return gone_documents.record_presence(connection, report, pull_id, pull)

    def register(self, pull_id: int, document: RemoteDocument, landed: LandedFile, report: Report) -> Submission | None:
        """Write a landed document into the ledger; None when its place offered the same bytes before."""
        with self._persistent.transaction() as connection:
            return submissions.register(connection, pull_id, document, landed, report)

    @contextmanager
    def registering(
        self, pull_id: int, document: RemoteDocument, landed: LandedFile, report: Report, restored: Arrival | None = None
    ) -> Iterator[Submission | None]:
        """The same around a body: what the body does is done before the ledger's row is there for good, or there is no row."""
        with self._persistent.transaction() as connection:
            yield submissions.register(connection, pull_id, document, landed, report, restored)

    def close_pull(self, report: Report, pull_id: int) -> None:
        """Say that all documents of a pull are registered; until then the watermark cannot pass it.

        What has gone from the source is settled, unless documents wait: then their load does it.
        """
        with self._persistent.transaction() as connection:
            submissions.lock_report(connection, report, "load")
            process_gone_documents(connection, report)
            pulls.close_pull(connection, report, pull_id)

    def waiting_files(self, report: Report) -> list[WaitingFile]:
        """The files that waited to be whole at the last look."""
        with self._persistent.transaction() as connection:
            return pulls.waiting_files(connection, report)

    def save_waiting_files(self, report: Report, files: Sequence[WaitingFile], *, delete_others: bool) -> None:
        """Keep the files that wait to be whole, for the next look; `delete_others` when this look was at all files."""
        with self._persistent.transaction() as connection:
            pulls.save_waiting_files(connection, report, files, delete_others=delete_others)

    def pending(self, report: Report) -> list[Submission]:
        """The submissions that wait to be loaded."""
        with self._persistent.transaction() as connection:
            return submissions.pending(connection, report)

    def count_pending(self) -> int:
        """How many documents of all reports wait to be loaded."""
        with self._persistent.transaction() as connection:
            return submissions.count_pending(connection)

    def claim(self, report: Report, submission_ids: Sequence[int]) -> tuple[int, list[Submission]]:
        """Take waiting submissions over from whoever held them, and give the token to load them with."""
        with self._persistent.transaction() as connection:
            return claims.claim(connection, report, submission_ids)

    def load_batch(self, report: Report, token: int, items: Iterable[LoadItem]) -> list[Outcome]:
        """Load claimed submissions in one transaction.

        Raises:
            ClaimLost: another run took one of them over; nothing was written.
        """
        with self._persistent.transaction() as connection:
            return load_items(connection, report, token, items)

    def cross_check(self, reports: Mapping[str, Report], *, stopped: Collection[str] = (), again: bool = False) -> dict[str, int]:
        """Run the rules between reports over all current rows; without `again`, those whose reports were touched since.

        `stopped` reports have a fault in their contract: their rules, and those that look into them, stand by what they found.

        Returns:
            The open issues that they found, by the report whose owner is told.

        Raises:
            CrossRuleBroken: some rules could not be run; what the others found is kept.
        """
        with self._persistent.transaction() as connection:
            check = checker.cross_check(connection, reports, stopped=stopped, again=again)
        checker.raise_failed(check)
        return check.open_issues

    def is_cross_checked(self, reports: Mapping[str, Report]) -> bool:
        """Whether nothing was loaded, and no rule between reports changed, since they were last run."""
        with self._persistent.transaction() as connection:
            return ledger_queries.last_check_fingerprint(connection) == fingerprints.check_fingerprint(connection, reports)

    def unnotified_issues(self, report: Report) -> list[OpenIssue]:
        """The problems that the report's owner has not been told yet."""
        with self._persistent.transaction() as connection:
            return notifications.unnotified_issues(connection, report)

    @contextmanager
    def notification(self, report: Report, message: Message, channel: str = "mail") -> Iterator[None]:
        """Around the sending of a message: its problems count as told when the body ends well, else not.

        They are reserved before the body runs and stay reserved while it runs, so that no other run tells them; the
        reservation is committed after it. A process that dies in between leaves nothing behind and the message is sent
        again: told twice after a crash within milliseconds, rather than never.

        Raises:
            AlreadyTold: another run told one of the problems meanwhile; the body does not run.
        """
        with self._persistent.transaction() as connection:
            notification_id = notifications.reserve(connection, report, message, channel)
            yield
            notifications.mark_sent(connection, notification_id, message.problem_keys)

    def sync_notices(self, topic: str, found: Iterable[Notice], *, checked: Collection[str] | None = None) -> None:
        """Bring the open notices of a topic to what was found, so that each is told once.

        `checked` are the keys that were looked at, when it was not all of the topic: others stay as they are.
        """
        with self._persistent.transaction() as connection:
            notices.sync_notices(connection, topic, found, checked=checked)

    def unnotified_notices(self, topic: str) -> list[Notice]:
        """The open notices of a topic that nobody was told yet."""
        with self._persistent.transaction() as connection:
            return notices.unnotified(connection, topic)

    @contextmanager
    def notice_delivery(
        self, topic: str, to_send: Sequence[Notice], message: Message, *, report: str | None = None, channel: str = "mail"
    ) -> Iterator[None]:
        """Around the sending of a message: its notices count as told when the body ends well, else not (see `notification`).

        Raises:
            AlreadyTold: another run told one of them meanwhile; the body does not run.
        """
        with self._persistent.transaction() as connection:
            notification_id = notices.reserve(connection, topic, to_send, message, report=report, channel=channel)
            yield
            notifications.record_sent(connection, notification_id)

    def account(self) -> Rows:
        """One row a landed file: report, unit, period, file, sha256, state, its rows by fate, and the difference."""
        with self._persistent.transaction() as connection:
            return ledger_queries.account(connection)

    def status(self) -> Rows:
        """One row a report: submissions by state, rows held back, missing submissions, watermark."""
        with self._persistent.transaction() as connection:
            return ledger_queries.status(connection)

    def quarantine_summary(self) -> Rows:
        """One row a report, rule and severity: how many problems, in how many documents, who was told."""
        with self._persistent.transaction() as connection:
            return quarantine.summary(connection)

    def ledger_fingerprint(self) -> str:
        """A text that changes whenever anything was registered, loaded or superseded, or found by rules between reports."""
        with self._persistent.transaction() as connection:
            return f"{ledger_queries.ledger_fingerprint(connection)} {ledger_queries.cross_issues_fingerprint(connection)}"

    def models_fingerprint(self) -> str:
        """A text that changes when a table or view that dbt made is gone, or has another query or other readers."""
        with self._persistent.transaction() as connection:
            return ledger_queries.models_fingerprint(connection)

    def exclusive_build(self) -> AbstractContextManager[None]:
        """Hold the right to build this warehouse; waits for whoever holds it. It ends with the process, however that ends.

        Raises:
            BuildRunning: a dbt that does not hold the right is at work and does not end.
        """
        return exclusive_build(self._url)

    def analyze_changed(self) -> list[str]:
        """Let the planner know the tables that changed by much since it last looked; their names."""
        with self._persistent.transaction() as connection:
            return planner_statistics.analyze_changed(connection)

    def last_build(self) -> Build | None:
        """What the indicators were last built from; None before the first build."""
        with self._persistent.transaction() as connection:
            return ledger_queries.last_build(connection)

    def record_build(self, build: Build) -> None:
        """Keep what the indicators were built from."""
        with self._persistent.transaction() as connection:
            ledger_queries.record_build(connection, build)
