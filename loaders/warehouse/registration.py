"""Registers what has landed: a document, or a container with the documents inside it."""

from __future__ import annotations

from loaders.arrival import Arrival
from loaders.contract import Report
from loaders.model import LandedFile, RemoteDocument
from loaders.warehouse.connection import Connection
from loaders.warehouse.currency import duplicates
from loaders.warehouse.ledger import submissions
from loaders.warehouse.submission import Submission


def register_document(
    connection: Connection,
    pull_id: int,
    document: RemoteDocument,
    landed: LandedFile,
    report: Report,
    restored: Arrival | None = None,
) -> Submission | None:
    """Writes a landed document into the ledger, and decides whether it is a duplicate."""
    submission = submissions.register(connection, pull_id, document, landed, report, restored)
    return None if submission is None else duplicates.resolve_duplicates(connection, report, submission)
