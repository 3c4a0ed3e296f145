"""Bots of chat groups: one POST of JSON per message, whose answer's body says whether it was taken.

The connection of a bot is a URL, `dingtalk://:TOKEN@host:port/prefix?secret=…`. Without a host, the vendor's public one is meant;
government deployments have their own. `scheme=http` is for a server on the same machine, `per_minute` for one with another limit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from loaders.feedback.channels.errors import ChannelDown, ChannelError
from loaders.outgoing_messages import Message

_ANSWER_SECONDS = 20.0
_MOST_ANSWER_BYTES = 65_536
_PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class BotAddress:
    """Where a bot is and what proves who writes to it. `base` has no path of the vendor's API."""

    base: str
    token: str = field(repr=False)
    secret: str = field(repr=False, default="")
    per_minute: int = _PER_MINUTE


@dataclass(frozen=True, slots=True)
class BotRequest:
    """One request of a vendor's API: the path with its secrets, query parameters, and the body."""

    path: str = field(repr=False)
    body: Mapping[str, Any]
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class BotKind:
    """What tells one vendor's bots from another's.

    `most_bytes` is the size of a text, `busy_codes` maps codes of its answers that mean "too many messages" to the seconds for
    which it then takes none. `code_fields` are the fields of an answer of which the first that is there says 0 for success.
    """

    name: str
    public_host: str
    most_bytes: int
    request: Callable[[BotAddress, str, float], BotRequest]
    code_fields: tuple[str, ...]
    busy_codes: Mapping[int, float]


class BotChannel:
    """One bot. `connection` is its name, which messages of errors may hold."""

    def __init__(self, kind: BotKind, connection: str, url: str, *, answer_seconds: float = _ANSWER_SECONDS) -> None:
        self._kind = kind
        self._connection = connection
        self._address = bot_address(kind, connection, url)
        self._answer_seconds = answer_seconds

    def send(self, message: Message) -> None:
        """Hands one message over.

        Raises:
            ChannelDown: the bot takes no message now.
            ChannelError: the bot does not take this one.
        """
        text = f"{message.subject}\n{message.body_text}".strip() + reference(message)
        request = self._kind.request(self._address, text, time.time())
        status, answer, retry_after = self._post(request)
        # DingTalk is seen to redirect a bot that it muted.
        if httpx.codes.is_redirect(status) or status == httpx.codes.TOO_MANY_REQUESTS or httpx.codes.is_server_error(status):
            raise ChannelDown(self._text(f"HTTP {status}"), retry_after)
        code = self._code(answer)
        if status != httpx.codes.OK or code is None:
            raise ChannelError(self._text(f"HTTP {status}, no code of success in its answer"))
        if code in self._kind.busy_codes:
            raise ChannelDown(self._text(f"code {code}: too many messages"), self._kind.busy_codes[code])
        if code:
            raise ChannelError(self._text(f"code {code}"))

    def _post(self, request: BotRequest) -> tuple[int, bytes, float | None]:
        content = json.dumps(request.body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        ends_at = time.monotonic() + self._answer_seconds
        url = self._address.base + request.path
        try:
            with (
                httpx.Client(timeout=self._answer_seconds, trust_env=False) as client,
                client.stream("POST", url, params=dict(request.query), content=content, headers=headers) as answer,
            ):
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if time.monotonic() > ends_at or len(body) > _MOST_ANSWER_BYTES:
                        raise ChannelDown(self._text("its answer does not end"))
                return answer.status_code, body, _seconds(answer.headers.get("Retry-After"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The text of the error may hold the URL, and that the token.
            raise ChannelDown(self._text(type(error).__name__)) from None

    def _code(self, body: bytes) -> int | None:
        try:
            answer = json.loads(body)
        except ValueError:
            return None
        codes = (answer.get(name) for name in self._kind.code_fields) if isinstance(answer, dict) else ()
        return next((code for code in codes if isinstance(code, int)), None)

    def _text(self, reason: str) -> str:
        return f'{self._kind.name} bot "{self._connection}" did not take the message ({reason}); the next run tries again'


def reference(message: Message) -> str:
    """Returns a line that is the same when the message is sent once more, so that readers see that it is one."""
    return f"\n#{message.header_id.lstrip('<')[:8]}" if message.header_id else ""


def bot_address(kind: BotKind, connection: str, url: str) -> BotAddress:
    """Reads the URL of a bot's connection.

    Raises:
        ChannelDown: it is none; the message names the connection.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme != kind.name or not parts.password:
        raise ChannelDown(f'expected {kind.name}://:TOKEN@host in the connection "{connection}", found another URL; put it right')
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    per_minute = query.get("per_minute", "")
    return BotAddress(
        base=f"{query.get('scheme', 'https')}://{parts.hostname or kind.public_host}{port}{parts.path.rstrip('/')}",
        token=unquote(parts.password),
        secret=query.get("secret", ""),
        per_minute=int(per_minute) if per_minute.isdigit() else _PER_MINUTE,
    )


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
