"""Signs each attempt of a request anew: its time ages, and a nonce is good for one request."""

from __future__ import annotations

from collections.abc import Callable, Generator
from urllib.parse import parse_qsl, urlencode

import httpx

from loaders.contract.sources.http.signature import HmacSignature, RequestSignature
from loaders.contract.sources.named_values import filled, names_in
from loaders.sources.http.auth.attempt_values import attempt_values
from loaders.sources.http.auth.credentials import Credentials
from loaders.sources.http.auth.digests import MissingDigest, digest, encoded, keyed_digest
from loaders.sources.http.auth.placement import set_header, set_query

_FORM = "application/x-www-form-urlencoded"


Sign = Callable[[bytes], bytes]


class SignatureAuth(httpx.Auth):
    """The signature that a contract describes by its canonical string; `algorithm` is that of `{body_hash}`.

    Raises:
        SourceError: a request cannot be signed, because OpenSSL does not have the algorithm.
    """

    requires_request_body = True

    def __init__(self, auth: RequestSignature, credentials: Credentials, algorithm: str, sign: Sign) -> None:
        self._auth = auth
        self._credentials = credentials
        self._algorithm = algorithm
        self._signature_of = sign

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Signs the request and sends it."""
        values = attempt_values() | {"key": self._credentials.user}
        try:
            self._sign(request, values)
        except MissingDigest as error:
            raise self._credentials.error(
                f"OpenSSL on this machine does not have {error}, which source.auth asks for",
                "install an OpenSSL that has it (SM3 since 1.1.1), or ask the system for another algorithm",
            ) from None
        yield request

    def _sign(self, request: httpx.Request, values: dict[str, str]) -> None:
        body = request.content
        values |= {"body_hash": digest(self._algorithm, body).hex()}
        carried = {name: text for name, text in self._auth.query.items() if "signature" not in names_in(text)}
        for name, text in carried.items():
            set_query(request, name, filled(text, values))
        signed = values | request_values(request, body)
        canonical = filled(self._auth.canonical, signed | {"secret": self._credentials.secret})
        signature = encoded(self._signature_of(canonical.encode()), self._auth.encoding)
        sent = signed | {"signature": signature}
        for name, text in self._auth.query.items():
            if name not in carried:
                set_query(request, name, filled(text, sent))
        for name, text in self._auth.headers.items():
            set_header(request, name, filled(text, sent), self._credentials, f"source.auth.headers.{name}")


def hmac_auth(auth: HmacSignature, credentials: Credentials) -> SignatureAuth:
    """Returns the authentication by a digest that is keyed with the connection's secret, or holds it.

    Raises:
        SourceError: the connection has no secret.
    """
    key = credentials.require_secret(auth.kind).encode()

    def sign(data: bytes) -> bytes:
        return keyed_digest(auth.algorithm, key, data) if auth.keyed_by == "hmac" else digest(auth.algorithm, data)

    return SignatureAuth(auth, credentials, auth.algorithm, sign)


def request_values(request: httpx.Request, body: bytes) -> dict[str, str]:
    """Returns what a canonical string may hold of a request."""
    query = request.url.params.multi_items()
    is_form = request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == _FORM
    parameters = query + (parse_qsl(body.decode()) if is_form else [])
    return {
        "method": request.method,
        "path": request.url.raw_path.decode().partition("?")[0],
        "query_sorted": urlencode(sorted(query)),
        "params_sorted": "&".join(f"{name}={value}" for name, value in sorted(parameters) if value != ""),
        "body": body.decode("utf-8", "backslashreplace"),
    }
