"""SM2 signatures with SM3 (GB/T 32918.2), by the curve arithmetic of gmssl and random numbers of the operating system."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from importlib import import_module
from typing import Any

from loaders.contract.sources.http.signature import Sm2Signature
from loaders.sources.http.auth.credentials import Credentials
from loaders.sources.http.auth.digests import digest
from loaders.sources.http.auth.signing import SignatureAuth

# Length in bits and the identity that the standard uses where two sides agreed on none.
_IDENTITY = b"\x00\x80" + b"1234567812345678"
_PRIVATE_KEY = re.compile(r"[0-9a-fA-F]{64}")


class Sm2Key:
    """A private key. Its repr does not show it."""

    def __init__(self, private_key: str) -> None:
        library: Any = import_module("gmssl.sm2")
        self._curve: dict[str, str] = library.default_ecc_table
        # Given to the constructor, a public key that begins with 04 would lose digits.
        self._signer = library.CryptSM2(private_key, "")
        self._public_key: str = self._signer._kg(int(private_key, 16), self._curve["g"])

    @property
    def order(self) -> int:
        """The number of points of the curve; a private key is smaller."""
        return int(self._curve["n"], 16)

    def sign(self, data: bytes, random_number: Callable[[], int] | None = None) -> bytes:
        """Returns r and s, 32 bytes each. The library's own random numbers can be guessed, and would give away the key."""
        curve = "".join(self._curve[name] for name in ("a", "b", "g")) + self._public_key
        value = digest("sm3", digest("sm3", _IDENTITY + bytes.fromhex(curve)) + data)
        signature = None
        while signature is None:
            number = random_number() if random_number is not None else secrets.randbelow(self.order - 1) + 1
            signature = self._signer.sign(value, f"{number:064x}")
        return bytes.fromhex(signature)


def sm2_auth(auth: Sm2Signature, credentials: Credentials) -> SignatureAuth:
    """Returns the authentication by an SM2 signature.

    Raises:
        SourceError: the library is not installed, or the connection's URL names no file with a private key.
    """
    text = credentials.file("sm2_key").read_text(encoding="utf-8", errors="replace").strip()
    try:
        key = Sm2Key(text) if _PRIVATE_KEY.fullmatch(text) else None
    except ImportError:
        raise credentials.error("source.auth.kind: sm2 needs gmssl", "install huimin with the extra sm2") from None
    if key is None or not 0 < int(text, 16) < key.order - 1:
        raise credentials.error("the file of sm2_key holds no SM2 private key", "expected 64 hexadecimal digits") from None
    return SignatureAuth(auth, credentials, "sm3", key.sign)
