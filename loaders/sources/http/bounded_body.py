"""Reads the body of an answer within limits of size and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from loaders.sources.retry import TransientError

# A server that sends a byte now and then never exceeds the read timeout.
ANSWER_TIMEOUTS = 4


class TooLarge(Exception):
    """An answer has more bytes than allowed; the message is the limit."""


class BoundedStream(httpx.SyncByteStream):
    """The bytes of an answer as they come over the line, up to a size and a time.

    Raises:
        TooLarge: there are more bytes, when they are read.
        TransientError: they did not come in time.
    """

    def __init__(self, stream: httpx.SyncByteStream, max_bytes: int, seconds: float) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            _check(size, self._max_bytes, self._deadline, self._seconds)
            yield chunk

    def close(self) -> None:
        """Ends the answer."""
        self._stream.close()


def read_body(reply: httpx.Response, max_bytes: int, timeout: float) -> bytes:
    """Returns the decoded body of a streamed answer; `timeout` is that of a single read, in seconds.

    Raises:
        TooLarge: it has more bytes.
        TransientError: it did not end within `ANSWER_TIMEOUTS` times the timeout.
    """
    seconds = ANSWER_TIMEOUTS * timeout
    deadline = time.monotonic() + seconds
    body = bytearray()
    for chunk in reply.iter_bytes():
        body += chunk
        _check(len(body), max_bytes, deadline, seconds)
    return bytes(body)


def _check(size: int, max_bytes: int, deadline: float, seconds: float) -> None:
    if size > max_bytes:
        raise TooLarge(f"{max_bytes:,} bytes")
    if time.monotonic() > deadline:
        raise TransientError(f"the answer did not end within {seconds:g} s")
