"""The warehouse for those who see to issues: their states and histories, decisions about them, and documents validated again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from loaders.arrival import IssueDecision
from loaders.contract import Report
from loaders.model import ValidationResult
from loaders.warehouse.connection import PersistentConnection
from loaders.warehouse.ledger import submissions
from loaders.warehouse.queries import issue_queries
from loaders.warehouse.replay import issue_decisions, late_rows, revalidation
from loaders.warehouse.replay.issue_decisions import Overridden, Words
from loaders.warehouse.replay.revalidation import Difference
from loaders.warehouse.submission import LoadItem, Submission

Rows = list[dict[str, Any]]


class IssueLedger:
    """The part of `Warehouse` for issues. Every call is one transaction."""

    def __init__(self, url: str) -> None:
        self._persistent = PersistentConnection(url)

    def issue_states(self, **choice: Any) -> Rows:
        """Returns one row per issue; `choice` are the arguments of `issue_queries.issue_states`."""
        with self._persistent.transaction() as connection:
            return issue_queries.issue_states(connection, **choice)

    def is_document_known(self, file: str) -> bool:
        """Returns whether the location of any document has this text in it."""
        with self._persistent.transaction() as connection:
            return issue_queries.is_document_known(connection, file)

    def find_issue(self, prefix: str) -> dict[str, Any]:
        """Returns the issue whose key begins with a text.

        Raises:
            UnknownIssue: none or several do.
        """
        with self._persistent.transaction() as connection:
            return issue_decisions.find_issue(connection, prefix)

    def issue_history(self, issue_key: str) -> Rows:
        """Returns the events in the life of an issue, oldest first."""
        with self._persistent.transaction() as connection:
            return issue_queries.issue_history(connection, issue_key)

    def submission(self, submission_id: int) -> Submission:
        """Returns a submission of the ledger."""
        with self._persistent.transaction() as connection:
            return submissions.submission_of(connection, submission_id)

    @contextmanager
    def acknowledging(self, issue: dict[str, Any], words: Words, *, revoke: bool = False) -> Iterator[IssueDecision]:
        """Acknowledges an issue, or takes that back, around a body, which records the decision elsewhere before the commit.

        Raises:
            DecisionRefused: the issue is closed; or it is not acknowledged.
        """
        decide = issue_decisions.revoke_acknowledgement if revoke else issue_decisions.acknowledge
        with self._persistent.transaction() as connection:
            yield decide(connection, issue, words)

    @contextmanager
    def overriding(
        self, report: Report, issue: dict[str, Any], item: LoadItem, results: Sequence[ValidationResult], words: Words
    ) -> Iterator[Overridden]:
        """Overrides an issue, and loads its row, around a body, which records the decision elsewhere before the commit.

        Raises:
            DecisionRefused: no person may override it.
            NoLongerCurrent: its document was replaced meanwhile.
        """
        with self._persistent.transaction() as connection:
            yield issue_decisions.override(connection, report, issue, item, results, words)

    def documents_with_held_rows(self, report: Report, **choice: Any) -> list[Submission]:
        """Returns the documents that count and hold rows back; `choice` is that of `revalidation.documents_with_held_rows`."""
        with self._persistent.transaction() as connection:
            return revalidation.documents_with_held_rows(connection, report, **choice)

    def documents_to_reload(
        self, report: Report, *, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]
    ) -> list[Submission]:
        """Returns the documents that `reload` with the same choice would requeue."""
        with self._persistent.transaction() as connection:
            return submissions.to_reload(connection, report, periods=periods, units=units, uris=uris)

    def compare(self, report: Report, item: LoadItem, results: Sequence[ValidationResult], rule: str | None = None) -> Difference:
        """Compares a document, validated by today's contract, with what is loaded and held back of it; writes nothing."""
        with self._persistent.transaction() as connection:
            revalidated = revalidation.revalidate(connection, report, item, results)
            return revalidation.compare(connection, report, revalidated, rule=rule)

    def replay(self, report: Report, item: LoadItem, results: Sequence[ValidationResult], rule: str | None = None) -> int:
        """Loads the quarantined rows of a document that pass now. Returns their number.

        Raises:
            NoLongerCurrent: the document was replaced meanwhile.
        """
        with self._persistent.transaction() as connection:
            revalidated = revalidation.revalidate(connection, report, item, results)
            return len(late_rows.replay_rows(connection, report, revalidated, rule))

    def requeue(self, report: Report, submission_id: int) -> Submission | None:
        """Requeues a refused document, to be validated as a whole; None when it waits already."""
        with self._persistent.transaction() as connection:
            submissions.lock_report(connection, report, "register")
            return submissions.requeue(connection, submission_id)
