"""A server that answers requests as a test's function decides, over HTTP or TLS, and remembers what it was asked."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.servers.background import Background


@dataclass(frozen=True)
class Seen:
    """A request: its method, its path as it was sent with the query, headers and body."""

    method: str
    target: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]


Handler = Callable[[Seen], web.Response]


class GuardedApi:
    """Server whose `handler` answers every request."""

    def __init__(self, background: Background, handler: Handler, context: ssl.SSLContext | None = None) -> None:
        self.handler = handler
        self.requests: list[Seen] = []
        self._background = background
        self._scheme = "http" if context is None else "https"
        self._runner = background.run(self._start(context))

    @property
    def host(self) -> str:
        """The host and port."""
        return f"127.0.0.1:{self._runner.addresses[0][1]}"

    @property
    def url(self) -> str:
        """The origin."""
        return f"{self._scheme}://{self.host}"

    def with_credentials(self, user: str, secret: str, query: str = "") -> str:
        """Returns the URL of a connection; user and secret are percent-encoded already."""
        return f"{self._scheme}://{user}:{secret}@{self.host}{query}"

    def paths(self) -> list[str]:
        """Returns the paths of all requests in their order."""
        return [request.path for request in self.requests]

    def close(self) -> None:
        """Stops the server."""
        self._background.run(self._runner.cleanup())

    async def _start(self, context: ssl.SSLContext | None) -> web.AppRunner:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_route("*", "/{anything:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return runner

    async def _answer(self, request: web.Request) -> web.Response:
        seen = Seen(request.method, request.raw_path, dict(request.headers), dict(request.query), await request.read())
        self.requests.append(seen)
        return self.handler(seen)


def json_answer(content: Any, status: int = 200, **headers: str) -> web.Response:
    """Makes a JSON answer."""
    return web.json_response(content, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})
