"""How a request to an HTTP API is authenticated. Secrets are in the connection, never in a contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.strict_model import StrictModel


class NoAuth(StrictModel):
    """Nothing is sent.

    Example:
        auth: {kind: none}
    """

    kind: Literal["none"] = "none"


class BearerAuth(StrictModel):
    """A fixed token, which is the connection's password: `https://:TOKEN@host`.

    Example:
        auth: {kind: bearer}
    """

    kind: Literal["bearer"] = "bearer"


class ApiKeyAuth(StrictModel):
    """A fixed key, which is the connection's password, in a header or a query parameter.

    Example:
        auth: {kind: api_key, header: X-Api-Key}
    """

    kind: Literal["api_key"] = "api_key"
    header: str | None = None
    query: str | None = None

    def errors(self) -> Iterator[str]:
        """Both places, or none."""
        if (self.header is None) == (self.query is None):
            yield "expected either header or query, e.g. header: X-Api-Key"


class HmacSignature(StrictModel):
    r"""A signature over a canonical string, made anew for each attempt. User and password of the connection are key and secret.

    Example:
        auth:
          kind: hmac
          canonical: "{method}\n{path}\n{query_sorted}\n{key}\n{timestamp_ms}\n{nonce}"
          headers: {X-App-Key: "{key}", X-Timestamp: "{timestamp_ms}", X-Nonce: "{nonce}", X-Signature: "{signature}"}
    """

    kind: Literal["hmac"] = "hmac"
    canonical: str = Field(min_length=1)
    headers: dict[str, str] = Field(default_factory=dict)


HttpAuth = Annotated[NoAuth | BearerAuth | ApiKeyAuth | HmacSignature, Field(discriminator="kind")]
