"""Authentication by a token that is fetched first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from loaders.contract.sources.answer_code import AnswerCode
from loaders.contract.sources.answer_path import AnswerPath
from loaders.contract.sources.named_values import HeaderName, QueryName, unknown_names
from loaders.contract.strict_model import StrictModel

TOKEN_VALUES = (
    "user",
    "password",
    "password_md5",
    "password_sha256",
    "password_sm3",
    "timestamp_ms",
    "timestamp_s",
    "timestamp_iso",
    "nonce",
)


class TokenPlace(StrictModel):
    """Where a token or key is sent: `{header: Authorization, prefix: "Bearer "}` or `{query: access_token}`."""

    header: HeaderName | None = None
    prefix: str = Field(default="", pattern=r"^[ -~]*$")
    query: QueryName | None = None

    def errors(self) -> Iterator[str]:
        """Both places, or none."""
        if (self.header is None) == (self.query is None):
            yield "expected either header or query, e.g. header: X-Token"
        if self.prefix and self.header is None:
            yield "prefix goes with header"


_BEARER = TokenPlace(header="Authorization", prefix="Bearer ")


class OAuth2ClientCredentials(StrictModel):
    """OAuth 2.0 with the client credentials grant (RFC 6749, 4.4). User and password of the connection are the client's.

    `token_url` is a path on the connection's host, or a URL on it or on the host that `?token_host=` of the connection's URL
    names. `client_auth` says whether the client's name and secret go as a basic header or in the form.

    Example:
        auth: {kind: oauth2_client_credentials, token_url: /oauth2/token, scope: report.read, client_auth: body}
    """

    kind: Literal["oauth2_client_credentials"] = "oauth2_client_credentials"
    token_url: str = Field(pattern=r"^(/|https?://)\S*$")
    scope: str | None = None
    parameters: dict[str, str] = Field(default_factory=dict)
    client_auth: Literal["header", "body"] = "header"
    send_as: TokenPlace = _BEARER

    def errors(self) -> Iterator[str]:
        """A parameter that has a field of its own."""
        for name in sorted(self.parameters.keys() & {"grant_type", "scope", "client_id", "client_secret"}):
            yield f"parameters holds {name}, which the other fields and the connection set: take it out"


class TokenRequest(StrictModel):
    """A token from a request of the system's own form. `{user}` and `{password}` are those of the connection.

    `{password_md5}`, `{password_sha256}` and `{password_sm3}` are hexadecimal digests of the password. `token` is the path of
    the token in the JSON answer, `success` the code of a good answer, `lifetime` the path of its lifetime in `lifetime_unit`,
    `lifetime_seconds` a fixed one; without both a token is used until it is refused: by HTTP status 401, or by the code
    `expired_when` in an answer with status 200.

    Example:
        auth:
          kind: token_request
          token_url: /api/login
          body: {appId: "{user}", appSecret: "{password_sm3}"}
          token: data.accessToken
          success: {path: code, values: [0]}
          lifetime: data.expiresIn
          send_as: {header: X-Access-Token}
          expired_when: {path: code, values: [40001]}
    """

    kind: Literal["token_request"] = "token_request"
    method: Literal["GET", "POST"] = "POST"
    token_url: str = Field(pattern=r"^(/|https?://)\S*$")
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    query: dict[QueryName, str] = Field(default_factory=dict)
    body: dict[str, Any] | str | None = None
    body_format: Literal["json", "form", "text"] = "json"
    token: AnswerPath
    success: AnswerCode | None = None
    lifetime: AnswerPath | None = None
    lifetime_unit: Literal["seconds", "minutes", "milliseconds"] = "seconds"
    lifetime_seconds: int | None = Field(default=None, ge=1)
    send_as: TokenPlace = _BEARER
    expired_when: AnswerCode | None = None

    def errors(self) -> Iterator[str]:
        """Values without a name, a body that its format cannot hold, and two lifetimes."""
        for field in ("headers", "query", "body"):
            yield from unknown_names(field, getattr(self, field), TOKEN_VALUES)
        if self.body is not None and isinstance(self.body, str) != (self.body_format == "text"):
            yield "body is a text with body_format: text, and a mapping with json or form"
        if self.body_format == "form" and isinstance(self.body, dict):
            for name, value in self.body.items():
                if not isinstance(value, str):
                    yield f"body.{name} must be a text in a form: put it in quotation marks"
        if self.method == "GET" and self.body is not None:
            yield "a GET request has no body: use query, or method: POST"
        if self.lifetime is not None and self.lifetime_seconds is not None:
            yield "lifetime and lifetime_seconds exclude each other: take out one of them"
