"""The HTTP API of registers: signed requests, paging, an updated-since filter, and an occasional 429."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

PATH = "/openapi/v1/social-organizations"
CLIENTS_PATH = "/openapi/v1/clients"
CLOCK_TOLERANCE_MS = 10 * 60 * 1000
LARGEST_PAGE = 1_000
BUSY_EVERY, BUSY_FIRST = 29, 3


@dataclass(frozen=True, slots=True)
class Register:
    """A register under a path: JSON lines ordered by key, and the credentials of its client."""

    path: str
    file: Path
    app_key: str
    secret: str


class RegisterApi:
    """Request handler for the register in `records`, ordered by key.

    One request in `BUSY_EVERY` gets a 429 with a Retry-After of one second. A nonce is valid for one request.
    """

    def __init__(self, records: list[dict[str, Any]], app_key: str, secret: str) -> None:
        self._records = records
        self._app_key = app_key
        self._secret = secret
        self._nonces: dict[str, int] = {}
        self._request_count = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Returns a page of the register, or the error in the request."""
        refusal = self._signature_error(request.method, request.path, request.query, request.headers)
        if refusal is not None:
            return _reply(401, 401, refusal)
        self._request_count += 1
        if self._request_count % BUSY_EVERY == BUSY_FIRST:
            return _reply(429, 429, "请求过于频繁，请稍后再试", headers={"Retry-After": "1"})
        try:
            page, size, since = _read_query(request.query)
        except ValueError as error:
            return _reply(400, 400, f"参数错误：{error}")
        records = [r for r in self._records if since is None or dt.datetime.fromisoformat(r["updatedAt"]) > since]
        found = records[(page - 1) * size : page * size]
        return _reply(200, 0, "ok", {"total": len(records), "page": page, "pageSize": size, "records": found})

    def _signature_error(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
        key, stamp, nonce = (headers.get(name, "") for name in ("X-App-Key", "X-Timestamp", "X-Nonce"))
        now = int(time.time() * 1000)
        if not hmac.compare_digest(key.encode(), self._app_key.encode()):
            return "appKey无效"
        if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > CLOCK_TOLERANCE_MS:
            return "时间戳无效或已过期"
        expected = sign(self._secret, method, path, query, key, stamp, nonce)
        if not nonce or not hmac.compare_digest(expected.encode(), headers.get("X-Signature", "").encode()):
            return "签名无效"
        self._nonces = {known: at for known, at in self._nonces.items() if now - at <= 2 * CLOCK_TOLERANCE_MS}
        if nonce in self._nonces:
            return "nonce已使用"
        self._nonces[nonce] = now
        return None


def sign(secret: str, method: str, path: str, query: Mapping[str, str], key: str, stamp: str, nonce: str) -> str:
    """Computes the hex HMAC-SHA256 over method, path, canonical query, key, timestamp in milliseconds and nonce, one per line."""
    text = "\n".join((method, path, urlencode(sorted(query.items())), key, stamp, nonce))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


async def start_api(registers: Sequence[Register]) -> tuple[web.AppRunner, int]:
    """Serves the registers on a free loopback port.

    Returns:
        The runner, to be cleaned up, and the port.
    """
    application = web.Application()
    for register in registers:
        records = [json.loads(line) for line in register.file.read_text(encoding="utf-8").splitlines()]
        application.router.add_get(register.path, RegisterApi(records, register.app_key, register.secret).answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, int(runner.addresses[0][1])


def _read_query(query: Mapping[str, str]) -> tuple[int, int, dt.datetime | None]:
    page, size = int(query.get("page", "1")), int(query.get("pageSize", "100"))
    if page < 1 or not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"page从1起，pageSize为1至{LARGEST_PAGE}")
    text = query.get("updatedSince")
    since = None if text is None else dt.datetime.fromisoformat(text)
    if since is not None and since.tzinfo is None:
        raise ValueError("updatedSince须带时区")
    return page, size, since


def _reply(
    status: int, code: int, message: str, data: dict[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = json.dumps({"code": code, "message": message, "data": data}, ensure_ascii=False)
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)
