"""Lands the documents of a pull, and enters them in the ledger with their records in the landing.

Some dozens of documents share a flush of the disk and a transaction. Their bytes are on the disk before their records, and their
records before the rows of the ledger are committed: a process that dies leaves at most files that the next pull brings again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from loaders.contract import Report
from loaders.landing import DocumentTooLarge, LandingBatch, land, open_batch, write_records
from loaders.model import LandedFile, RemoteDocument
from loaders.settings import Settings
from loaders.sources import DocumentError, KeepsAnswers, Source, StillChanging
from loaders.warehouse import Warehouse

_MOST_DOCUMENTS = 64
_MOST_BYTES = 64 * 1024**2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotLanded:
    """A document that could not be fetched. `reason` is set when an engineer must act on it; otherwise a later run takes it."""

    reason: str | None = None


def fetch_document(source: Source, document: RemoteDocument, batch: LandingBatch) -> LandedFile | NotLanded:
    """Adds the bytes of a document to a batch as they come. One that cannot be fetched stays out of the ledger: the next run
    retries.
    """
    try:
        return batch.add(lambda target: source.fetch(document, target))
    except StillChanging as changing:
        _log.warning("%s", changing)
        return NotLanded()
    except (DocumentError, DocumentTooLarge) as error:
        _log.error("%s: %s", document.uri, error)
        return NotLanded(f"{type(error).__name__}: {error}")


@dataclass(slots=True)
class DocumentLander:
    """Lands the documents of one pull. `missed` collects those that could not be fetched, with the reason for an engineer."""

    source: Source
    report: Report
    warehouse: Warehouse
    settings: Settings
    pull_id: int
    cursor_to: str | None
    missed: dict[str, str | None] = field(default_factory=dict)

    def land_all(self, documents: Sequence[RemoteDocument], landed: Mapping[str, LandedFile]) -> None:
        """Lands documents in this order; the bytes of some, by their place, have `landed` already.

        Raises:
            SourceError: nothing can be had now. What came before is in the ledger.
        """
        remaining = iter(documents)
        while self._land_some(remaining, landed):
            pass

    def _land_some(self, remaining: Iterator[RemoteDocument], landed: Mapping[str, LandedFile]) -> bool:
        """Lands the next documents together. Returns whether there may be more."""
        arrived: list[tuple[RemoteDocument, LandedFile]] = []
        with open_batch(self.settings.landing) as batch:
            try:
                for document in remaining:
                    fetched = landed.get(document.uri) or fetch_document(self.source, document, batch)
                    if isinstance(fetched, NotLanded):
                        self.missed[document.uri] = fetched.reason
                        continue
                    arrived.append((document, fetched))
                    if len(arrived) == _MOST_DOCUMENTS or sum(file.size for _, file in arrived) >= _MOST_BYTES:
                        return True
            finally:
                batch.flush()
                self._register(arrived)
        return False

    def _register(self, arrived: Sequence[tuple[RemoteDocument, LandedFile]]) -> None:
        """Enters landed documents in the ledger. Their records are on the disk before the rows are committed."""
        if not arrived:
            return
        with self.warehouse.registering_documents(self.pull_id, arrived, self.report, self._land_answers) as registered:
            records = [submission.arrival_of(document, file, self.cursor_to) for document, file, submission in registered]
            write_records(self.settings.landing, records)

    def _land_answers(self, document: RemoteDocument) -> LandedFile | None:
        """Lands the answers that a document was made of; None where the document is what came."""
        if not isinstance(self.source, KeepsAnswers) or not self.source.has_answers(document):
            return None
        return land(self.settings.landing, partial(self.source.fetch_answers, document))
