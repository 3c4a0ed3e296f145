"""The channel `mail`: one message over SMTP, in bounded time."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, formatdate, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

from loaders.feedback.channels.errors import ChannelDown, ChannelError
from loaders.outgoing_messages import Message

# For one answer of the server, and for the whole of a message: a server that gives a byte now and then would hold us for ever.
_ANSWER_SECONDS = 20.0
_MESSAGE_SECONDS = 60.0
_CLOSING = 421


class SmtpChannel:
    """A mail server: `smtp://host:port` (with `?starttls=yes`) or `smtps://user:password@host:port`.

    With `?ca=PATH` its certificate must come from the authority in that file, else from one of the system's.
    """

    def __init__(self, url: str, sender: str, *, message_seconds: float = _MESSAGE_SECONDS) -> None:
        self._parts = urlsplit(url)
        self._query = {name: values[-1] for name, values in parse_qs(self._parts.query).items()}
        self._sender = sender
        self._message_seconds = message_seconds
        if self._parts.scheme not in {"smtp", "smtps"} or not self._parts.hostname:
            raise ChannelDown(
                f'expected an smtp:// or smtps:// URL in HUIMIN_SMTP_URL, found one that begins "{self._parts.scheme}://"'
            )
        try:
            self._port = self._parts.port or 0
        except ValueError:
            raise ChannelDown("expected a port from 1 to 65535 in HUIMIN_SMTP_URL, found another; put it right") from None

    def send(self, message: Message) -> None:
        """Hands one message over.

        Raises:
            ChannelDown: the server takes no message now.
            ChannelError: the server does not take this one.
        """
        letter = self._letter(message)
        is_taken = False
        try:
            with self._session() as server:
                server.send_message(letter)
                is_taken = True
        except (OSError, smtplib.SMTPException) as error:
            # What happens after the server took the message, at parting, makes no difference to the recipient.
            if not is_taken:
                raise self._failure(error) from error

    def _failure(self, error: Exception) -> ChannelError:
        place = f"{self._parts.hostname}:{self._parts.port or ''}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return ChannelDown(
                f"the certificate of mail server {place} is not trusted ({error.verify_message}): add ?ca=PATH of its "
                "authority's certificate to HUIMIN_SMTP_URL, and write the host as the certificate names it"
            )
        reason = " ".join(filter(None, [type(error).__name__, _codes(error)]))
        kind = ChannelDown if _takes_nothing(error) else ChannelError
        return kind(f"mail server {place} did not take the message ({reason}); the next run tries again")

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = message.recipient
        letter["Subject"] = message.subject
        # A message that is sent once more has the same date and Message-ID, by which mail programs show it once.
        letter["Date"] = format_datetime(message.written_at) if message.written_at else formatdate(localtime=True)
        letter["Message-ID"] = message.header_id or make_msgid(domain="huimin")
        if message.thread_id:
            letter["References"] = message.thread_id
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body_text)
        if message.body_html:
            letter.add_alternative(message.body_html, subtype="html")
        for attachment in message.attachments:
            kind, _, subtype = attachment.media_type.partition("/")
            letter.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
        return letter

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A server that is ready for a message. Its line is cut when the whole takes too long."""
        is_secure = self._parts.scheme == "smtps"
        starts_tls = not is_secure and self._query.get("starttls") == "yes"
        # Reading the authorities of the system takes longer than handing a message over.
        context = _trusting(self._query.get("ca")) if is_secure or starts_tls else None
        server = (
            smtplib.SMTP_SSL(timeout=_ANSWER_SECONDS, context=context) if is_secure else smtplib.SMTP(timeout=_ANSWER_SECONDS)
        )
        host = self._parts.hostname or ""
        # What certificates are compared with. __init__ sets it only when it connects too, unwatched.
        server._host = host  # type: ignore[attr-defined]
        watch = threading.Timer(self._message_seconds, _cut, [server])
        watch.daemon = True
        watch.start()
        try:
            _refuse_greeting(*server.connect(host, self._port))
            if starts_tls:
                server.starttls(context=context)
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            yield server
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            watch.cancel()
            server.close()


def _trusting(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ChannelDown(
            f"expected the certificate of an authority (PEM) in ?ca={ca} of HUIMIN_SMTP_URL, found {type(error).__name__}; "
            "put the path right"
        ) from None


def _refuse_greeting(code: int, words: bytes) -> None:
    if code != 220:
        raise smtplib.SMTPConnectError(code, words)


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with contextlib.suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _takes_nothing(error: Exception) -> bool:
    """Whether the server would take no other message either: only an answer to this one speaks of this one alone."""
    of_message = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError)
    return not isinstance(error, of_message) or _CLOSING in _numbers(error)


def _numbers(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return sorted({code for code, _ in error.recipients.values()})
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _codes(error: Exception) -> str:
    # Its words may name people; its numbers do not.
    return ", ".join(map(str, _numbers(error)))
