"""Protocol between pool and workers: a length, a pickle, and optionally an open file descriptor.

Both ends are this program. Content of documents is transferred as values inside messages and is never executed.
"""

from __future__ import annotations

import io
import pickle
import socket
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from loaders.contract import Report
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


class _Pickler(pickle.Pickler):
    """Packs the contract of a report once for all its documents: it is most of a request, and the same in each."""

    def reducer_override(self, value: object) -> Any:
        return (_unpacked, (_packed(value),)) if isinstance(value, Report) else NotImplemented


class _Last:
    """The report that was packed last in this process. Reports are not altered."""

    packed: tuple[Report, bytes] | None = None


def _packed(report: Report) -> bytes:
    last = _Last.packed
    if last is None or last[0] is not report:
        last = _Last.packed = report, pickle.dumps(report, protocol=pickle.HIGHEST_PROTOCOL)
    return last[1]


@lru_cache(maxsize=2)
def _unpacked(content: bytes) -> Report:
    report: Report = pickle.loads(content)  # noqa: S301 - our own process wrote it
    return report


def send(channel: socket.socket, message: Any, descriptor: int | None = None) -> None:
    """Sends one message, optionally with an open file.

    Raises:
        OSError: the other end has closed the channel.
    """
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(message)
    body = buffer.getbuffer()
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
