"""An FTP server that fails on request: plain, with explicit TLS, or with TLS from the first byte."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

USER, PASSWORD = "minzheng", "p@ss/word#1"


@dataclass
class Failures:
    """The failures to simulate. A counter is the number of times that a failure happens."""

    lines_to_break: int = 0
    listings_to_hang: float = 0.0
    denied: set[str] = field(default_factory=set)
    listed_sizes: dict[str, int] = field(default_factory=dict)


class FtpServer:
    """Server of a folder on a free loopback port, in a thread of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        tls: Literal["explicit", "implicit"] | None = None,
        certificate: Path | None = None,
        encoding: str = "utf-8",
        without: Sequence[str] = (),
    ) -> None:
        logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
        self.failures = Failures()
        self._tls = tls
        self._loop = IOLoop()
        authorizer = DummyAuthorizer()
        authorizer.add_user(USER, PASSWORD, str(folder), perm="elr")
        handler = _handler(self.failures, tls, certificate, encoding, without)
        handler.authorizer = authorizer
        self._server = FTPServer(("127.0.0.1", 0), handler, ioloop=self._loop)
        self.port = self._server.address[1]
        self._is_running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def url(self, *, user: str = USER, password: str = PASSWORD, path: str = "/", **query: str) -> str:
        """Returns the connection's URL."""
        scheme = "ftp" if self._tls is None else "ftps"
        facts = query | ({"tls": "implicit"} if self._tls == "implicit" else {})
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}{path}?{urlencode(facts)}"

    def close(self) -> None:
        """Stops the server."""
        self._is_running = False
        self._thread.join(10)
        self._server.close_all()

    def _run(self) -> None:
        while self._is_running:
            self._loop.loop(timeout=0.05, blocking=False)


def _handler(failures: Failures, tls: str | None, certificate: Path | None, encoding_: str, without: Sequence[str]) -> Any:
    base: Any = FTPHandler if tls is None else TLS_FTPHandler

    class Files(AbstractedFS):
        def open(self, filename: str, mode: str) -> Any:
            if any(name in filename for name in failures.denied):
                raise PermissionError(13, "Permission denied")
            return super().open(filename, mode)

        def format_list(self, basedir: str, listing: Any, ignore_err: bool = True) -> Any:
            for line in super().format_list(basedir, listing, ignore_err):
                text = line.decode(encoding_)
                name = next((name for name in failures.listed_sizes if name in text), None)
                size = (Path(basedir) / name).stat().st_size if name else 0
                yield (text.replace(f" {size} ", f" {failures.listed_sizes[name]} ") if name else text).encode(encoding_)

        def listdir(self, path: str) -> Any:
            if failures.listings_to_hang:
                time.sleep(failures.listings_to_hang)
            return super().listdir(path)

    data: Any = base.dtp_handler

    class Data(data):  # type: ignore[misc]
        def handle_write(self) -> None:
            if failures.lines_to_break and self.get_transmitted_bytes() > 0:
                failures.lines_to_break -= 1
                self.cmd_channel.close()
                return
            super().handle_write()

    class Handler(base):  # type: ignore[misc]
        abstracted_fs = Files
        encoding = encoding_
        use_sendfile = False
        dtp_handler = Data
        banner = "ready"
        proto_cmds: ClassVar = {name: facts for name, facts in base.proto_cmds.items() if name not in without}
        if tls is not None:
            certfile = str(certificate)
            tls_control_required = True
            tls_data_required = True

        def handle(self) -> None:
            if tls == "implicit":
                self.secure_connection(self.ssl_context)
            super().handle()

        def ftp_FEAT(self, line: str) -> None:
            features = ["UTF8"] if encoding_ == "utf-8" else []
            features += [name for name in ("MLST", "MDTM", "SIZE") if name not in without]
            self.push("211-Features supported:\r\n" + "".join(f" {name}\r\n" for name in features))
            self.respond("211 End FEAT.")

    return Handler
