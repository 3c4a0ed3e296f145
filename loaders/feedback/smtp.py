"""The channel `mail`: one message over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

from loaders.table import Message

_TIMEOUT_SECONDS = 30.0


class ChannelError(RuntimeError):
    """A message could not be handed over; the problems in it stay untold, and the next run tells them."""


class SmtpChannel:
    """A mail server: `smtp://host:port` (with `?starttls=yes`) or `smtps://user:password@host:port`."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ChannelError(
                f'expected an smtp:// or smtps:// URL in HUIMIN_SMTP_URL, found one that begins "{parts.scheme}://"'
            )
        self._parts = parts
        self._sender = sender

    def send(self, message: Message) -> None:
        """Hand one message over.

        Raises:
            ChannelError: the server cannot be reached or does not take it.
        """
        letter = self._letter(message)
        try:
            with self._connect() as server:
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            place = f"{self._parts.hostname}:{self._parts.port or ''}"
            reason = type(error).__name__
            raise ChannelError(f"mail server {place} did not take the message ({reason}); the next run tries again") from error

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = message.recipient
        letter["Subject"] = message.subject
        letter["Date"] = formatdate(localtime=True)
        letter["Message-ID"] = make_msgid(domain="huimin")
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body_text)
        if message.body_html:
            letter.add_alternative(message.body_html, subtype="html")
        if message.attachment_name:
            letter.add_attachment(message.attachment, maintype="text", subtype="csv", filename=message.attachment_name)
        return letter

    def _connect(self) -> smtplib.SMTP:
        host, port = self._parts.hostname or "", self._parts.port or 0
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
            if parse_qs(self._parts.query).get("starttls") == ["yes"]:
                server.starttls(context=context)
        if self._parts.username:
            server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
        return server
