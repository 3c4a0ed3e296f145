"""Protocol between pool and workers: a length, a pickle, and optionally an open file descriptor.

Both ends are this program. Content of documents is transferred as values inside messages and is never executed.
"""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass
from enum import Enum
from typing import Any

from loaders.model import Issue

_LENGTH_BYTES = 8


class WorkerStatus(Enum):
    """Status messages of a worker, beside its responses."""

    STARTED = "started"
    ACCEPTED = "taken"


@dataclass(frozen=True, slots=True)
class Response:
    """Response to one request: its value, or the issue that ended it.

    `is_final` means that the worker exits after this response: after an out-of-memory error its state is not reliable.
    `traceback_text` is set if the reader itself failed.
    """

    value: Any = None
    issue: Issue | None = None
    is_final: bool = False
    traceback_text: str | None = None


def send(channel: socket.socket, message: Any, descriptor: int | None = None) -> None:
    """Sends one message, optionally with an open file.

    Raises:
        OSError: the other end has closed the channel.
    """
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    length = len(body).to_bytes(_LENGTH_BYTES, "big")
    if descriptor is None:
        channel.sendall(length)
    else:
        socket.send_fds(channel, [length], [descriptor])
    channel.sendall(body)


def receive(channel: socket.socket) -> tuple[Any, int | None]:
    """Waits for one message.

    Returns:
        The message, and the descriptor of the file sent with it. The caller must close the descriptor.

    Raises:
        EOFError: the other end has closed the channel.
        OSError: the channel failed, or its timeout expired.
    """
    head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH_BYTES, 1)
    if not head:
        raise EOFError("the other end is gone")
    head += _receive_exactly(channel, _LENGTH_BYTES - len(head))
    body = _receive_exactly(channel, int.from_bytes(head, "big"))
    return pickle.loads(body), descriptors[0] if descriptors else None  # noqa: S301 - our own process wrote it


def _receive_exactly(channel: socket.socket, length: int) -> bytes:
    body = bytearray(length)
    view = memoryview(body)
    done = 0
    while done < length:
        count = channel.recv_into(view[done:])
        if not count:
            raise EOFError("the other end broke off inside a message")
        done += count
    return bytes(body)
