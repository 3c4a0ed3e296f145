"""The stage `sources`: fetches bytes from the systems of record, and knows nothing of their content.

A source lists what is new (`pull`) and then delivers the bytes of each document (`fetch`). It takes connections, protocols,
retries and cursors; it never parses a document or uses the warehouse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from loaders.contract import AskedSource, Database, FileDrop, HttpApi, Mailbox, Report, Soap
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection, WaitingFile
from loaders.settings import Settings
from loaders.sources.errors import DocumentError, SourceError, StillChanging
from loaders.sources.files.name_pattern import FileNamePattern, is_ignored_file, place_of
from loaders.sources.files.pattern_description import PatternDescription

if TYPE_CHECKING:
    from loaders.sources.http.api_source import AnsweringClient

__all__ = [
    "DocumentError",
    "FileNamePattern",
    "FinishingSource",
    "KeepsAnswers",
    "PatternDescription",
    "Source",
    "SourceError",
    "StillChanging",
    "is_ignored_file",
    "open_client",
    "open_source",
    "place_of",
]


class Source(Protocol):
    """The source of a report's documents."""

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Lists the documents that are new since `cursor` or, with `only`, the chosen ones, new or not.

        `is_full` pulls unchanged documents too, where only the source itself says that nothing changed.
        """

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the bytes of a document of the last pull into `target`, which is rewound for a retry.

        Raises:
            DocumentError: this document cannot be had now (`StillChanging` is one); the others can.
            SourceError: nothing can be had now.
        """

    def close(self) -> None:
        """Closes the connection."""


@runtime_checkable
class KeepsAnswers(Protocol):
    """A source that makes a document of several answers, which are kept beside it as they came."""

    def has_answers(self, remote_document: RemoteDocument) -> bool:
        """Returns whether a document of the last pull was made of answers."""

    def fetch_answers(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the answers of a document of the last pull, packed as one file, without anything of the requests."""


@runtime_checkable
class FinishingSource(Protocol):
    """A source at which something happens to a document that is in the ledger, such as a mail that is moved."""

    def finish(self, remote_document: RemoteDocument) -> None:
        """Is called once the document is in the ledger; what fails is logged, and the next pull does it."""


@contextmanager
def open_source(report: Report, settings: Settings, waiting: Collection[WaitingFile] = ()) -> Iterator[Source]:
    """Opens the source that the report's contract names; `waiting` are the files that were incomplete at the last pull.

    Raises:
        SettingsError: its connection is not set.
        SourceError: it cannot be reached, or does not keep its protocol.
    """
    source = _make(report, settings, waiting)
    try:
        yield source
    finally:
        source.close()


def open_client(source: AskedSource, url: str, timeout: float, folder: Path) -> AnsweringClient:
    """Opens the client of a source that answers requests; `folder` is that of the contract, where a WSDL lies.

    Raises:
        SourceError: the connection lacks what the contract needs, or the WSDL cannot be used.
    """
    if isinstance(source, Soap):
        from loaders.sources.soap.operation import Operation

        return Operation(source, url, timeout, folder)
    if isinstance(source, HttpApi):
        from loaders.sources.http.client import HttpClient

        return HttpClient(source, url, timeout)
    raise TypeError(f"{type(source).__name__} answers no requests")


def _make(report: Report, settings: Settings, waiting: Collection[WaitingFile]) -> Source:
    url = settings.connection(report.source.connection)
    match report.source:
        case FileDrop():
            from loaders.sources.files.file_drop import FileDropSource

            return FileDropSource(report, report.source, url, settings.http_timeout_seconds, waiting)
        case HttpApi():
            from loaders.sources.http.api_source import HttpApiSource

            return HttpApiSource(report, report.source, url, settings.http_timeout_seconds)
        case Database():
            from loaders.sources.database.view_source import DatabaseSource

            return DatabaseSource(report, report.source, url, settings.http_timeout_seconds)
        case Soap():
            from loaders.sources.soap.soap_source import SoapSource

            folder = settings.expectations / report.system
            return SoapSource(report, report.source, url, settings.http_timeout_seconds, folder)
        case Mailbox():
            from loaders.sources.mailbox.mailbox_source import MailboxSource

            return MailboxSource(report, report.source, url, settings.http_timeout_seconds)
