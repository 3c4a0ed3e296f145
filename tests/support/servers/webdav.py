"""A WebDAV server of a folder, with or without TLS, that fails on request."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from wsgidav.wsgidav_app import WsgiDAVApp

USER, PASSWORD = "minzheng", "p@ss/word#1"


@dataclass
class Failures:
    """The failures to simulate. A counter is the number of times that a failure happens."""

    answers_to_fail: int = 0
    answers_to_hang: float = 0.0
    denied: set[str] = field(default_factory=set)


class WebdavServer:
    """Server on a free loopback port, in a thread of its own."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
        self.failures = Failures()
        self._is_secure = certificate is not None
        config = {
            "provider_mapping": {"/": {"root": str(folder), "readonly": True}},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "dir_browser": {"enable": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
        self._app = WsgiDAVApp(config)
        self._server = wsgi.Server(("127.0.0.1", 0), self._answer, numthreads=2)
        if certificate is not None:
            self._server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(certificate))
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    def url(self, *, user: str = USER, password: str = PASSWORD, path: str = "/", **query: str) -> str:
        """Returns the connection's URL."""
        scheme = "webdavs" if self._is_secure else "webdav"
        port = self._server.bind_addr[1]
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}{quote(path)}?{urlencode(query)}"

    def close(self) -> None:
        """Stops the server."""
        self._server.stop()
        self._thread.join(10)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = unquote(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"))
        if self.failures.answers_to_hang:
            time.sleep(self.failures.answers_to_hang)
        if self.failures.answers_to_fail:
            self.failures.answers_to_fail -= 1
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        if environ["REQUEST_METHOD"] == "GET" and any(name in path for name in self.failures.denied):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer
