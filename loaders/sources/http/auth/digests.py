"""Digests by name, keyed or not, with SM3 (GB/T 32905) where OpenSSL has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

Encoding = Literal["hex", "HEX", "base64"]


class MissingDigest(Exception):
    """OpenSSL on this machine does not have an algorithm; the message names it."""


def digest(algorithm: str, data: bytes) -> bytes:
    """Returns the digest of `data`.

    Raises:
        MissingDigest: OpenSSL does not have the algorithm.
    """
    try:
        return hashlib.new(algorithm, data, usedforsecurity=False).digest()
    except ValueError:
        raise MissingDigest(algorithm) from None


def keyed_digest(algorithm: str, key: bytes, data: bytes) -> bytes:
    """Returns the HMAC (RFC 2104) of `data`.

    Raises:
        MissingDigest: OpenSSL does not have the algorithm.
    """
    try:
        return hmac.new(key, data, algorithm).digest()
    except ValueError:
        raise MissingDigest(algorithm) from None


def encoded(value: bytes, encoding: Encoding) -> str:
    """Returns a digest as text."""
    if encoding == "base64":
        return base64.b64encode(value).decode()
    return value.hex().upper() if encoding == "HEX" else value.hex()
