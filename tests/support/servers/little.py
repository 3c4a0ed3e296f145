"""A little server in any style: a handler of a few lines answers, every request is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.support.servers.background import Background

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LittleServer:
    """A server on a free loopback port. `handler` can be replaced while it runs; `bodies` are the request bodies as text."""

    def __init__(self, background: Background, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[web.Request] = []
        self.bodies: list[str] = []
        self._background = background
        self._runner = background.run(self._start())

    @property
    def base(self) -> str:
        """The host and port."""
        return f"127.0.0.1:{self._runner.addresses[0][1]}"

    def url(self, user: str = "", secret: str = "") -> str:
        """The URL of a connection with these credentials."""
        return f"http://{user}:{secret}@{self.base}"

    def close(self) -> None:
        """Stops the server."""
        self._background.run(self._runner.cleanup())

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.text())
        return await self.handler(request)


@contextmanager
def serving(handler: Handler) -> Iterator[LittleServer]:
    """Runs a little server for the body of a with statement."""
    with Background() as background:
        server = LittleServer(background, handler)
        try:
            yield server
        finally:
            server.close()


def fixed(body: Any, *, status: int = 200, content_type: str = "application/json", **headers: str) -> Handler:
    """Makes a handler that answers every request with these bytes, this text, or this value as JSON."""

    async def handler(request: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            return web.Response(body=body, status=status, headers={"Content-Type": content_type} | named)
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type=content_type, headers=named)
        return web.json_response(body, status=status, headers=named)

    return handler
