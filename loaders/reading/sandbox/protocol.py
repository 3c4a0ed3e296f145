"""Messages between a reader pool and its children: a length, a pickle, and sometimes an open file.

Both ends are this program; what comes from documents travels as values inside, never as code.
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
    """What a child says besides its answers."""

    STARTED = "started"
    ACCEPTED = "taken"


@dataclass(frozen=True, slots=True)
class Response:
    """What became of one request: its value, or the issue that ended it.

    `is_final` says that the process ends itself after this answer: a process that ran out of memory is not to be trusted.
    `traceback_text` tells a fault of the reader itself.
    """

    value: Any = None
    issue: Issue | None = None
    is_final: bool = False
    traceback_text: str | None = None


def send(channel: socket.socket, message: Any, descriptor: int | None = None) -> None:
    """Send one message, with an open file when there is one.

    Raises:
        OSError: the other end is gone.
    """
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    length = len(body).to_bytes(_LENGTH_BYTES, "big")
    if descriptor is None:
        channel.sendall(length)
    else:
        socket.send_fds(channel, [length], [descriptor])
    channel.sendall(body)


def receive(channel: socket.socket) -> tuple[Any, int | None]:
    """Wait for one message.

    Returns:
        The message, and the descriptor of the file that came with it, which is the caller's to close.

    Raises:
        EOFError: the other end is gone.
        OSError: the channel broke, or a timeout that was set on it passed.
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
