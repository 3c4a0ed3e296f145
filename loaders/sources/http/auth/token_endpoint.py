"""One request for a token, with a client of its own: bounded in time and size, without redirects, proxies and logs."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from loaders.sources.http.auth.credentials import Credentials, host_of
from loaders.sources.http.auth.placement import path_of
from loaders.sources.http.bounded_body import TooLarge, read_body
from loaders.sources.retry import TransientError

_MAX_BYTES = 256 * 1024
_BUSY = 429


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The status and the JSON content of an answer; None where it has none. Its repr shows no content."""

    status: int
    content: Any = field(repr=False)


class TokenEndpoint:
    """The address at which a connection's tokens are had."""

    def __init__(self, token_url: str, credentials: Credentials, context: ssl.SSLContext | None) -> None:
        self.url = urljoin(credentials.origin, token_url)
        self.path = path_of(self.url)
        self._credentials = credentials
        self._verify = context or True
        self._check_host()

    def ask(self, request: httpx.Request, timeout: float) -> TokenAnswer:
        """Sends a request for a token and returns what came.

        Raises:
            TransientError: the endpoint cannot be reached, is busy or in trouble, or does not answer in time.
            SourceError: the answer is too large.
        """
        where = f"the token endpoint {self.path} (source.auth.token_url)"
        client = httpx.Client(verify=self._verify, timeout=timeout, trust_env=False, follow_redirects=False)
        request.extensions["timeout"] = httpx.Timeout(timeout).as_dict()
        try:
            with client:
                reply = client.send(request, stream=True)
                body = read_body(reply, _MAX_BYTES, timeout)
        except httpx.RequestError as error:
            raise TransientError(f"{type(error).__name__} at {where}") from None
        except TransientError as error:
            raise TransientError(f"{where}: {error}") from None
        except TooLarge as error:
            raise self._credentials.error(f"{where} answers with more than {error}", "correct source.auth.token_url") from None
        if reply.status_code == _BUSY or reply.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise TransientError(f"HTTP {reply.status_code} at {where}")
        return TokenAnswer(reply.status_code, _json(body))

    def _check_host(self) -> None:
        """Sends user and password to no host but those that the connection names.

        Raises:
            SourceError: the contract names another one.
        """
        parts = urlsplit(self.url)
        known = {host_of(self._credentials.origin), self._credentials.extras.get("token_host", "")}
        is_downgrade = self._credentials.origin.startswith("https://") and parts.scheme != "https"
        if is_downgrade or not known & {host_of(self.url), parts.hostname}:
            raise self._credentials.error(
                f"source.auth.token_url is at {parts.scheme}://{parts.netloc.rpartition('@')[2]}, "
                f"expected {self._credentials.origin}",
                "write its path only, or name the other host in the connection's URL: ?token_host=HOST",
            )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
