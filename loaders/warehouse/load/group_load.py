"""Writes small documents together that are independent of all others: one COPY per table for all of them.

What is written is what `document_load` writes of each. Nothing is decided here: a document about which there is anything to
decide, such as one with keys that another document holds, raises an exception, and is then loaded by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import psycopg
import pyarrow as pa

from loaders.contract import Report
from loaders.model import Issue, ValidationResult
from loaders.warehouse.connection import Connection
from loaders.warehouse.copy import copy_arrow
from loaders.warehouse.issues.issue_log import IssueLog, copy_issues, record_keys
from loaders.warehouse.load.content_digest import content_digests
from loaders.warehouse.load.document_tables import record_tables
from loaders.warehouse.load.outcomes import write_loaded
from loaders.warehouse.personal_keys.lifted_rows import lift_rows
from loaders.warehouse.postgres_limits import PostgresLimitExceeded, check_limits
from loaders.warehouse.rows import quarantine
from loaders.warehouse.rows.row_writer import row_schema, with_lineage
from loaders.warehouse.schema.key_index import key_columns, table_of
from loaders.warehouse.submission import LoadItem, Outcome, State, Submission

MOST_DOCUMENTS = 128
MOST_ROWS = 20_000


class NotTogether(Exception):
    """A document of a group that must be loaded by itself."""


# A value that PostgreSQL does not take, or a key that another document holds.
GROUP_ERRORS = (
    NotTogether,
    PostgresLimitExceeded,
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.UniqueViolation,
    pa.ArrowInvalid,
)


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """A document that was validated as a whole and not refused, with its content digest."""

    item: LoadItem
    results: tuple[ValidationResult, ...]
    content_sha256: str

    @property
    def submission(self) -> Submission:
        """Returns the submission with the digest of its content."""
        return replace(self.item.submission, content_sha256=self.content_sha256)


def groups_of(items: Iterable[LoadItem]) -> Iterator[list[LoadItem]]:
    """Yields documents in groups that are small enough to be held in memory; one that streams is a group of its own."""
    group: list[LoadItem] = []
    rows = 0
    for item in items:
        count = item.reading.rows.num_rows
        is_stream = isinstance(item.results, Iterator)
        if group and (is_stream or len(group) == MOST_DOCUMENTS or rows + count > MOST_ROWS):
            yield group
            group, rows = [], 0
        group.append(item)
        rows += count
        if is_stream:
            yield group
            group, rows = [], 0
    if group:
        yield group


def with_results(item: LoadItem) -> LoadItem:
    """Returns the same document with its validation results taken, unless they are a stream."""
    return item if isinstance(item.results, Iterator) else replace(item, results=tuple(item.results))


def whole_documents(report: Report, items: Iterable[LoadItem]) -> list[WholeDocument]:
    """Returns the documents whose results were taken, and that are neither refused nor stream."""
    whole = [(item, item.results) for item in items if item.reading.refusal is None and isinstance(item.results, tuple)]
    accepted = [(item, results) for item, results in whole if all(result.refusal is None for result in results)]
    digests = content_digests(report, [results for _, results in accepted])
    return [
        WholeDocument(item, results, item.chain.lift(digest)) for (item, results), digest in zip(accepted, digests, strict=True)
    ]


def write_together(connection: Connection, report: Report, documents: Sequence[WholeDocument]) -> list[Outcome]:
    """Writes independent documents inside the caller's savepoint, in this order.

    Raises:
        NotTogether, or another of `GROUP_ERRORS`: one of them must be loaded by itself. The savepoint must be rolled back.
    """
    outcomes = [_outcome(document) for document in documents]
    results = [(document.submission, result) for document in documents for result in document.results]
    chain = documents[0].item.chain
    copy_issues(connection, [row for document in documents for row in _issue_rows(connection, report, document)])
    schema, keys = row_schema(report), key_columns(report)
    rows = [_checked_rows(result.accepted.select(schema.names).cast(schema), keys, submission) for submission, result in results]
    accepted = lift_rows(report, pa.concat_tables(rows).combine_chunks(), chain)
    if accepted.num_rows:
        copy_arrow(connection, table_of(report), accepted)
    quarantine.insert_rejected(connection, [(submission, result.rejected) for submission, result in results])
    readings = [document.item.reading for document in documents]
    contents = [document.content_sha256 for document in documents]
    write_loaded(connection, report, list(zip(outcomes, readings, contents, strict=True)))
    record_tables(
        connection, [(outcome.submission_id, reading.tables) for outcome, reading in zip(outcomes, readings, strict=True)]
    )
    quarantine.set_notified(connection, [outcome.submission_id for outcome in outcomes if outcome.rows_quarantined])
    return outcomes


def _outcome(document: WholeDocument) -> Outcome:
    accepted = sum(result.accepted.num_rows for result in document.results)
    rejected = sum(result.rejected.num_rows for result in document.results)
    reading = document.item.reading
    if accepted + rejected + sum(reading.furniture.values()) != reading.rows_total:
        raise NotTogether
    state = State.ACCEPTED_WITH_REJECTS if rejected else State.ACCEPTED
    return Outcome(document.item.submission.submission_id, state, accepted, rejected)


def _checked_rows(rows: pa.Table, keys: Sequence[str], submission: Submission) -> pa.Table:
    if rows.num_rows:
        check_limits(rows, keys)
    return with_lineage(submission, rows)


def _issue_rows(connection: Connection, report: Report, document: WholeDocument) -> Iterator[list[object]]:
    """Yields the issues of a document as rows of the ledger: those of its rows first, then what else its reading found."""
    log, rows = IssueLog(connection, report, document.submission), document.item.reading.rows
    unwritten: dict[Issue, None] = dict.fromkeys(document.item.reading.issues)
    for result in document.results:
        yield from log.rows(result.issues, record_keys(report, rows, result.issues))
        for issue in result.issues:
            unwritten.pop(issue, None)
    rest = list(unwritten)
    yield from log.rows(rest, record_keys(report, rows, rest))
