"""A mail server that fails in the ways in which mail servers fail, and recovers when a test changes its state."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

HEALTHY = "well"
REFUSED = "refused"
HANGS = "hangs before its greeting"
SLOW = "gives a byte now and then"
DROPS = "drops the line in the middle of a message"
BUSY = "greets with 421"
NOT_NOW = "answers 450 to a recipient"
NEVER = "answers 550 to a recipient"
FULL = "answers 452 to a message"
REFUSES = "answers 554 to a message"
CLOSING = "answers 421 to a recipient"
HANGS_AFTER_DATA = "hangs after a message"
DOWN = (REFUSED, HANGS, SLOW, DROPS, BUSY, CLOSING, HANGS_AFTER_DATA)
REJECTING = (NOT_NOW, NEVER, FULL, REFUSES)
_ANSWERS = {NOT_NOW: b"450 try later", NEVER: b"550 no such user", CLOSING: b"421 closing"}
_AFTER_DATA = {FULL: b"452 disk full", REFUSES: b"554 refused"}


class SmtpServer:
    """A server on a free loopback port, with its `state`, the accepted `messages` and the number of connections."""

    def __init__(self) -> None:
        self.state = HEALTHY
        self.messages: list[EmailMessage] = []
        self.connection_count = 0
        # Called after a message counts as accepted and before the answer, as to kill who waits for it.
        self.before_answer: Callable[[], None] = lambda: None
        self.stopping = threading.Event()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        with socket.create_server(("127.0.0.1", 0)) as closed:
            self._closed_port = closed.getsockname()[1]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._closed_port if self.state == REFUSED else self.port}"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(server: SmtpServer) -> type[socketserver.StreamRequestHandler]:
    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            server.connection_count += 1
            with suppress(OSError):
                _converse(server, self)

    return Line


def _converse(server: SmtpServer, line: socketserver.StreamRequestHandler) -> None:
    if server.state == HANGS:
        server.stopping.wait(30)
    while server.state == SLOW and not server.stopping.is_set():
        line.wfile.write(b"2")
        time.sleep(0.05)
    _reply(line, b"421 busy" if server.state == BUSY else b"220 here")
    while word := line.rfile.readline().strip().upper():
        if word == b"QUIT":
            return _reply(line, b"221 bye")
        if word == b"DATA":
            _reply(line, b"354 go on")
            if server.state == DROPS:
                return None
            _receive(server, line)
        else:
            _reply(line, _ANSWERS.get(server.state, b"250 fine") if word.startswith(b"RCPT") else b"250 fine")
    return None


def _receive(server: SmtpServer, line: socketserver.StreamRequestHandler) -> None:
    lines = []
    while (text := line.rfile.readline()) not in {b".\r\n", b""}:
        lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
    if server.state == HANGS_AFTER_DATA:
        server.stopping.wait(30)
    if server.state not in _AFTER_DATA:
        message = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        server.messages.append(message)
        server.before_answer()
    _reply(line, _AFTER_DATA.get(server.state, b"250 kept"))


def _reply(line: socketserver.StreamRequestHandler, words: bytes) -> None:
    line.wfile.write(words + b"\r\n")


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """Runs a server that is healthy until its `state` is changed."""
    server = SmtpServer()
    try:
        yield server
    finally:
        server.close()
