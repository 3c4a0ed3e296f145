"""Authentication by a signature over each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from loaders.contract.sources.named_values import HeaderName, QueryName, names_in, unknown_names
from loaders.contract.strict_model import StrictModel

SIGNED_VALUES = (
    "method",
    "path",
    "query_sorted",
    "params_sorted",
    "body",
    "body_hash",
    "timestamp_ms",
    "timestamp_s",
    "timestamp_iso",
    "timestamp_text",
    "nonce",
    "key",
)


class RequestSignature(StrictModel):
    """What every signature over a request has: the canonical string, and where the signature and its values are sent."""

    canonical: str = Field(min_length=1)
    encoding: Literal["hex", "HEX", "base64"] = "hex"
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    query: dict[QueryName, str] = Field(default_factory=dict)

    def errors(self) -> Iterator[str]:
        """Values without a name, or a signature that is not sent."""
        yield from unknown_names("canonical", self.canonical, (*SIGNED_VALUES, "secret"))
        sent = tuple(name for name in SIGNED_VALUES if not name.endswith("_sorted") and name != "body")
        for field in ("headers", "query"):
            yield from unknown_names(field, getattr(self, field), (*sent, "signature"))
        if "signature" not in names_in(self.headers) | names_in(self.query):
            yield 'no header and no query parameter carries {signature}: add e.g. headers: {X-Signature: "{signature}"}'


class HmacSignature(RequestSignature):
    r"""A signature over a canonical string, made anew for each attempt. User and password of the connection are key and secret.

    Values of `canonical`: `{method}`; `{path}` as it is sent; `{query_sorted}`, the sorted query percent-encoded as a form is;
    `{params_sorted}`, the parameters of query and form body sorted, not encoded, without blank ones (`a=1&b=2`); `{body}`;
    `{body_hash}`, its hexadecimal digest by `algorithm`; `{timestamp_ms}`, `{timestamp_s}`, `{timestamp_iso}`
    (`2023-06-01T08:00:00Z`), `{timestamp_text}` (`20230601160000`, time of China); `{nonce}`; `{key}`.

    `keyed_by: hmac` computes an HMAC with the secret. With `keyed_by: canonical` the string itself holds `{secret}` and is
    hashed without a key, as systems do that sign by MD5. `headers` and `query` carry the values and `{signature}`; a parameter
    without the signature is part of what is signed.

    Examples:
        auth:
          kind: hmac
          canonical: "{method}\n{path}\n{query_sorted}\n{key}\n{timestamp_ms}\n{nonce}"
          headers: {X-App-Key: "{key}", X-Timestamp: "{timestamp_ms}", X-Nonce: "{nonce}", X-Signature: "{signature}"}

        auth:
          kind: hmac
          canonical: "{params_sorted}&key={secret}"
          keyed_by: canonical
          algorithm: md5
          encoding: HEX
          query: {appid: "{key}", timestamp: "{timestamp_s}", sign: "{signature}"}
    """

    kind: Literal["hmac"] = "hmac"
    algorithm: Literal["sha256", "sha512", "sm3", "sha1", "md5"] = "sha256"
    keyed_by: Literal["hmac", "canonical"] = "hmac"

    def errors(self) -> Iterator[str]:
        """What is wrong with any signature, or a secret that is not part of it."""
        yield from super().errors()
        if ("secret" in names_in(self.canonical)) != (self.keyed_by == "canonical"):
            yield "canonical holds {secret} with keyed_by: canonical, and only then"


class Sm2Signature(RequestSignature):
    """An SM2 signature with SM3 (GB/T 32918.2) over a canonical string, whose values are those of `kind: hmac`.

    The connection's URL names the file of the private key, 64 hexadecimal digits: `?sm2_key=/path`. The identity is the
    standard's `1234567812345678`; the signature is r and s. `{body_hash}` is by SM3. Needs the extra `sm2` (gmssl).

    Example:
        auth: {kind: sm2, canonical: "{method}{path}{timestamp_ms}", headers: {X-Time: "{timestamp_ms}", X-Sign: "{signature}"}}
    """

    kind: Literal["sm2"] = "sm2"

    def errors(self) -> Iterator[str]:
        """What is wrong with any signature, or a secret that this one does not have."""
        yield from super().errors()
        if "secret" in names_in(self.canonical):
            yield "canonical holds {secret}, but an SM2 signature has a private key: take it out"
