"""Any other channel, through the package Apprise, which only deployments that use it install (`pip install huimin[apprise]`)."""

from __future__ import annotations

from importlib import import_module
from urllib.parse import parse_qs, urlsplit

from loaders.feedback.channels.bot import reference
from loaders.feedback.channels.errors import ChannelDown, ChannelError
from loaders.outgoing_messages import Message


class AppriseChannel:
    """A service of Apprise. Its connection is `apprise://?url=…`, with Apprise's own URL percent-encoded."""

    def __init__(self, connection: str, url: str) -> None:
        self._connection = connection
        service = parse_qs(urlsplit(url).query).get("url", [""])[0]
        try:
            self._apprise = import_module("apprise").Apprise()
        except ModuleNotFoundError:
            raise ChannelDown(f'the connection "{connection}" needs the package apprise: install huimin[apprise]') from None
        if not service or not self._apprise.add(service):
            raise ChannelDown(f'expected apprise://?url=… in the connection "{connection}", found another URL; put it right')

    def send(self, message: Message) -> None:
        """Hands one message over.

        Raises:
            ChannelError: the service does not take it; Apprise does not tell why.
        """
        if not self._apprise.notify(title=message.subject, body=message.body_text.strip() + reference(message)):
            raise ChannelError(f'apprise "{self._connection}" did not take the message; the next run tries again')
