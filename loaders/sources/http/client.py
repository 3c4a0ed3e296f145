"""Sends the requests of one HTTP source: each answer is bounded in time and size, and what may pass is tried again."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass, field, replace

import httpx

from loaders.contract import HttpApi
from loaders.contract.sources.request_values import NamedValues
from loaders.sources.errors import SourceError
from loaders.sources.http.auth import credentials_of, make_auth, make_ssl_context, refusal_of
from loaders.sources.http.body_cipher import BodyCipher
from loaders.sources.http.bounded_body import TooLarge, read_body
from loaders.sources.http.request_builder import PageCall, RequestBuilder
from loaders.sources.retry import TransientError, with_retries

MAX_BYTES = 64 * 1024**2
_BUSY = 429


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came. `next_link` is the URL of its `Link` header with `rel="next"`, `url` the one that was asked.

    `refusal` says what a 401 or 403 means under `source.auth`, and the next step; `cipher` decrypts the body.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    url: httpx.URL = field(repr=False)
    next_link: str | None = field(default=None, repr=False)
    location: str | None = field(default=None, repr=False)
    charset: str | None = None
    modified_at: dt.datetime | None = None
    refusal: tuple[str, str] | None = None
    cipher: BodyCipher | None = field(default=None, repr=False)


class HttpClient:
    """A client of one server. It follows no redirect, because a signature is for the server that it was made for."""

    def __init__(self, source: HttpApi, url: str, timeout: float) -> None:
        self._source = source
        self._timeout = timeout
        credentials = credentials_of(source.connection, url)
        self._cipher = None if source.cipher is None else BodyCipher(source.cipher, credentials)
        # No proxy and no password file of the environment: only the connection says how a server is reached.
        self._client = httpx.Client(
            auth=make_auth(source.auth, credentials),
            verify=make_ssl_context(source.auth, credentials) or True,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )
        base = httpx.URL(credentials.origin).join(httpx.URL(url).path.rstrip("/") or "/")
        self._builder = RequestBuilder(self._client, source, base, self._cipher)

    def ask(self, values: NamedValues, call: PageCall) -> Answer:
        """Returns the answer to one request, whatever its status.

        Raises:
            SourceError: no answer came, or one that is too large; or the request cannot be built, or leads to another host.
        """
        try:
            return with_retries(lambda: self._attempt(values, call))
        except TransientError as failure:
            cause = failure.__cause__
            next_step = "the next run tries again"
            if isinstance(cause, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.ProtocolError):
                next_step += f"; check scheme, host and port of the connection {self._source.connection}"
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step=next_step) from failure

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _attempt(self, values: NamedValues, call: PageCall) -> Answer:
        request = self._builder.build(values, call)
        path = request.url.path
        reply: httpx.Response | None = None
        try:
            reply = self._client.send(request, stream=True)
            if reply.status_code == _BUSY or reply.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise TransientError(f"HTTP {reply.status_code} at {path}", parse_retry_after(reply.headers.get("Retry-After")))
            answer = _answer(reply, self._body(reply, path))
            is_refused = reply.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
            refusal = refusal_of(self._source.auth, reply) if is_refused else None
            return replace(answer, refusal=refusal, cipher=self._cipher)
        except httpx.RequestError as error:
            place = f"{request.url.scheme}://{request.url.netloc.decode()}{path}"
            raise TransientError(f"{type(error).__name__} at {place} ({error})") from error
        finally:
            if reply is not None:
                reply.close()

    def _body(self, reply: httpx.Response, path: str) -> bytes:
        try:
            return read_body(reply, MAX_BYTES, self._timeout)
        except TooLarge as error:
            raise SourceError(
                self._source.connection,
                f"{path} answers with more than {error}",
                next_step="use a smaller source.paging.page_size in the contract, or let asks_for ask for less at a time",
            ) from None
        except TransientError as error:
            raise TransientError(f"{path}: {error}") from None


def parse_retry_after(text: str | None) -> float | None:
    """Returns the seconds of a Retry-After header in either of its two forms (RFC 9110, 10.2.3); None for any other."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    at = _parse_http_date(text)
    return None if at is None else max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


def _answer(reply: httpx.Response, body: bytes) -> Answer:
    return Answer(
        status=reply.status_code,
        content_type=reply.headers.get("Content-Type", "no content type"),
        body=body,
        url=reply.request.url,
        next_link=reply.links.get("next", {}).get("url"),
        location=reply.headers.get("Location"),
        charset=reply.charset_encoding,
        modified_at=_parse_http_date(reply.headers.get("Last-Modified", "")),
    )


def _parse_http_date(text: str) -> dt.datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
