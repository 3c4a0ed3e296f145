"""A system that answers requests, an HTTP API or a SOAP service, as its contract describes it.

A register is pulled whole, because a list of changed records cannot show that one was deleted. Where the contract says how to ask
for changes (`{since}`), two cheap requests (how many records are newer than the watermark, how many are there at all) decide
whether anything changed; only then all pages are pulled, as one document of JSON lines. These requests cannot see a record that
changed without its update time, or under an earlier one. They are therefore skipped while the newest change is recent, and when a
full comparison is due.

Where one request is for a unit or a period, each is a document. What one of them lacks costs the others nothing.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, Protocol

from loaders.contract import AskedSource, HttpApi, Report
from loaders.contract.sources.http.paging import CountedPaging
from loaders.contract.sources.request_values import NamedValues
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.sources.errors import DocumentError
from loaders.sources.http.answers.page_reader import Page, form_of, good_answer, plain_body, read_page
from loaders.sources.http.answers.tree import AnswerMismatch
from loaders.sources.http.asks import Ask, AskPlan
from loaders.sources.http.change_times import is_change_time, later, latest_change, parse_change_time
from loaders.sources.http.client import Answer, HttpClient
from loaders.sources.http.document_spool import DocumentSpool, SpooledPart
from loaders.sources.http.paging.one_state import Paginator
from loaders.sources.http.paging.page_scan import packed_answer
from loaders.sources.http.request_builder import PageCall
from loaders.sources.update_times import is_settled, not_before_known


@dataclass(frozen=True, slots=True)
class _PulledDocument:
    """What was pulled of one document: its bytes, its size, its newest change, the zipped answers; or why there is nothing."""

    content: SpooledPart | None = None
    size: int | None = None
    latest: str | None = None
    modified_at: dt.datetime | None = None
    answers: SpooledPart | None = None
    error: DocumentError | None = None


class AnsweringClient(Protocol):
    """Sends the requests of one source."""

    def ask(self, values: NamedValues, call: PageCall) -> Answer:
        """Returns the answer to one request."""

    def close(self) -> None:
        """Closes the connection."""


class AnsweringSource:
    """The documents of one report at one system that answers requests."""

    def __init__(self, report: Report, source: AskedSource, client: AnsweringClient) -> None:
        self._report = report
        self._source = source
        self._plan = AskPlan(report, source)
        self._client = client
        self._pulled: dict[str, _PulledDocument] = {}
        self._spool = DocumentSpool()

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Returns what was asked for and may be new: the register, or a document per unit and period.

        The size of a document is its record count, so that a deletion is a new version for the ledger; that of a file its bytes.

        Raises:
            SourceError: the API cannot be reached, or gave nothing of all that was asked for.
        """
        known_uris = {version.uri for version in known_versions}
        # A watermark from before the contract had another `updated_format` says nothing.
        cursor = cursor if cursor is not None and is_change_time(self._source, cursor) else None
        asks = list(self._plan.asks(known_uris, only, is_full=is_full))
        if cursor is not None and only is None and not is_full and asks and self._is_unchanged(cursor, asks[0], known_versions):
            return Pull(cursor)
        self._pulled.clear()
        self._spool.clear()
        for ask in asks:
            self._pulled[ask.uri] = self._pull_or_error(ask)
        errors = [pulled.error for pulled in self._pulled.values() if pulled.error is not None]
        if errors and len(errors) == len(asks):
            raise errors[0]
        latest = cursor
        for pulled in self._pulled.values():
            # The cursor of a register whose newest record is gone does not go back: later records are still new.
            latest = later(self._source, latest, pulled.latest)
        documents = [self._remote_document(ask, cursor, known_versions) for ask in asks if self._is_there(ask, known_uris)]
        return Pull(latest, tuple(documents))

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the pulled records, one JSON object per line, as they came; or the file, as it came.

        Raises:
            DocumentError: this document could not be pulled.
        """
        pulled = self._pulled.get(remote_document.uri)
        if pulled is not None and pulled.error is not None:
            raise pulled.error
        if pulled is None or pulled.content is None:
            raise RuntimeError("fetch comes after a pull that offered something")
        self._spool.copy(pulled.content, target)

    def has_answers(self, remote_document: RemoteDocument) -> bool:
        """Returns whether the document was made of answers; a file is one itself."""
        pulled = self._pulled.get(remote_document.uri)
        return pulled is not None and pulled.answers is not None

    def fetch_answers(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes a zip of the answers that the document was made of, as they came, without their requests."""
        answers = self._pulled[remote_document.uri].answers
        if answers is None:
            raise RuntimeError("the document is an answer itself")
        self._spool.copy(answers, target)

    def close(self) -> None:
        """Closes the connection and deletes what was pulled."""
        self._client.close()
        self._spool.close()

    def _pull_or_error(self, ask: Ask) -> _PulledDocument:
        try:
            return self._pull_file(ask) if form_of(self._source) == "file" else self._pull_records(ask)
        except DocumentError as error:
            return _PulledDocument(error=error)

    def _pull_records(self, ask: Ask) -> _PulledDocument:
        values = ask.values(self._source)
        found = Paginator(self._source, self._key(), partial(self._page, values)).pull()
        try:
            latest = latest_change(self._source, found.lines)
            content, answers = self._spool.put(found.lines), self._spool.put(found.answers)
        finally:
            found.close()
        return _PulledDocument(content, found.count, latest, answers=answers)

    def _pull_file(self, ask: Ask) -> _PulledDocument:
        answer = self._client.ask(ask.values(self._source), PageCall())
        try:
            good_answer(self._source, answer)
        except AnswerMismatch as mismatch:
            raise self._error(mismatch) from None
        body = plain_body(self._source, answer)
        # Of an encrypted file, what came is kept beside it.
        answers = None if answer.cipher is None else self._spool.put(packed_answer(answer.body))
        content = self._spool.put(io.BytesIO(body))
        return _PulledDocument(content, len(body), modified_at=_not_in_future(answer.modified_at), answers=answers)

    def _page(self, values: NamedValues, call: PageCall) -> Page:
        return self._read(self._client.ask(values, call))

    def _read(self, answer: Answer) -> Page:
        try:
            return read_page(self._source, answer)
        except AnswerMismatch as mismatch:
            raise self._error(mismatch) from None

    def _error(self, mismatch: AnswerMismatch) -> DocumentError:
        what = f"{self._source.place}: {mismatch.what}"
        return DocumentError(self._source.connection, what, next_step=mismatch.next_step)

    def _key(self) -> tuple[str, ...]:
        if self._source.key is not None:
            return (self._source.key,)
        return tuple(column.field or column.name for column in self._report.columns if column.key)

    def _is_there(self, ask: Ask, known_uris: Collection[str]) -> bool:
        """Returns whether an answer is a document: an empty one is none before the first, unless `empty_batch` accepts it."""
        pulled = self._pulled[ask.uri]
        if pulled.error is not None or pulled.size or ask.uri in known_uris:
            return True
        return self._source.asks_for == "register" or self._report.empty_batch == "accept"

    def _remote_document(self, ask: Ask, cursor: str | None, known_versions: Collection[KnownVersion]) -> RemoteDocument:
        pulled = self._pulled[ask.uri]
        # Of a register the watermark is its own, and does not go back; a period's says nothing of another.
        latest = later(self._source, cursor, pulled.latest) if self._source.asks_for == "register" else pulled.latest
        changed_at = parse_change_time(self._source, latest) if latest else pulled.modified_at
        at = dt.datetime.now(dt.UTC) if changed_at is None else not_before_known(changed_at, ask.uri, known_versions)
        return RemoteDocument(self._report.report, ask.uri, at, pulled.size, ask.unit or self._report.units[0], ask.period)

    def _is_unchanged(self, cursor: str, ask: Ask, known_versions: Collection[KnownVersion]) -> bool:
        """Asks by two small requests whether a register is as it was at the watermark."""
        if not self._source.can_tell_changes or not is_settled(self._cursor_time(cursor)):
            return False
        if self._count(replace(ask.values(self._source), since=cursor, since_at=_in_china(self._cursor_time(cursor)))):
            return False
        total = self._count(ask.values(self._source))
        return KnownVersion(ask.uri, total, self._cursor_time(cursor)) in known_versions

    def _count(self, values: NamedValues) -> int | None:
        is_sized = isinstance(self._source.paging, CountedPaging) and self._source.paging.size is not None
        return self._page(values, PageCall(size=1 if is_sized else 0)).total

    def _cursor_time(self, cursor: str) -> dt.datetime:
        return parse_change_time(self._source, cursor)


class HttpApiSource(AnsweringSource):
    """The documents of one report at one API over HTTP."""

    def __init__(self, report: Report, source: HttpApi, url: str, timeout: float) -> None:
        super().__init__(report, source, HttpClient(source, url, timeout))


def _in_china(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.timezone(dt.timedelta(hours=8)))


def _not_in_future(time: dt.datetime | None) -> dt.datetime | None:
    return time if time is not None and time <= dt.datetime.now(dt.UTC) else None
