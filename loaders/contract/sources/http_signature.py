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


class HmacSignature(StrictModel):
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
    canonical: str = Field(min_length=1)
    algorithm: Literal["sha256", "sha512", "sm3", "sha1", "md5"] = "sha256"
    keyed_by: Literal["hmac", "canonical"] = "hmac"
    encoding: Literal["hex", "HEX", "base64"] = "hex"
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    query: dict[QueryName, str] = Field(default_factory=dict)

    def errors(self) -> Iterator[str]:
        """Values without a name, a signature that is not sent, or a secret that is not part of it."""
        yield from unknown_names("canonical", self.canonical, (*SIGNED_VALUES, "secret"))
        sent = tuple(name for name in SIGNED_VALUES if not name.endswith("_sorted") and name != "body")
        for field in ("headers", "query"):
            yield from unknown_names(field, getattr(self, field), (*sent, "signature"))
        if "signature" not in names_in(self.headers) | names_in(self.query):
            yield 'no header and no query parameter carries {signature}: add e.g. headers: {X-Signature: "{signature}"}'
        if ("secret" in names_in(self.canonical)) != (self.keyed_by == "canonical"):
            yield "canonical holds {secret} with keyed_by: canonical, and only then"
