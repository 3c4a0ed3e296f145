"""The load: ONE transaction for a batch of submissions of one report.

Rows, quarantined rows, issues, states and the watermark are committed together or not at all. Small documents that are
independent of all others share a savepoint and a COPY per table (`group_load`); where that fails, ever fewer share one. Each
other document has a savepoint of its own, so that a refused one does not affect the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from loaders.contract import Replaces, Report
from loaders.identifiers.personal_keys import NO_LAYERS
from loaders.warehouse.connection import Connection
from loaders.warehouse.currency.decisions import PeoplesDecisions
from loaders.warehouse.currency.withdrawal import process_gone_documents
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.ledger import claims, submissions
from loaders.warehouse.ledger.pulls import move_watermark
from loaders.warehouse.load.document_facts import record_facts
from loaders.warehouse.load.document_load import load_document
from loaders.warehouse.load.group_load import (
    GROUP_ERRORS,
    WholeDocument,
    groups_of,
    whole_documents,
    with_results,
    write_together,
)
from loaders.warehouse.load.independent_documents import independent_documents
from loaders.warehouse.personal_keys.key_ring import chain_of
from loaders.warehouse.submission import LoadItem, Outcome


def load_items(connection: Connection, report: Report, token: int, items: Iterable[LoadItem]) -> list[Outcome]:
    """Loads claimed submissions inside the caller's transaction, in the order of their precedence.

    Raises:
        ClaimLost: another run took one of them over since.
        KeyRefused: the hashes were made with another key than the one in force.
    """
    ordered = sorted(items, key=lambda item: item.submission.precedence)
    submissions.lock_report(connection, report, "load")
    # Behind the lock, for which a rotation of the key waits too: which key is in force cannot change any more.
    ordered = _with_chain(connection, ordered)
    claims.lock_claimed(connection, token, [item.submission for item in ordered])
    people = PeoplesDecisions.read(connection, report)
    outcomes = [outcome for group in groups_of(ordered) for outcome in _load_group(connection, report, group, people)]
    process_gone_documents(connection, report)
    sync_issue_events(connection, report)
    move_watermark(connection, report)
    return outcomes


def _with_chain(connection: Connection, items: Sequence[LoadItem]) -> list[LoadItem]:
    chain = chain_of(connection, items[0].keys) if items else NO_LAYERS
    return [replace(item, chain=chain) for item in items]


def _load_group(connection: Connection, report: Report, group: Sequence[LoadItem], people: PeoplesDecisions) -> Iterator[Outcome]:
    """Loads documents in their order; neighbors that are independent of all others share a savepoint."""
    known = record_facts(connection, report, group)
    items = [with_results(replace(item, submission=submission)) for item, submission in zip(group, known, strict=True)]
    candidates = whole_documents(report, (item for item in items if _may_share(report, item, people)))
    whole = {document.item.submission.submission_id: document for document in candidates}
    independent = independent_documents(connection, report, known, _contents(whole)) if len(whole) > 1 else set()
    for shares, neighbors in groupby(items, lambda item: item.submission.submission_id in independent):
        if shares:
            documents = [whole[item.submission.submission_id] for item in neighbors]
            yield from _load_together(connection, report, documents, people)
        else:
            yield from (load_document(connection, report, item, people) for item in neighbors)


def _contents(documents: Mapping[int, WholeDocument]) -> dict[int, str]:
    return {number: document.content_sha256 for number, document in documents.items()}


def _may_share(report: Report, item: LoadItem, people: PeoplesDecisions) -> bool:
    """Returns whether neither the contract nor a person decides something about this document alone.

    Each document of a register replaces the one before: none of them is independent.
    """
    submission = item.submission
    return (
        report.replaces is not Replaces.REGISTER
        and not report.has_full_snapshots
        and (report.replaces is not Replaces.PERIOD or submission.period is not None)
        and (submission.source_uri, submission.sha256) not in people.withdrawn
        and not people.overrides
    )


def _load_together(
    connection: Connection, report: Report, documents: Sequence[WholeDocument], people: PeoplesDecisions
) -> Iterator[Outcome]:
    """Loads independent documents, as many in a savepoint as go together; one that goes with no other is loaded by itself."""
    size = len(documents)
    done = 0
    while done < len(documents):
        part = documents[done : done + size]
        if len(part) == 1:
            yield load_document(connection, report, part[0].item, people)
        else:
            try:
                with connection.transaction():
                    outcomes = write_together(connection, report, part)
            except GROUP_ERRORS:
                size = len(part) // 2
                continue
            yield from outcomes
        done += len(part)
        size = 2 * len(part)
