"""Client for one JSON API: bounds each answer in time and size, and checks the envelope that all its answers have."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import httpx

from loaders.contract.sources.http_auth import HttpAuth
from loaders.sources.errors import SourceError
from loaders.sources.http.auth import Credentials, make_auth, make_ssl_context, refusal_of
from loaders.sources.http.bounded_body import TooLarge, read_body
from loaders.sources.http.server_message import shown_message
from loaders.sources.retry import TransientError

MAX_BYTES = 64 * 1024**2
_BUSY = 429


class JsonClient:
    """A client of one server. It follows no redirect, because a signature is for the server that it was made for."""

    def __init__(self, auth: HttpAuth, credentials: Credentials, timeout: float) -> None:
        self._auth = auth
        self._credentials = credentials
        self._timeout = timeout
        # No proxy and no password file of the environment: only the connection says how a server is reached.
        self._client = httpx.Client(
            base_url=credentials.origin,
            auth=make_auth(auth, credentials),
            verify=make_ssl_context(auth, credentials) or True,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Returns the `data` of an answer: `total`, an integer, and `records`, a list of objects.

        Raises:
            TransientError: the line broke, the server is busy, or the answer did not come in time.
            SourceError: the server refuses us, or answers in another form.
        """
        try:
            with self._client.stream("GET", path, params=sorted(query.items())) as reply:
                if reply.status_code == _BUSY or reply.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                    raise TransientError(
                        f"HTTP {reply.status_code} at {path}", parse_retry_after(reply.headers.get("Retry-After"))
                    )
                return self._checked(reply, self._body(reply, path))
        except httpx.RequestError as error:
            raise TransientError(f"{type(error).__name__} at {path} ({error})") from error

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _body(self, reply: httpx.Response, path: str) -> bytes:
        try:
            return read_body(reply, MAX_BYTES, self._timeout)
        except TooLarge as error:
            raise self._refusal(f"{path} answers with more than {error}", "use a smaller page_size in the contract") from None
        except TransientError as error:
            raise TransientError(f"{path}: {error}") from None

    def _checked(self, reply: httpx.Response, body: bytes) -> dict[str, Any]:
        try:
            content = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            content = None
        if reply.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            what, next_step = refusal_of(self._auth, reply)
            raise self._refusal(f"{what}{_server_message(content)}", next_step)
        if reply.status_code == httpx.codes.OK and _has_form(content):
            data: dict[str, Any] = content["data"]
            return data
        kind = reply.headers.get("Content-Type", "no content type")
        raise self._refusal(
            f'expected {{"code": 0, "data": {{"total", "records"}}}}, found HTTP {reply.status_code}, {kind}, '
            f"{len(body):,} bytes{_server_message(content)}",
            "ask the owner of the system what changed",
        )

    def _refusal(self, what: str, next_step: str) -> SourceError:
        return self._credentials.error(what, next_step)


def parse_retry_after(text: str | None) -> float | None:
    """Returns the seconds of a Retry-After header in either of its two forms (RFC 9110, 10.2.3); None for any other."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


def _has_form(content: Any) -> bool:
    if not isinstance(content, dict) or content.get("code") != 0 or not isinstance(content.get("data"), dict):
        return False
    total, records = content["data"].get("total"), content["data"].get("records")
    is_count = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    return is_count and isinstance(records, list) and all(isinstance(record, dict) for record in records)


def _server_message(content: Any) -> str:
    """Returns the server's own description of the error."""
    if not isinstance(content, dict) or "message" not in content:
        return ""
    return f', saying "{shown_message(str(content["message"]))}"'


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
