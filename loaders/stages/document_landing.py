"""Lands one document of a source, and enters it in the ledger with its record in the landing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from loaders.contract import Report
from loaders.landing import DocumentTooLarge, land, write_record
from loaders.model import LandedFile, RemoteDocument
from loaders.settings import Settings
from loaders.sources import DocumentError, KeepsAnswers, Source, StillChanging
from loaders.warehouse import Warehouse

LandAnswers = Callable[[], LandedFile | None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotLanded:
    """A document that could not be fetched. `reason` is set when an engineer must act on it; otherwise a later run takes it."""

    reason: str | None = None


def fetch_document(source: Source, document: RemoteDocument, settings: Settings) -> LandedFile | NotLanded:
    """Lands the bytes of a document as they come. One that cannot be fetched stays out of the ledger: the next run retries."""
    try:
        return land(settings.landing, lambda target: source.fetch(document, target))
    except StillChanging as changing:
        _log.warning("%s", changing)
        return NotLanded()
    except (DocumentError, DocumentTooLarge) as error:
        _log.error("%s: %s", document.uri, error)
        return NotLanded(f"{type(error).__name__}: {error}")


def answers_lander(source: Source, document: RemoteDocument, settings: Settings) -> LandAnswers:
    """Returns what lands the answers that a document was made of; None is landed where the document is what came."""

    def land_answers() -> LandedFile | None:
        if not isinstance(source, KeepsAnswers) or not source.has_answers(document):
            return None
        return land(settings.landing, partial(source.fetch_answers, document))

    return land_answers


def register_document(
    warehouse: Warehouse,
    settings: Settings,
    report: Report,
    pull_id: int,
    document: RemoteDocument,
    landed: LandedFile,
    cursor_to: str | None,
    land_answers: LandAnswers = lambda: None,
) -> None:
    """Enters a landed document in the ledger. Its record is on the disk before the ledger's row is committed."""
    with warehouse.registering(pull_id, document, landed, report, land_answers=land_answers) as submission:
        if submission is not None:
            write_record(settings.landing, submission.arrival_of(document, landed, cursor_to))
