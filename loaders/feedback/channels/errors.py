"""Why a message was not taken. The texts hold codes and names of connections: no secret, and no words of a server."""

from __future__ import annotations


class ChannelError(RuntimeError):
    """The server does not take this message; the outbox keeps it and sends it again later."""


class ChannelDown(ChannelError):
    """The server cannot be reached, hangs, drops the line or refuses to talk: it takes no other message either.

    `retry_after` are the seconds that it asked to wait, if it did.
    """

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after
