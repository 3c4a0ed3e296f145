"""A register behind a signed API, with responses that a test can replace."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.support.servers.background import Background

KEY, SECRET = "huimin", "s3cret/with@signs#"
PATH = "/openapi/v1/register"
SIGNED = {
    "kind": "hmac",
    "canonical": "{method}\n{path}\n{query_sorted}\n{key}\n{timestamp_ms}\n{nonce}",
    "headers": {"X-App-Key": "{key}", "X-Timestamp": "{timestamp_ms}", "X-Nonce": "{nonce}", "X-Signature": "{signature}"},
}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Register:
    """Server of `records` in pages. `script` replaces the first responses, one entry per request (None: the usual response)."""

    def __init__(self, background: Background, records: list[dict[str, Any]]) -> None:
        self.records = records
        self.script: list[Answer | None] = []
        self.requests: list[web.Request] = []
        self.rejects_signatures = False
        self._background = background
        self._runner = background.run(self._start())

    @property
    def base(self) -> str:
        """The host and port."""
        return f"127.0.0.1:{self._runner.addresses[0][1]}"

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
        step = self.script.pop(0) if self.script else None
        if step is not None:
            return await step(request)
        if self.rejects_signatures or not _is_signed(request):
            return web.json_response({"code": 401, "message": "签名无效, 13800138000"}, status=401)
        return page_of(self.records, request)


def page_of(records: list[dict[str, Any]], request: web.Request, total: int | None = None) -> web.Response:
    """Returns the page of a request."""
    page, size, since = int(request.query["page"]), int(request.query["pageSize"]), request.query.get("updatedSince")
    wanted = [record for record in records if since is None or str(record["updatedAt"]) > since]
    found = wanted[(page - 1) * size : page * size]
    return data({"total": len(wanted) if total is None else total, "records": found})


def data(content: Any) -> web.Response:
    """Makes a well-formed response."""
    return web.Response(text=json.dumps({"code": 0, "data": content}), content_type="application/json")


def _is_signed(request: web.Request) -> bool:
    key, stamp, nonce = (request.headers.get(name, "") for name in ("X-App-Key", "X-Timestamp", "X-Nonce"))
    text = "\n".join((request.method, request.path, urlencode(sorted(request.query.items())), key, stamp, nonce))
    expected = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    return key == KEY and hmac.compare_digest(expected, request.headers.get("X-Signature", ""))
