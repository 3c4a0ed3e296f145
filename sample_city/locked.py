"""Workbooks under a password, as offices send lists of people: the agile encryption of spreadsheet programs (MS-OFFCRYPTO).

The same workbook under the same password gives the same bytes: what spreadsheet programs draw at random follows here from both.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import io
import struct
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted

from loaders.contract import Report, Workbook

_SPINS = 100_000
_SEGMENT = 4_096
_BLOCK, _KEY, _HASH = 16, 32, 64
_FOR_VERIFIER = bytes.fromhex("fea7d2763b4b9e79")
_FOR_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_FOR_KEY = bytes.fromhex("146e0be7abacd0d6")
_FOR_HMAC_KEY = bytes.fromhex("5fb2ad010cb9e1f6")
_FOR_HMAC = bytes.fromhex("a0677f02b22c8433")
_CIPHER = (
    'blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"'
)
_DESCRIPTION = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
    '<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"'
    ' xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
    '<keyData saltSize="16" {cipher} saltValue={data_salt}/>'
    "<dataIntegrity encryptedHmacKey={hmac_key} encryptedHmacValue={hmac_value}/>"
    '<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
    '<p:encryptedKey spinCount="{spins}" saltSize="16" {cipher} saltValue={salt} encryptedVerifierHashInput={verifier}'
    " encryptedVerifierHashValue={verifier_hash} encryptedKeyValue={key}/>"
    "</keyEncryptor></keyEncryptors></encryption>"
)
# Where the container keeps its directory, and in each entry of it the moments at which it was made and changed.
_SECTOR, _DIRECTORY_AT, _ENTRY, _ENTRIES = 512, 48, 128, 11
_MOMENTS = slice(100, 116)


def workbook_password(report: Report) -> str | None:
    """The password under which the city's offices send this report; None for one that they send open."""
    name = report.format.password if isinstance(report.format, Workbook) else None
    return None if name is None else hashlib.sha256(f"the sample city's {name}".encode()).hexdigest()[:16]


def locked(content: bytes, password: str) -> bytes:
    """A workbook under a password, as spreadsheet programs open it."""
    drawn = functools.partial(_drawn, hashlib.sha512(password.encode() + content).digest())
    key, data_salt = drawn("key", _KEY), drawn("data salt", _BLOCK)
    package = struct.pack("<Q", len(content)) + _encrypted_segments(content, key, data_salt)
    hmac_key = drawn("integrity", _HASH)
    signature = hmac.digest(hmac_key, package, "sha512")
    salt, spun = _spun(password)
    verifier = drawn("verifier", _BLOCK)
    facts = {
        "data_salt": data_salt,
        "hmac_key": _encrypted(hmac_key, key, _sha512(data_salt, _FOR_HMAC_KEY)),
        "hmac_value": _encrypted(signature, key, _sha512(data_salt, _FOR_HMAC)),
        "salt": salt,
        "verifier": _encrypted(verifier, _sha512(spun, _FOR_VERIFIER), salt),
        "verifier_hash": _encrypted(_sha512(verifier), _sha512(spun, _FOR_VERIFIER_HASH), salt),
        "key": _encrypted(key, _sha512(spun, _FOR_KEY), salt),
    }
    texts = {name: quoteattr(base64.b64encode(value).decode()) for name, value in facts.items()}
    description = _DESCRIPTION.format(cipher=_CIPHER, spins=_SPINS, **texts)
    return _contained(package, struct.pack("<HHI", 4, 4, 0x40) + description.encode())


def _drawn(seed: bytes, purpose: str, size: int) -> bytes:
    return _sha512(seed, purpose.encode())[:size]


@functools.lru_cache
def _spun(password: str) -> tuple[bytes, bytes]:
    """The password's salt, and the hash that takes long to compute so that guessing does too: once for all its workbooks."""
    salt = _sha512(b"salt", password.encode())[:_BLOCK]
    value = _sha512(salt, password.encode("utf-16-le"))
    for turn in range(_SPINS):
        value = hashlib.sha512(struct.pack("<I", turn) + value).digest()
    return salt, value


def _sha512(*parts: bytes) -> bytes:
    return hashlib.sha512(b"".join(parts)).digest()


def _encrypted_segments(content: bytes, key: bytes, salt: bytes) -> bytes:
    segments = [content[start : start + _SEGMENT] for start in range(0, len(content), _SEGMENT)]
    return b"".join(
        _encrypted(segment + bytes(-len(segment) % _BLOCK), key, _sha512(salt, struct.pack("<I", number)))
        for number, segment in enumerate(segments)
    )


def _encrypted(plain: bytes, key: bytes, start: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key[:_KEY]), modes.CBC(start[:_BLOCK])).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def _contained(package: bytes, description: bytes) -> bytes:
    """Both streams in a container whose directory does not say when it was written."""
    buffer = io.BytesIO()
    ECMA376Encrypted(package, description).write_to(buffer)
    content = bytearray(buffer.getvalue())
    (sector,) = struct.unpack_from("<I", content, _DIRECTORY_AT)
    for number in range(_ENTRIES):
        entry = memoryview(content)[(sector + 1) * _SECTOR + number * _ENTRY :]
        entry[_MOMENTS] = bytes(16)
    return bytes(content)
