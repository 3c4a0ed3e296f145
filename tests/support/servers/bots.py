"""A server of chat bots over HTTP, as WeCom, DingTalk and Feishu answer, with the failures that they have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, SECRET = "token-of-the-group", "SEC0123456789"
HEALTHY = "well"
TOO_MANY = "answers 429"
BROKEN = "answers 500"
HANGS = "does not answer"
REFUSES = "answers 200 with an error code"
MUTED = "answers 200 with the code of too many messages"
NO_JSON = "answers 200 with a page"
REDIRECTS = "answers 302"
STATES = (HEALTHY, TOO_MANY, BROKEN, HANGS, REFUSES, MUTED, NO_JSON, REDIRECTS)
_FIELDS = {"wecom": "errcode", "dingtalk": "errcode", "feishu": "code"}
_MUTED_CODES = {"wecom": 45009, "dingtalk": 130101, "feishu": 11232}


@dataclass
class BotServer:
    """The `state` (None: drawn of `states` for each request), texts that arrived for each vendor, and how often it was asked."""

    port: int = 0
    state: str | None = HEALTHY
    states: tuple[str, ...] = STATES
    hang_seconds: float = 1.0
    random: random.Random = field(default_factory=lambda: random.Random(7))
    texts: dict[str, list[str]] = field(default_factory=lambda: {"wecom": [], "dingtalk": [], "feishu": []})
    request_count: int = 0
    # Called with the text after it counts as arrived and before the answer, as to kill who waits for it.
    before_answer: Callable[[str], None] = lambda text: None

    def url(self, vendor: str, per_minute: int = 20) -> str:
        """The connection of a bot of this server."""
        return f"{vendor}://:{TOKEN}@127.0.0.1:{self.port}/private?scheme=http&secret={SECRET}&per_minute={per_minute}"


def _handler(server: BotServer) -> type[BaseHTTPRequestHandler]:
    class Line(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.request_count += 1
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with suppress(OSError):
                _answer(server, self, *_read(self.path, body))

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Line


def _read(path: str, body: dict[str, Any]) -> tuple[str, str | None]:
    """The vendor whose API was asked, and the text; None when the token or the signature is wrong."""
    parts = urlsplit(path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path == "/private/cgi-bin/webhook/send":
        return "wecom", body["text"]["content"] if query["key"] == TOKEN else None
    if parts.path == "/private/robot/send":
        expected = hmac.new(SECRET.encode(), f"{query['timestamp']}\n{SECRET}".encode(), hashlib.sha256).digest()
        is_known = query["access_token"] == TOKEN and query["sign"] == base64.b64encode(expected).decode()
        return "dingtalk", body["text"]["content"] if is_known else None
    assert parts.path == f"/private/open-apis/bot/v2/hook/{TOKEN}", parts.path
    expected = hmac.new(f"{body['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    return "feishu", body["content"]["text"] if body["sign"] == base64.b64encode(expected).decode() else None


def _answer(server: BotServer, line: BaseHTTPRequestHandler, vendor: str, text: str | None) -> None:
    state = server.state or server.random.choice(server.states)
    if state == HANGS:
        threading.Event().wait(server.hang_seconds)
        return
    status = {TOO_MANY: 429, BROKEN: 500, REDIRECTS: 302}.get(state, 200)
    code = {REFUSES: 310000, MUTED: _MUTED_CODES[vendor]}.get(state, 0 if text is not None else 310000)
    if state == HEALTHY and text is not None:
        server.texts[vendor].append(text)
        server.before_answer(text)
    answer = b"<html>" if state == NO_JSON else json.dumps({_FIELDS[vendor]: code, "msg": f"echo {SECRET}"}).encode()
    line.send_response(status)
    line.send_header("Content-Length", str(len(answer)))
    if state == TOO_MANY:
        line.send_header("Retry-After", "0")
    line.end_headers()
    line.wfile.write(answer)


@contextmanager
def bot_server() -> Iterator[BotServer]:
    """Runs a server that is healthy until its `state` is changed."""
    server = BotServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    server.port = int(http.server_address[1])
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
