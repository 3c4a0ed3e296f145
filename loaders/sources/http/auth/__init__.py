"""Authentication of HTTP requests: what a contract says, as the HTTP library takes it."""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode

import httpx

from loaders.contract.sources.http_auth import ApiKeyAuth, BearerAuth, HmacSignature, HttpAuth
from loaders.sources.connections import parse_connection_url

_NAME = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the URL of an HTTP connection holds. Its repr shows neither the secret nor the extras."""

    connection: str
    origin: str
    user: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)


def credentials_of(connection: str, url: str) -> Credentials:
    """Returns the credentials in the URL of a connection.

    Raises:
        SourceError: it is no URL, or of another scheme than http and https.
    """
    parts = parse_connection_url(connection, url, ("http", "https"))
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return Credentials(
        connection, origin, unquote(parts.username or ""), unquote(parts.password or ""), dict(parse_qsl(parts.query))
    )


def make_auth(auth: HttpAuth, credentials: Credentials) -> httpx.Auth:
    """Returns what authenticates each attempt of a request."""
    match auth:
        case HmacSignature():
            return _Signature(auth, credentials)
        case BearerAuth():
            return _Header("Authorization", f"Bearer {credentials.secret}")
        case ApiKeyAuth(header=str() as name):
            return _Header(name, credentials.secret)
        case ApiKeyAuth(query=str() as name):
            return _QueryParameter(name, credentials.secret)
    return httpx.Auth()


def make_ssl_context(auth: HttpAuth, credentials: Credentials) -> ssl.SSLContext | None:  # noqa: ARG001
    """Returns the TLS context for the files that the connection names; None where it names none."""
    return None


class _Header(httpx.Auth):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers[self._name] = self._value
        yield request


class _QueryParameter(httpx.Auth):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.url = request.url.copy_set_param(self._name, self._value)
        yield request


class _Signature(httpx.Auth):
    def __init__(self, auth: HmacSignature, credentials: Credentials) -> None:
        self._auth, self._credentials = auth, credentials

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        values = {
            "method": request.method,
            "path": request.url.path,
            "query_sorted": urlencode(sorted(request.url.params.multi_items())),
            "key": self._credentials.user,
            "timestamp_ms": str(int(time.time() * 1000)),
            "nonce": uuid.uuid4().hex,
        }
        text = _filled(self._auth.canonical, values)
        values["signature"] = hmac.new(self._credentials.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        for name, template in self._auth.headers.items():
            request.headers[name] = _filled(template, values)
        yield request


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _NAME.sub(lambda match: values.get(match[1], match[0]), template)
