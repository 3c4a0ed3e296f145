"""Makes the authentication of a client from a contract and the credentials of its connection."""

from __future__ import annotations

from collections.abc import Generator
from typing import assert_never

import httpx

from loaders.contract.sources.http.auth import ApiKeyAuth, BasicAuth, BearerAuth, HttpAuth, MutualTls, NoAuth
from loaders.contract.sources.http.signature import HmacSignature, Sm2Signature
from loaders.contract.sources.http.tokens import OAuth2ClientCredentials, TokenPlace, TokenRequest
from loaders.sources.http.auth.credentials import Credentials
from loaders.sources.http.auth.placement import place_token
from loaders.sources.http.auth.signing import hmac_auth
from loaders.sources.http.auth.sm2 import sm2_auth
from loaders.sources.http.auth.tls import make_ssl_context
from loaders.sources.http.auth.token_endpoint import TokenEndpoint
from loaders.sources.http.auth.token_fetchers import OAuth2Fetcher, RequestFetcher
from loaders.sources.http.auth.tokens import TokenAuth


class _FixedToken(httpx.Auth):
    """Sends the same token or key with each request."""

    def __init__(self, token: str, place: TokenPlace, credentials: Credentials) -> None:
        self._token = token
        self._place = place
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Puts the token into the request."""
        place_token(request, self._token, self._place, self._credentials)
        yield request


def make_auth(auth: HttpAuth, credentials: Credentials) -> httpx.Auth:
    """Returns the authentication for one client, as `httpx.Client(auth=…)` takes it. It is used by one thread.

    While requests are sent it raises `SourceError` for what a person must correct and `TransientError` for what may pass.

    Raises:
        SourceError: the connection lacks what the contract's `source.auth` needs.
    """
    match auth:
        case NoAuth() | MutualTls():
            return httpx.Auth()
        case BasicAuth():
            # Some systems take a key as the user, and no password.
            return httpx.BasicAuth(
                credentials.user, credentials.secret if credentials.user else credentials.require_secret(auth.kind)
            )
        case BearerAuth():
            place = TokenPlace(header="Authorization", prefix="Bearer ")
            return _FixedToken(credentials.require_secret(auth.kind), place, credentials)
        case ApiKeyAuth():
            return _FixedToken(credentials.require_secret(auth.kind), auth.place, credentials)
        case OAuth2ClientCredentials():
            return TokenAuth(OAuth2Fetcher(auth, credentials, _endpoint(auth, credentials)), auth.send_as, credentials)
        case TokenRequest():
            fetcher = RequestFetcher(auth, credentials, _endpoint(auth, credentials))
            return TokenAuth(fetcher, auth.send_as, credentials, auth.expired_when)
        case HmacSignature():
            return hmac_auth(auth, credentials)
        case Sm2Signature():
            return sm2_auth(auth, credentials)
        case _:
            assert_never(auth)


def _endpoint(auth: OAuth2ClientCredentials | TokenRequest, credentials: Credentials) -> TokenEndpoint:
    return TokenEndpoint(auth.token_url, credentials, make_ssl_context(auth, credentials))
