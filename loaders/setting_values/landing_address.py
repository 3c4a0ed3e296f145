"""Addresses of landings: a folder, or a prefix of a bucket of an object store.

Shared layer: plain values, imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A prefix of a bucket (without slashes around it, it may be empty), and where this machine keeps copies to read.

    `connection` is a URL with the keys and the `endpoint_url`; empty: those that the machine itself has. The copies take
    `cache_bytes` at most, apart from those in use.
    """

    bucket: str
    prefix: str
    cache: Path
    connection: str = field(default="", repr=False)
    cache_bytes: int = 4 * 1024**3

    def __str__(self) -> str:
        return f"s3://{self.root}"

    @property
    def root(self) -> str:
        """The bucket and the prefix."""
        return f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket


LandingAddress = Path | BucketAddress


def parse_landing_address(text: str, cache: Path, connection: str, cache_bytes: int) -> LandingAddress:
    """Returns the address that a text names: a path, `file:///path` or `s3://bucket/prefix`.

    Raises:
        ValueError: it names neither, or it holds a secret.
    """
    parts = urlsplit(text)
    if parts.scheme in {"", "file"}:
        return Path(unquote(parts.path)).absolute()
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f'expected a folder or s3://bucket/prefix, found "{parts.scheme}://…"')
    if "@" in parts.netloc or parts.query:
        raise ValueError("expected s3://bucket/prefix alone: keys and endpoint_url belong to the connection")
    return BucketAddress(parts.netloc, unquote(parts.path).strip("/"), cache, connection, cache_bytes)
