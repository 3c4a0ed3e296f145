"""One IMAP session in one folder: lists headers, copies mails, moves mails. Nothing is marked as read."""

from __future__ import annotations

import datetime as dt
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from loaders.characters.mail_headers import decoded_name, decoded_words
from loaders.sources.connections import parse_connection_url
from loaders.sources.errors import SourceError, printable
from loaders.sources.retry import TransientError
from loaders.sources.transports.tls import certificate_refused, tls_context

SCHEMES = ("imaps", "imap")
_PORTS = {"imaps": 993, "imap": 143}
_FAILURES = (OSError, EOFError, imaplib.IMAP4.error, ImapToolsError)
_HEADERS = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SUBJECT)])"
# `1 (UID 5 RFC822.SIZE 4286 INTERNALDATE "03-Jun-2023 10:00:00 +0800" BODY[…] {96}`
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class MailHeader:
    """What a listing shows of a mail. `sender` is its address in lower case, `message_id` empty where it has none."""

    uid: int
    size: int
    arrived_at: dt.datetime
    message_id: str
    sender: str
    subject: str


class ImapSession:
    """A session in a folder. Every answer has a deadline."""

    def __init__(self, connection: str, mailbox: BaseMailBox, uid_validity: str) -> None:
        self._connection = connection
        self._mailbox = mailbox
        self.uid_validity = uid_validity

    @classmethod
    def open(cls, connection: str, url: str, folder: str, timeout: float, *, is_read_only: bool) -> ImapSession:
        """Opens a folder: `imaps://user:password@host` (TLS), or `imap://…` (STARTTLS); `?ca=PATH` is the server's own authority.

        Raises:
            SourceError: the URL is wrong, the certificate is not trusted, the server refuses us, or there is no such folder.
            TransientError: the server cannot be reached now.
        """
        parts = parse_connection_url(connection, url, SCHEMES)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        kind = MailBox if parts.scheme == "imaps" else MailBoxStartTls
        try:
            mailbox = kind(host, port, timeout=timeout, ssl_context=tls_context(connection, query))
            mailbox.login(unquote(parts.username or ""), unquote(parts.password or ""), initial_folder=None)
            # Some providers let nobody in who does not introduce himself.
            with suppress(imaplib.IMAP4.error):
                mailbox.client.xatom("ID", '("name" "huimin")')
            mailbox.folder.set(folder, readonly=is_read_only)
        except ssl.SSLCertVerificationError as error:
            raise certificate_refused(connection, f"{host}:{port}", error) from error
        except MailboxLoginError:
            # The library's message may repeat what was sent.
            what = f"{host}:{port} does not let us in"
            raise SourceError(connection, what, next_step="check user and password, and that the account allows IMAP") from None
        except MailboxFolderSelectError as error:
            what = f'there is no folder "{folder}", or it may not be read'
            raise SourceError(connection, what, next_step="correct source.folder in the contract") from error
        except _FAILURES as error:
            raise TransientError(f"{host}:{port} cannot be reached ({type(error).__name__})") from error
        _, values = mailbox.client.response("UIDVALIDITY")
        return cls(connection, mailbox, values[0].decode() if values and values[0] else "")

    def headers(self, above: int) -> Iterator[MailHeader]:
        """Yields the headers of the mails with a UID greater than `above`, in their order; raises `TransientError`."""
        with self._translated_errors():
            uids = [int(uid) for uid in self._mailbox.uids(f"UID {above + 1}:*")]
        # `*` is the last mail even when its UID is smaller.
        wanted = sorted(uid for uid in uids if uid > above)
        for start in range(0, len(wanted), _AT_ONCE):
            yield from self._fetch_headers(wanted[start : start + _AT_ONCE])

    def mail(self, uid: int) -> bytes | None:
        """Returns a mail as it came; None for one that is not there any more. Raises `TransientError`."""
        with self._translated_errors():
            _, answer = self._mailbox.client.uid("FETCH", str(uid), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Moves mails into another folder, which is made if there is none; raises `TransientError`."""
        with self._translated_errors():
            if not self._mailbox.folder.exists(folder):
                self._mailbox.folder.create(folder)
            self._mailbox.move([str(uid) for uid in uids], folder)

    def close(self) -> None:
        """Ends the session."""
        with suppress(*_FAILURES):
            self._mailbox.logout()

    def _fetch_headers(self, uids: Sequence[int]) -> Iterator[MailHeader]:
        with self._translated_errors():
            _, answer = self._mailbox.client.uid("FETCH", ",".join(map(str, uids)), _HEADERS)
        for place, part in enumerate(answer):
            if isinstance(part, tuple):
                # Servers put items before or after the literal.
                after = answer[place + 1] if place + 1 < len(answer) and isinstance(answer[place + 1], bytes) else b""
                header = _header(part[0] + after, bytes(part[1]))
                if header is not None:
                    yield header

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            raise TransientError(f"{type(error).__name__} in the mailbox") from error


def _header(items: bytes, lines: bytes) -> MailHeader | None:
    uid, size, date = (pattern.search(items) for pattern in (_UID, _SIZE, _DATE))
    if uid is None or size is None or date is None:
        return None
    message = message_from_bytes(lines)
    arrived_at = dt.datetime.strptime(date[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(dt.UTC)
    raw = {name.lower(): _text(value) for name, value in message.raw_items()}
    sender = parseaddr(raw.get("from", ""))[1].lower()
    message_id = printable(raw.get("message-id", "").strip().strip("<>"))
    return MailHeader(int(uid[1]), int(size[1]), arrived_at, message_id, sender, decoded_words(raw.get("subject", "")))


def _text(value: object) -> str:
    """Returns a header as a text, unfolded; bytes that no header may have are decoded as names are."""
    return re.sub(r"[\r\n]+", "", decoded_name(str(value).encode("utf-8", "surrogateescape")))
