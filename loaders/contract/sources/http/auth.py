"""How a request to an HTTP API is authenticated. Secrets are in the connection, never in a contract.

A certificate authority of one's own and a client certificate are part of the connection's URL too, with any kind:
`https://user:password@host?ca=/path/ca.pem&client_cert=/path/client.pem&client_key=/path/client.key`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.sources.http.signature import HmacSignature, Sm2Signature
from loaders.contract.sources.http.tokens import OAuth2ClientCredentials, TokenPlace, TokenRequest
from loaders.contract.sources.named_values import HeaderName, QueryName
from loaders.contract.strict_model import StrictModel


class NoAuth(StrictModel):
    """Nothing is sent.

    Example:
        auth: {kind: none}
    """

    kind: Literal["none"] = "none"


class BasicAuth(StrictModel):
    """User and password of the connection as an RFC 7617 header.

    Example:
        auth: {kind: basic}
    """

    kind: Literal["basic"] = "basic"


class BearerAuth(StrictModel):
    """A fixed token, which is the connection's password: `https://:TOKEN@host`.

    Example:
        auth: {kind: bearer}
    """

    kind: Literal["bearer"] = "bearer"


class ApiKeyAuth(StrictModel):
    """A fixed key, which is the connection's password, in a header or a query parameter.

    Examples:
        auth: {kind: api_key, header: X-Api-Key}

        auth: {kind: api_key, query: appkey}
    """

    kind: Literal["api_key"] = "api_key"
    header: HeaderName | None = None
    prefix: str = Field(default="", pattern=r"^[ -~]*$")
    query: QueryName | None = None

    def errors(self) -> Iterator[str]:
        """Both places, or none."""
        if (self.header is None) == (self.query is None):
            yield "expected either header or query, e.g. header: X-Api-Key"
        if self.prefix and self.header is None:
            yield "prefix goes with header"

    @property
    def place(self) -> TokenPlace:
        """Where the key is sent."""
        return TokenPlace(header=self.header, prefix=self.prefix, query=self.query)


class MutualTls(StrictModel):
    """A client certificate alone. The connection's URL names its files in PEM: `?client_cert=/path&client_key=/path`.

    A certificate besides another kind of authentication needs no word here: the connection's URL is enough.

    Example:
        auth: {kind: mtls}
    """

    kind: Literal["mtls"] = "mtls"


HttpAuth = Annotated[
    NoAuth
    | BasicAuth
    | BearerAuth
    | ApiKeyAuth
    | OAuth2ClientCredentials
    | TokenRequest
    | HmacSignature
    | Sm2Signature
    | MutualTls,
    Field(discriminator="kind"),
]
