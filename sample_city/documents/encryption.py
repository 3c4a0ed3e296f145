"""Encryption of workbooks: the agile encryption of spreadsheet programs (MS-OFFCRYPTO).

The same workbook and password always give the same bytes: salts and keys are derived from both instead of derived at random.
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

_SPIN_COUNT = 100_000
_SEGMENT = 4_096
_BLOCK, _KEY, _HASH = 16, 32, 64
_BLOCK_KEY_VERIFIER = bytes.fromhex("fea7d2763b4b9e79")
_BLOCK_KEY_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_BLOCK_KEY_KEY = bytes.fromhex("146e0be7abacd0d6")
_BLOCK_KEY_HMAC_KEY = bytes.fromhex("5fb2ad010cb9e1f6")
_BLOCK_KEY_HMAC = bytes.fromhex("a0677f02b22c8433")
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
# The position of the container's directory, and of the timestamps of creation and change in each of its entries.
_SECTOR, _DIRECTORY_AT, _ENTRY, _ENTRIES = 512, 48, 128, 11
_TIMESTAMPS = slice(100, 116)


def workbook_password(report: Report) -> str | None:
    """Returns the password for this report; None if its workbooks are not encrypted."""
    name = report.format.password if isinstance(report.format, Workbook) else None
    return None if name is None else hashlib.sha256(f"the sample city's {name}".encode()).hexdigest()[:16]


def encrypt_workbook(content: bytes, password: str) -> bytes:
    """Encrypts a workbook so that spreadsheet programs open it with the password."""
    derived = functools.partial(_derived, hashlib.sha512(password.encode() + content).digest())
    key, data_salt = derived("key", _KEY), derived("data salt", _BLOCK)
    package = struct.pack("<Q", len(content)) + _encrypted_segments(content, key, data_salt)
    hmac_key = derived("integrity", _HASH)
    signature = hmac.digest(hmac_key, package, "sha512")
    salt, password_hash = _salt_and_hash(password)
    verifier = derived("verifier", _BLOCK)
    facts = {
        "data_salt": data_salt,
        "hmac_key": _encrypted(hmac_key, key, _sha512(data_salt, _BLOCK_KEY_HMAC_KEY)),
        "hmac_value": _encrypted(signature, key, _sha512(data_salt, _BLOCK_KEY_HMAC)),
        "salt": salt,
        "verifier": _encrypted(verifier, _sha512(password_hash, _BLOCK_KEY_VERIFIER), salt),
        "verifier_hash": _encrypted(_sha512(verifier), _sha512(password_hash, _BLOCK_KEY_VERIFIER_HASH), salt),
        "key": _encrypted(key, _sha512(password_hash, _BLOCK_KEY_KEY), salt),
    }
    texts = {name: quoteattr(base64.b64encode(value).decode()) for name, value in facts.items()}
    description = _DESCRIPTION.format(cipher=_CIPHER, spins=_SPIN_COUNT, **texts)
    return _container(package, struct.pack("<HHI", 4, 4, 0x40) + description.encode())


def _derived(seed: bytes, purpose: str, size: int) -> bytes:
    return _sha512(seed, purpose.encode())[:size]


@functools.lru_cache
def _salt_and_hash(password: str) -> tuple[bytes, bytes]:
    """Computes the salt and the hash of a password. The hash is slow on purpose, so it is computed once for all workbooks."""
    salt = _sha512(b"salt", password.encode())[:_BLOCK]
    value = _sha512(salt, password.encode("utf-16-le"))
    for iteration in range(_SPIN_COUNT):
        value = hashlib.sha512(struct.pack("<I", iteration) + value).digest()
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


def _container(package: bytes, description: bytes) -> bytes:
    """Writes both streams into a container, and clears the timestamps in its directory."""
    buffer = io.BytesIO()
    ECMA376Encrypted(package, description).write_to(buffer)
    content = bytearray(buffer.getvalue())
    (sector,) = struct.unpack_from("<I", content, _DIRECTORY_AT)
    for number in range(_ENTRIES):
        entry = memoryview(content)[(sector + 1) * _SECTOR + number * _ENTRY :]
        entry[_TIMESTAMPS] = bytes(16)
    return bytes(content)
