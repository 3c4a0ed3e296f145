"""Fetches tokens: by OAuth 2.0 client credentials, or by a request of the system's own form."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote_plus

import httpx

from loaders.contract.sources.http.tokens import OAuth2ClientCredentials, TokenRequest
from loaders.contract.sources.named_values import filled, names_in
from loaders.sources.errors import SourceError
from loaders.sources.http.auth.answer_path import PathError, value_at
from loaders.sources.http.auth.attempt_values import attempt_values
from loaders.sources.http.auth.credentials import Credentials
from loaders.sources.http.auth.digests import MissingDigest, digest
from loaders.sources.http.auth.placement import set_header
from loaders.sources.http.auth.token_endpoint import TokenAnswer, TokenEndpoint
from loaders.sources.http.auth.tokens import Token

_UNIT_SECONDS = {"seconds": 1.0, "minutes": 60.0, "milliseconds": 0.001}
# The error codes of RFC 6749, 5.2, and nothing that could be a secret: `invalid_client`.
_ERROR_CODE = re.compile(r"[a-z_]{3,40}")


class OAuth2Fetcher:
    """Fetches tokens with the client credentials grant."""

    def __init__(self, auth: OAuth2ClientCredentials, credentials: Credentials, endpoint: TokenEndpoint) -> None:
        self._auth = auth
        self._credentials = credentials
        self._secret = credentials.require_secret(auth.kind)
        self._endpoint = endpoint

    def __call__(self, timeout: float) -> Token:
        """Returns a new token.

        Raises:
            TransientError: the endpoint gives none now.
            SourceError: it refuses us, or its answer has no token.
        """
        form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
        form |= self._auth.parameters
        if self._auth.client_auth == "body":
            form |= {"client_id": self._credentials.user, "client_secret": self._secret}
        request = httpx.Request("POST", self._endpoint.url, data=form, headers={"Accept": "application/json"})
        if self._auth.client_auth == "header":
            # RFC 6749, 2.3.1: name and secret are encoded as in a form before they are joined.
            pair = f"{quote_plus(self._credentials.user)}:{quote_plus(self._secret)}"
            request.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = self._endpoint.ask(request, timeout)
        content = answer.content if isinstance(answer.content, dict) else {}
        if answer.status != httpx.codes.OK:
            raise _refused(self._credentials, self._endpoint, answer, _error_code(content.get("error")))
        token = content.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._credentials.error(
                f"{self._endpoint.path} answers without access_token, expected one (RFC 6749, 5.1)",
                "correct source.auth.token_url, or use source.auth.kind: token_request, whose path of the token is free",
            )
        return Token(token, _seconds(content.get("expires_in"), 1.0))


class RequestFetcher:
    """Fetches tokens with the request that a contract describes."""

    def __init__(self, auth: TokenRequest, credentials: Credentials, endpoint: TokenEndpoint) -> None:
        self._auth = auth
        self._credentials = credentials
        self._endpoint = endpoint

    def __call__(self, timeout: float) -> Token:
        """Returns a new token.

        Raises:
            TransientError: the endpoint gives none now.
            SourceError: it refuses us, or the token is not where the contract says.
        """
        answer = self._endpoint.ask(self._request(), timeout)
        auth = self._auth
        if answer.status != httpx.codes.OK:
            raise _refused(self._credentials, self._endpoint, answer, "")
        if answer.content is None:
            raise self._error(
                "answers with something else than JSON", "correct source.auth.token_url, source.auth.method or source.auth.body"
            )
        if auth.success is not None and not auth.success.matches(self._at("success.path", auth.success.path, answer)):
            code = self._at("success.path", auth.success.path, answer)
            shown = f"{auth.success.path}: {code}" if isinstance(code, bool | int) else f"another {auth.success.path}"
            raise self._error(
                f"answers with {shown}, expected one of {', '.join(map(str, auth.success.values))}",
                "check user and password of the connection and source.auth.body; else correct source.auth.success",
            )
        token = self._at("token", auth.token, answer)
        if not isinstance(token, str | int) or isinstance(token, bool) or token == "":
            raise self._error(f'holds no text at "{auth.token}"', "correct source.auth.token")
        lifetime = None if auth.lifetime is None else self._at("lifetime", auth.lifetime, answer)
        seconds = auth.lifetime_seconds if auth.lifetime is None else _seconds(lifetime, _UNIT_SECONDS[auth.lifetime_unit])
        if auth.lifetime is not None and seconds is None:
            raise self._error(f'holds no number at "{auth.lifetime}"', "correct source.auth.lifetime")
        return Token(str(token), seconds)

    def _request(self) -> httpx.Request:
        auth, values = self._auth, self._values()
        body = filled(auth.body, values)
        content: dict[str, Any] = {}
        if body is not None:
            content = {{"json": "json", "form": "data", "text": "content"}[auth.body_format]: body}
        request = httpx.Request(auth.method, self._endpoint.url, params=filled(auth.query, values) or None, **content)
        for name, text in auth.headers.items():
            set_header(request, name, filled(text, values), self._credentials, f"source.auth.headers.{name}")
        return request

    def _values(self) -> dict[str, str]:
        wanted = names_in((self._auth.headers, self._auth.query, self._auth.body))
        secret = self._credentials.require_secret(self._auth.kind) if any(name.startswith("password") for name in wanted) else ""
        values = attempt_values() | {"user": self._credentials.user, "password": secret}
        try:
            for algorithm in ("md5", "sha256", "sm3"):
                if f"password_{algorithm}" in wanted:
                    values[f"password_{algorithm}"] = digest(algorithm, secret.encode()).hex()
        except MissingDigest as error:
            raise self._credentials.error(
                f"OpenSSL on this machine does not have {error}, which source.auth.body asks for",
                "install an OpenSSL that has it",
            ) from None
        return values

    def _at(self, field: str, path: str, answer: TokenAnswer) -> Any:
        try:
            return value_at(answer.content, path)
        except PathError as error:
            raise self._error(f"holds {error}", f"correct source.auth.{field}") from None

    def _error(self, what: str, next_step: str) -> SourceError:
        return self._credentials.error(f"the token endpoint {self._endpoint.path} {what}", next_step)


def _refused(credentials: Credentials, endpoint: TokenEndpoint, answer: TokenAnswer, code: str) -> SourceError:
    if answer.status == httpx.codes.NOT_FOUND or answer.status in {301, 302, 303, 307, 308, 405}:
        return credentials.error(
            f"HTTP {answer.status} at the token endpoint {endpoint.path}{code}", "correct source.auth.token_url (and its method)"
        )
    return credentials.error(
        f"HTTP {answer.status} at the token endpoint {endpoint.path}{code}: user or password is not accepted",
        "check user and password of the connection; else correct source.auth",
    )


def _error_code(value: Any) -> str:
    return f" ({value})" if isinstance(value, str) and _ERROR_CODE.fullmatch(value) else ""


def _seconds(value: Any, unit: float) -> float | None:
    """Returns a lifetime in seconds; None for what is none."""
    try:
        seconds = float(value) * unit
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < float("inf") else None
