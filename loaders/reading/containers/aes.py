"""Decrypts zip members under WinZip's AES (method 99, AE-1 and AE-2), which 7-Zip and WinRAR write and zipfile does not read.

Format: https://www.winzip.com/en/support/aes-encryption/
"""

from __future__ import annotations

import hashlib
import hmac
import io
import tempfile
import zipfile
import zlib
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from loaders.reading.containers.member_folder import MAX_MEMBER_BYTES, MemberError

WINZIP_AES = 99
_EXTRA = 0x9901
_LOCAL_HEADER_BYTES = 30
_CODE_BYTES, _CHECK_BYTES, _BLOCK = 10, 2, 16
_CHUNK = 256 * 1024


def open_aes(archive: BinaryIO, info: zipfile.ZipInfo, password: str) -> BinaryIO:
    """Returns the decrypted and unpacked content of a member.

    Raises:
        MemberError: the password is wrong, the content was altered, or it is packed by a method other than store and deflate.
    """
    strength, method = _parameters(info.extra)
    key_bytes, salt_bytes = 8 * (strength + 1), 4 * (strength + 1)
    archive.seek(info.header_offset)
    header = archive.read(_LOCAL_HEADER_BYTES)
    archive.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), io.SEEK_CUR)
    salt, check = archive.read(salt_bytes), archive.read(_CHECK_BYTES)
    keys = next((keys for keys in _candidates(password, salt, key_bytes) if keys[2 * key_bytes :] == check), None)
    if keys is None:
        raise MemberError("member.password")
    size = info.compress_size - salt_bytes - _CHECK_BYTES - _CODE_BYTES
    return _decrypt(archive, size, keys[:key_bytes], keys[key_bytes : 2 * key_bytes], method)


def _parameters(extra: bytes) -> tuple[int, int]:
    """Returns the strength (1 to 3: 128, 192 and 256 bits) and the method of compression."""
    while len(extra) >= 4:
        kind, length = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _EXTRA and length >= 7 and extra[8] in {1, 2, 3}:
            return extra[8], int.from_bytes(extra[9:11], "little")
        extra = extra[4 + length :]
    raise MemberError("member.damaged")


def _candidates(password: str, salt: bytes, key_bytes: int) -> list[bytes]:
    # Programs encode a password that is not ASCII as UTF-8 or by the system's code page.
    encoded = dict.fromkeys(password.encode(encoding) for encoding in ("utf-8", "gb18030"))
    return [hashlib.pbkdf2_hmac("sha1", text, salt, 1000, 2 * key_bytes + _CHECK_BYTES) for text in encoded]


def _decrypt(archive: BinaryIO, size: int, key: bytes, authentication_key: bytes, method: int) -> BinaryIO:
    """Decrypts into a temporary file, because the code that shows an altered content comes last."""
    if method not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or not 0 <= size <= MAX_MEMBER_BYTES:
        raise MemberError("member.damaged")
    # WinZip's counter is little-endian, which the library's CTR mode is not: the key stream is made block by block.
    cipher = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - encrypts counters, which never repeat
    code, block, rest = hmac.new(authentication_key, digestmod="sha1"), 1, size
    plain = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while rest:
        data = archive.read(min(_CHUNK, rest))
        if not data:
            raise MemberError("member.damaged")
        code.update(data)
        blocks = -(-len(data) // _BLOCK)
        stream = cipher.update(b"".join(number.to_bytes(_BLOCK, "little") for number in range(block, block + blocks)))
        mask = int.from_bytes(stream[: len(data)], "little") ^ int.from_bytes(data, "little")
        plain.write(mask.to_bytes(len(data), "little"))
        block, rest = block + blocks, rest - len(data)
    if not hmac.compare_digest(code.digest()[:_CODE_BYTES], archive.read(_CODE_BYTES)):
        raise MemberError("member.damaged")
    plain.seek(0)
    return _Inflated(plain) if method == zipfile.ZIP_DEFLATED else plain  # type: ignore[return-value]


class _Inflated(io.RawIOBase):
    """The unpacked bytes of a raw deflate stream."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._packed.read(_CHUNK)
            unpacked = self._inflate.decompress(data, size)
            if unpacked:
                return unpacked
            if not data:
                raise MemberError("member.damaged")
        return b""

    def close(self) -> None:
        self._packed.close()
        super().close()
