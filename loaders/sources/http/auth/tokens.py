"""Tokens: fetched once per client, renewed before they end, and once when the server refuses one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import httpx

from loaders.contract.sources.answer_code import AnswerCode
from loaders.contract.sources.http.tokens import TokenPlace
from loaders.sources.http.auth.answer_path import PathError, value_at
from loaders.sources.http.auth.credentials import Credentials
from loaders.sources.http.auth.placement import place_token
from loaders.sources.http.bounded_body import ANSWER_TIMEOUTS, BoundedStream, TooLarge

_MAX_BYTES = 64 * 1024**2
# An answer that only states that a token has expired is short.
_MAX_REFUSAL_BYTES = 64 * 1024
_DEFAULT_TIMEOUT = 30.0
# A token is renewed when a tenth of its lifetime is left, and a minute at most.
_LONGEST_MARGIN = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its lifetime in seconds; None where the server states none. Its repr does not show it."""

    text: str = field(repr=False)
    lifetime: float | None = None


FetchToken = Callable[[float], Token]


class TokenAuth(httpx.Auth):
    """Sends a token with each request. `fetch` gets a new one; its argument is the timeout of a read in seconds."""

    def __init__(
        self, fetch: FetchToken, place: TokenPlace, credentials: Credentials, expired_when: AnswerCode | None = None
    ) -> None:
        self._fetch = fetch
        self._place = place
        self._credentials = credentials
        self._expired_when = expired_when
        self._token: Token | None = None
        self._renew_at = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sends the request with the token, and once more with a new one where the token is refused.

        Raises:
            SourceError: no token can be had; the message names the field of the contract.
            TransientError: no token can be had now.
        """
        timeout = request.extensions.get("timeout", {}).get("read") or _DEFAULT_TIMEOUT
        is_fresh = self._token is None or time.monotonic() >= self._renew_at
        token = self._renewed(timeout) if is_fresh else self._token
        assert token is not None  # noqa: S101 - a token that is not fresh is there
        place_token(request, token.text, self._place, self._credentials)
        response = yield request
        if not self._is_refused(response, timeout):
            return
        self._token = None
        if is_fresh:
            return
        _discard_body(response)
        place_token(request, self._renewed(timeout).text, self._place, self._credentials)
        response = yield request
        if self._is_refused(response, timeout):
            self._token = None

    def _renewed(self, timeout: float) -> Token:
        began = time.monotonic()
        self._token = self._fetch(timeout)
        lifetime = self._token.lifetime
        margin = min(_LONGEST_MARGIN, lifetime / 10) if lifetime is not None else 0.0
        self._renew_at = float("inf") if lifetime is None else began + lifetime - margin
        return self._token

    def _is_refused(self, response: httpx.Response, timeout: float) -> bool:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return True
        if self._expired_when is None or "json" not in response.headers.get("Content-Type", ""):
            return False
        # Read here, the answer is kept by the library for its reader.
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = BoundedStream(response.stream, _MAX_BYTES, ANSWER_TIMEOUTS * timeout)
        try:
            body = response.read()
        except TooLarge as error:
            raise self._credentials.error(
                f"an answer has more than {error}", "use a smaller page, or a token without source.auth.expired_when"
            ) from None
        return len(body) <= _MAX_REFUSAL_BYTES and has_code(body, self._expired_when)


def has_code(body: bytes, code: AnswerCode) -> bool:
    """Returns whether a JSON answer has one of the values of a code."""
    try:
        content: Any = json.loads(body)
        return code.matches(value_at(content, code.path))
    except (ValueError, RecursionError, PathError):
        return False


def _discard_body(response: httpx.Response) -> None:
    """Ends an answer before httpx reads it to its end, however long it is."""
    if not response.is_closed and isinstance(response.stream, httpx.SyncByteStream):
        response.stream.close()
        response.stream = httpx.ByteStream(b"")
