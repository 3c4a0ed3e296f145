"""Mails of one folder as containers of documents. The place of a mail is its message id; the watermark is its UID."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection
from typing import BinaryIO, TypeVar

from loaders.contract import Mailbox, Report
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.period import Period
from loaders.sources.errors import SourceError, StillChanging
from loaders.sources.files.name_pattern import FileNamePattern
from loaders.sources.mailbox.imap_session import ImapSession, MailHeader
from loaders.sources.retry import TransientError, with_retries

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class MailboxSource:
    """The mails of one report in one folder of a mailbox."""

    def __init__(self, report: Report, source: Mailbox, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        self._url = url
        self._timeout = timeout
        self._subject = FileNamePattern(report, pattern=source.subject) if source.subject is not None else None
        self._session: ImapSession | None = None
        self._uids: dict[str, int] = {}

    def pull(
        self,
        cursor: str | None,
        known_versions: Collection[KnownVersion],
        only: Selection | None,
        *,
        is_full: bool = False,
    ) -> Pull:
        """Returns the mails above the watermark (UIDVALIDITY and UID), or all of them once the contract or the folder is another.

        What is not in the folder any more is not gone: mails are moved and deleted once they are read.
        """
        headers = self._with_reconnect(lambda session: list(session.headers(self._above(session, cursor, only, is_full=is_full))))
        known = frozenset(known_versions) if only is None else frozenset()
        documents: dict[str, RemoteDocument] = {}
        unknown_senders: set[str] = set()
        left: list[int] = []
        for header in headers:
            document = self._document(header, unknown_senders)
            if document is None:
                continue
            if KnownVersion(document.uri, document.size, document.modified_at) in known:
                left.append(header.uid)
            elif only is None or only.includes(document.uri, None, None):
                self._uids[document.uri] = header.uid
                documents[document.uri] = document
        self._move(left)
        return Pull(
            self._cursor(cursor, headers),
            tuple(documents.values()),
            place=self._place(""),
            unknown_senders=tuple(sorted(unknown_senders)),
        )

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Copies a mail as it came.

        Raises:
            StillChanging: it is not there any more.
            SourceError: the line breaks again and again.
        """
        content = self._with_reconnect(lambda session: session.mail(self._uids[remote_document.uri]))
        if content is None:
            raise StillChanging(self._source.connection, remote_document.uri)
        target.write(content)

    def finish(self, remote_document: RemoteDocument) -> None:
        """Moves a mail whose attachments are in the ledger, if the contract says so."""
        self._move([self._uids[remote_document.uri]])

    def close(self) -> None:
        """Ends the session."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _document(self, header: MailHeader, unknown_senders: set[str]) -> RemoteDocument | None:
        """Returns a mail as a document. None for one that is another report's, or comes from a sender that nobody knows."""
        stated: tuple[str | None, Period | None] | None = (None, None)
        if self._subject is not None:
            stated = self._subject.read(header.subject)
        if stated is None:
            return None
        unit = stated[0] or self._unit_of(header.sender)
        if self._source.senders and self._unit_of(header.sender) is None:
            unknown_senders.add(header.sender)
            return None
        name = header.message_id.replace("!/", "!%2F") or f"{self._uid_validity}-{header.uid}"
        return RemoteDocument(self._report.report, self._place(f"<{name}>"), header.arrived_at, header.size, unit, stated[1])

    def _unit_of(self, sender: str) -> str | None:
        senders = {address.lower(): unit for address, unit in self._source.senders.items()}
        return senders.get(sender) or senders.get(f"@{sender.rpartition('@')[2]}")

    def _above(self, session: ImapSession, cursor: str | None, only: Selection | None, *, is_full: bool) -> int:
        """Returns the UID up to which all is known. With `when_done`, what is left in the folder must be moved."""
        validity, uid, contract = (*(cursor or "").split(":"), "", "", "")[:3]
        is_same = (validity, contract) == (session.uid_validity, self._fingerprint())
        return int(uid) if is_same and only is None and not is_full and self._source.when_done is None else 0

    def _cursor(self, cursor: str | None, headers: Collection[MailHeader]) -> str | None:
        if not headers:
            return cursor
        return f"{self._uid_validity}:{max(header.uid for header in headers)}:{self._fingerprint()}"

    def _fingerprint(self) -> str:
        return hashlib.sha256(self._source.model_dump_json().encode()).hexdigest()[:8]

    @property
    def _uid_validity(self) -> str:
        return self._session.uid_validity if self._session is not None else ""

    def _move(self, uids: list[int]) -> None:
        done = self._source.when_done
        if done is None or not uids:
            return
        try:
            self._with_reconnect(lambda session: session.move(uids, done.move))
        except SourceError as error:
            _log.error("mails stay in %s and are moved by a later run: %s", self._source.folder, error)

    def _place(self, name: str) -> str:
        return f"{self._source.connection}:{self._source.folder}/{name}"

    def _with_reconnect(self, work: Callable[[ImapSession], Result]) -> Result:
        def attempt() -> Result:
            if self._session is None:
                is_read_only = self._source.when_done is None
                self._session = ImapSession.open(
                    self._source.connection, self._url, self._source.folder, self._timeout, is_read_only=is_read_only
                )
            try:
                return work(self._session)
            except TransientError:
                self.close()
                raise

        try:
            return with_retries(attempt)
        except TransientError as failure:
            raise SourceError(
                self._source.connection,
                f"the line broke again and again ({failure})",
                next_step="check that the server runs and the network lets us through; the next run tries again",
            ) from failure
