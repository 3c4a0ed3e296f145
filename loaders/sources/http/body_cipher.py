"""Encrypts what a request sends and decrypts what an answer holds, as `source.cipher` of a contract says."""

from __future__ import annotations

import base64
import re
import secrets

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.padding import PKCS7

from loaders.contract.sources.http.cipher import Sm4Cipher
from loaders.sources.http.auth.credentials import Credentials

BLOCK_BYTES = 16
_HEX_BLOCK = re.compile(r"[0-9a-fA-F]{32}")


class NotDecrypted(ValueError):
    """A text that this cipher and key did not write; the message says how that shows, and holds nothing of the text."""


class BodyCipher:
    """SM4 with the key of one connection. Its repr shows no key.

    Raises:
        SourceError: the connection holds no key (or vector) of 16 bytes, or OpenSSL on this machine has no SM4.
    """

    def __init__(self, cipher: Sm4Cipher, credentials: Credentials) -> None:
        self._cipher = cipher
        text = credentials.extras.get("sm4_key") or credentials.require_secret("sm4")
        self._key = _block(credentials, "the key (sm4_key, or the password)", text)
        self._iv = b""
        if cipher.iv == "connection":
            self._iv = _block(credentials, "sm4_iv", credentials.extras.get("sm4_iv", ""))
        elif cipher.iv == "key":
            self._iv = self._key
        try:
            self._made(bytes(BLOCK_BYTES)).encryptor()
        except UnsupportedAlgorithm:
            raise credentials.error("OpenSSL on this machine has no SM4", "install an OpenSSL that has it") from None

    def encrypt(self, plain: bytes) -> str:
        """Returns the encrypted text of some bytes."""
        iv = secrets.token_bytes(BLOCK_BYTES) if self._cipher.iv == "prefix" else self._iv
        padder = PKCS7(BLOCK_BYTES * 8).padder()
        encryptor = self._made(iv).encryptor()
        data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
        data = iv + data if self._cipher.iv == "prefix" else data
        if self._cipher.encoding == "base64":
            return base64.b64encode(data).decode()
        return data.hex().upper() if self._cipher.encoding == "HEX" else data.hex()

    def decrypt(self, text: str) -> bytes:
        """Returns the bytes of an encrypted text.

        Raises:
            NotDecrypted: it is not written as `encoding` says, is no whole number of blocks, or its padding is wrong.
        """
        data = self._decoded(text)
        iv, data = (data[:BLOCK_BYTES], data[BLOCK_BYTES:]) if self._cipher.iv == "prefix" else (self._iv, data)
        if not data or len(data) % BLOCK_BYTES:
            raise NotDecrypted(f"{len(data)} bytes are no whole number of blocks of {BLOCK_BYTES}")
        decryptor = self._made(iv).decryptor()
        unpadder = PKCS7(BLOCK_BYTES * 8).unpadder()
        try:
            return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()
        except ValueError:
            raise NotDecrypted("its padding shows another key, mode or vector") from None

    def _made(self, iv: bytes) -> Cipher[modes.CBC] | Cipher[modes.ECB]:
        if self._cipher.mode == "ecb":
            # The platform's choice, not ours.
            return Cipher(SM4(self._key), modes.ECB())  # noqa: S305
        return Cipher(SM4(self._key), modes.CBC(iv or bytes(BLOCK_BYTES)))

    def _decoded(self, text: str) -> bytes:
        joined = "".join(text.split())
        try:
            if self._cipher.encoding == "base64":
                return base64.b64decode(joined, validate=True)
            return bytes.fromhex(joined)
        except ValueError:
            raise NotDecrypted(f"it is no {self._cipher.encoding}") from None


def _block(credentials: Credentials, name: str, text: str) -> bytes:
    block = bytes.fromhex(text) if _HEX_BLOCK.fullmatch(text) else text.encode()
    if len(block) != BLOCK_BYTES:
        raise credentials.error(
            f"{name} for source.cipher has {len(block)} bytes, expected {BLOCK_BYTES}",
            "write 32 hexadecimal digits or 16 characters into the connection's URL, e.g. ?sm4_key=…&sm4_iv=…",
        )
    return block
