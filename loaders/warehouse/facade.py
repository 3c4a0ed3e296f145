"""The warehouse as the pipeline sees it. Every call is one transaction, committed or rolled back as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pyarrow as pa

from loaders.arrival import Arrival
from loaders.contract import Report
from loaders.identifiers.personal_keys import PersonalKeys
from loaders.model import KnownVersion, LandedFile, Pull, RemoteDocument, WaitingFile
from loaders.schedule import ReportingCalendar
from loaders.warehouse.build_lock import exclusive_build
from loaders.warehouse.container_ledger import ContainerLedger
from loaders.warehouse.cross_rules import checker, fingerprints
from loaders.warehouse.currency import gone_documents
from loaders.warehouse.currency.gone_documents import UnconfirmedGone
from loaders.warehouse.currency.withdrawal import process_gone_documents
from loaders.warehouse.issues import issue_events, rule_titles
from loaders.warehouse.ledger import claims, pulls, reporting_units, submissions
from loaders.warehouse.lifecycle.rename import take_over_former_names
from loaders.warehouse.load.batch_load import load_items
from loaders.warehouse.obligations import obligation_store
from loaders.warehouse.outbox.notification_ledger import NotificationLedger
from loaders.warehouse.personal_keys import key_ring
from loaders.warehouse.queries import build_log, ledger_queries
from loaders.warehouse.queries.build_log import Build, BuildSources, BuiltModel
from loaders.warehouse.registration import register_document
from loaders.warehouse.rows import quarantine
from loaders.warehouse.schema import planner_statistics
from loaders.warehouse.schema.raw_tables import ensure_placeholder, ensure_raw_table
from loaders.warehouse.submission import LoadItem, Outcome, Submission

Rows = list[dict[str, Any]]
_NO_CALENDAR = ReportingCalendar()


class Warehouse(ContainerLedger, NotificationLedger):
    """One warehouse, opened with the loader's URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__(url)

    def prepare(self, report: Report, calendar: ReportingCalendar = _NO_CALENDAR) -> None:
        """Takes over what was kept under a former name, creates or widens the raw table, and records who owes what up to today.

        Raises:
            RawTableMismatch: the contract changed in a way that loaded rows cannot follow.
        """
        with self._persistent.transaction() as connection:
            take_over_former_names(connection, report)
            is_scope_narrower = ensure_raw_table(connection, report)
            if is_scope_narrower:
                # Rows that were in conflict have keys of their own now, and only a validation decides anew.
                submissions.reload(connection, report, periods=(), units=(), uris=())
            reporting_units.save_reporting_units(connection, report, calendar.spells)
            obligation_store.refresh_obligations(connection, report, calendar)

    def refresh_obligations(self, report: Report, calendar: ReportingCalendar) -> None:
        """Records who owes what up to today; documents that were just loaded may tell when the report began."""
        with self._persistent.transaction() as connection:
            obligation_store.refresh_obligations(connection, report, calendar)

    def ensure_placeholder_table(self, report: str, schema: pa.Schema) -> None:
        """Creates an empty raw table for a report whose contract cannot be read, unless the report has a table."""
        with self._persistent.transaction() as connection:
            ensure_placeholder(connection, report, schema)

    def reload(self, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]) -> list[Submission]:
        """Requeues chosen documents, to be loaded again from their landed bytes."""
        with self._persistent.transaction() as connection:
            return submissions.reload(connection, report, periods=periods, units=units, uris=uris)

    def watermark(self, report: Report) -> str | None:
        """Returns the cursor up to which all documents of the source are loaded; None before the first load."""
        with self._persistent.transaction() as connection:
            return pulls.watermark(connection, report)

    def known_versions(self, report: Report) -> frozenset[KnownVersion]:
        """Returns, per location, the version of the remote document that was registered last."""
        with self._persistent.transaction() as connection:
            return pulls.known_versions(connection, report)

    def is_full_comparison_due(self, report: Report) -> bool:
        """Returns whether the whole source must be compared again, by the contract's `full_compare_days`."""
        with self._persistent.transaction() as connection:
            return pulls.is_full_comparison_due(connection, report)

    def open_pull(self, report: Report, cursor_from: str | None, cursor_to: str | None, *, is_full: bool = False) -> int:
        """Begins a pull and returns its number. `cursor_to` None: this pull never moves the watermark."""
        with self._persistent.transaction() as connection:
            return pulls.open_pull(connection, report, cursor_from, cursor_to, is_full=is_full)

    def record_presence(self, report: Report, pull_id: int, pull: Pull) -> UnconfirmedGone:
        """Marks documents that have gone from the source, and restores those that are back.

        Returns:
            The missing documents, when they are too many to be trusted; nothing was marked then.
        """
        with self._persistent.transaction() as connection:
            return gone_documents.record_presence(connection, report, pull_id, pull)

    def register(self, pull_id: int, document: RemoteDocument, landed: LandedFile, report: Report) -> Submission | None:
        """Writes a landed document into the ledger; None when its location showed the same bytes last."""
        with self._persistent.transaction() as connection:
            return register_document(connection, pull_id, document, landed, report)

    @contextmanager
    def registering(
        self,
        pull_id: int,
        document: RemoteDocument,
        landed: LandedFile,
        report: Report,
        restored: Arrival | None = None,
    ) -> Iterator[Submission | None]:
        """Registers a document around a body: the row is committed only after the body ended without an exception."""
        with self._persistent.transaction() as connection:
            yield register_document(connection, pull_id, document, landed, report, restored)

    @contextmanager
    def registering_documents(
        self,
        pull_id: int,
        documents: Sequence[tuple[RemoteDocument, LandedFile]],
        report: Report,
        land_answers: Callable[[RemoteDocument], LandedFile | None],
    ) -> Iterator[list[tuple[RemoteDocument, LandedFile, Submission]]]:
        """Registers documents of one pull around a body, in this order: their rows are committed after the body, or none.

        `land_answers` is called for each that is new: it stores the answers that the document was made of, if any. Yields those.
        """
        with self._persistent.transaction() as connection:
            registered = []
            for document, landed in documents:
                submission = register_document(connection, pull_id, document, landed, report)
                if submission is None:
                    continue
                answers = land_answers(document)
                if answers is not None:
                    submission = submissions.record_answers(connection, submission, answers.sha256)
                registered.append((document, landed, submission))
            yield registered

    def close_pull(self, report: Report, pull_id: int) -> None:
        """Records that all documents of a pull are registered; until then the watermark cannot pass it.

        Then it processes what has gone from the source, unless documents wait to be loaded: then their load does it.
        """
        with self._persistent.transaction() as connection:
            submissions.lock_report(connection, report, "load")
            process_gone_documents(connection, report)
            issue_events.sync_issue_events(connection, report)
            pulls.close_pull(connection, report, pull_id)

    def waiting_files(self, report: Report) -> list[WaitingFile]:
        """Returns the files that were incomplete at the last pull."""
        with self._persistent.transaction() as connection:
            return pulls.waiting_files(connection, report)

    def save_waiting_files(self, report: Report, files: Sequence[WaitingFile], *, delete_others: bool) -> None:
        """Records the incomplete files for the next pull. `delete_others`: this pull saw all files."""
        with self._persistent.transaction() as connection:
            pulls.save_waiting_files(connection, report, files, delete_others=delete_others)

    def pending(self, report: Report) -> list[Submission]:
        """Returns the submissions that wait to be loaded."""
        with self._persistent.transaction() as connection:
            return submissions.pending(connection, report)

    def count_pending(self, quiet_seconds: float) -> tuple[int, int]:
        """Counts the documents that wait to be loaded: of all reports, and of those of which one moved within `quiet_seconds`."""
        with self._persistent.transaction() as connection:
            return submissions.count_pending(connection, quiet_seconds)

    def base_key(self, keys: PersonalKeys) -> bytes:
        """Returns the key that hashes values, before the keys of later rotations hash the hashes. It never changes.

        Raises:
            KeyRefused: the process has another key than the warehouse.
        """
        with self._persistent.transaction() as connection:
            key_ring.register_first(connection, keys)
            return key_ring.chain_of(connection, keys).base

    def claim(self, report: Report, submission_ids: Sequence[int]) -> tuple[int, list[Submission]]:
        """Takes pending submissions over from the run that held them. Returns the token to load them with, and the
        submissions.
        """
        with self._persistent.transaction() as connection:
            return claims.claim(connection, report, submission_ids)

    def load_batch(self, report: Report, token: int, items: Iterable[LoadItem], *, run: str | None = None) -> list[Outcome]:
        """Loads claimed submissions in one transaction. `run` names the run of the scheduler that does it.

        Raises:
            ClaimLost: another run took one of them over; nothing was written.
        """
        with self._persistent.transaction() as connection:
            outcomes = load_items(connection, report, token, items)
            submissions.record_run(connection, [outcome.submission_id for outcome in outcomes], run)
            return outcomes

    def cross_check(self, reports: Mapping[str, Report], *, stopped: Collection[str] = (), again: bool = False) -> dict[str, int]:
        """Run the rules between reports over all current rows; without `again`, those whose reports were touched since.

        `stopped` reports have a fault in their contract: their rules, and those that look into them, stand by what they found.

        Returns:
            The open issues that they found, by the report whose owner is told.

        Raises:
            CrossRuleError: some rules could not be run; the issues of the others are kept.
        """
        with self._persistent.transaction() as connection:
            check = checker.cross_check(connection, reports, stopped=stopped, again=again)
        checker.raise_failed(check)
        return check.open_issues

    def is_cross_checked(self, reports: Mapping[str, Report]) -> bool:
        """Returns whether nothing was loaded, and no cross-report rule changed, since the rules were last run."""
        with self._persistent.transaction() as connection:
            return ledger_queries.last_check_fingerprint(connection) == fingerprints.check_fingerprint(connection, reports)

    def batch_counts(self, submission_ids: Sequence[int]) -> dict[str, int]:
        """Returns the number of documents of a batch, and of their rows: loaded, quarantined, furniture."""
        with self._persistent.transaction() as connection:
            return ledger_queries.batch_counts(connection, submission_ids)

    def account(self) -> Rows:
        """Returns one row per landed file: report, unit, period, file, sha256, state, row counts, difference, mark, date."""
        with self._persistent.transaction() as connection:
            return ledger_queries.account(connection)

    def status(self) -> Rows:
        """Returns one row per report: submissions by state, rows in quarantine, missing submissions, watermark."""
        with self._persistent.transaction() as connection:
            return ledger_queries.status(connection)

    def quarantine_summary(self) -> Rows:
        """Returns one row per report, rule and severity: counts of issues and documents, and who was notified."""
        with self._persistent.transaction() as connection:
            return quarantine.summary(connection)

    def ledger_fingerprint(self) -> str:
        """Returns a text that changes with every registered, loaded or superseded document and every cross-report issue."""
        with self._persistent.transaction() as connection:
            ledger, issues = ledger_queries.ledger_fingerprint(connection), ledger_queries.cross_issues_fingerprint(connection)
            return f"{ledger} {issues} {build_log.touched_fingerprint(connection)}"

    def models_fingerprint(self) -> str:
        """Returns a text that changes when a table or view of dbt is gone, or has another query or other readers."""
        with self._persistent.transaction() as connection:
            return build_log.models_fingerprint(connection)

    def exclusive_build(self) -> AbstractContextManager[None]:
        """Holds the build lock of this warehouse; waits for the run that holds it. The lock ends with the process.

        Raises:
            BuildRunning: a dbt that does not hold the lock runs and does not end.
        """
        return exclusive_build(self._url)

    def analyze_changed(self) -> list[str]:
        """Refreshes the planner statistics of tables that changed much. Returns their names."""
        with self._persistent.transaction() as connection:
            return planner_statistics.analyze_changed(connection)

    def sync_rule_titles(self) -> int:
        """Writes the titles of rules that changed in the catalogue of messages. Returns their number."""
        with self._persistent.transaction() as connection:
            return rule_titles.sync_rule_titles(connection)

    def last_build(self) -> Build | None:
        """Returns what the indicators were last built from; None before the first build."""
        with self._persistent.transaction() as connection:
            return build_log.last_build(connection)

    def begin_build(self, build: Build, sources: BuildSources, *, is_whole: bool) -> int:
        """Records that a build begins, with the transactions that it covers. Returns its number."""
        with self._persistent.transaction() as connection:
            return build_log.begin_build(connection, build, sources, is_whole=is_whole)

    def end_build(self, build_id: int, models_fingerprint: str | None, models: Sequence[BuiltModel] = ()) -> None:
        """Records that a build ended well, and which models it ran."""
        with self._persistent.transaction() as connection:
            build_log.end_build(connection, build_id, models_fingerprint, models)
