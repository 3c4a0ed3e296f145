"""The keys of the hashes that stand for personal numbers: the key in force, and the chain of all that were in force before it.

    hash of a value  = HMAC(first key, value)
    after a rotation = HMAC(next key, that hash)          each rotation adds one

A rotation therefore needs no document again, and whoever has an earlier key alone can compute none of the hashes that are stored
(docs/adr/0041-rotation-adds-a-layer.md). Earlier keys are kept encrypted under the key in force.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_FINGERPRINT_PURPOSE = b"fingerprint of the key of personal numbers"
_LAYER_PURPOSE = b"layer over hashes of personal numbers"
_WRAPPING_PURPOSE = b"wrapping of earlier keys of personal numbers"
_FINGERPRINT_DIGITS = 16


class WrongKey(ValueError):
    """Earlier keys cannot be opened with this key."""


@dataclass(frozen=True, slots=True)
class PersonalKeys:
    """The secrets that a process was given: the key, and (empty: none) the one that it takes over from."""

    key: bytes = field(repr=False)
    old_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class KeyChain:
    """All keys up to the one in force, the oldest first. The first hashes values, each later one the hashes before it."""

    secrets: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def base(self) -> bytes:
        """The key that hashes values themselves; it never changes in the life of a warehouse."""
        return self.secrets[0]

    @property
    def has_layers(self) -> bool:
        """Whether a hash of a value is not yet what is stored."""
        return len(self.secrets) > 1

    def lift(self, value_hash: str) -> str:
        """Returns what is stored for a hash (64 hexadecimal digits) that the first key made."""
        for secret in self.secrets[1:]:
            value_hash = add_layer(secret, value_hash)
        return value_hash


NO_LAYERS = KeyChain()


def key_fingerprint(key: bytes) -> str:
    """Returns what tells keys apart and tells nothing of a key."""
    return hmac.new(key, _FINGERPRINT_PURPOSE, hashlib.sha256).hexdigest()[:_FINGERPRINT_DIGITS]


def add_layer(key: bytes, value_hash: str) -> str:
    """Returns the hash of a hash (64 hexadecimal digits) under a key."""
    return hmac.digest(_derived(key, _LAYER_PURPOSE), bytes.fromhex(value_hash), "sha256").hex()


def wrap_keys(earlier: Sequence[bytes], key: bytes) -> str:
    """Encrypts earlier keys, the oldest first, so that the key opens them."""
    return _cipher(key).encrypt(json.dumps([secret.hex() for secret in earlier]).encode()).decode()


def unwrap_keys(wrapped: str, key: bytes) -> tuple[bytes, ...]:
    """Decrypts earlier keys.

    Raises:
        WrongKey: they were encrypted under another key, or changed since.
    """
    from cryptography.fernet import InvalidToken

    try:
        return tuple(bytes.fromhex(secret) for secret in json.loads(_cipher(key).decrypt(wrapped.encode())))
    except InvalidToken:
        raise WrongKey("expected earlier keys that this key encrypted, found others") from None


def _derived(key: bytes, purpose: bytes) -> bytes:
    """Returns a key of its own per purpose, so that nothing made for one tells of another."""
    return hmac.digest(key, purpose, "sha256")


def _cipher(key: bytes) -> Fernet:
    # Only a rotated warehouse needs it: the import would cost every `huimin check`.
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(_derived(key, _WRAPPING_PURPOSE)))
