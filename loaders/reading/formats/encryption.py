"""Encryption: decrypts workbooks with the password of the connection, and refuses those that it does not open."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from struct import Struct
from typing import Any, BinaryIO

from loaders.reading.model.refusals import Refusal, encrypted_document, unreadable_document

# Spreadsheet programs encrypt a workbook that is only protected against changes with this fixed password. They open it without
# asking.
_WORD_OF_PROTECTED_WORKBOOKS = "VelvetSweatshop"


class PasswordProtected(Exception):
    """Signal of a reader that the workbook is encrypted and must be decrypted first."""


def decrypt(file: BinaryIO, password: str | None) -> io.BytesIO:
    """Decrypts a workbook in memory.

    Raises:
        Refusal: the password is missing or wrong, or the encryption is corrupted or of an unknown type.
    """
    from msoffcrypto.exceptions import InvalidKeyError

    for attempt in _attempts(password):
        try:
            return _decrypted(file, attempt)
        except InvalidKeyError:
            continue
        except (Refusal, MemoryError):
            raise
        except Exception as error:
            # The library parses untrusted bytes without checks of its own: it may raise any exception.
            raise unreadable_document("corruption.encryption", detail=type(error).__name__) from error
    raise encrypted_document("password.wrong" if password else "password.none")


def _attempts(password: str | None) -> Iterator[str]:
    if password:
        yield password
    yield _WORD_OF_PROTECTED_WORKBOOKS


def _decrypted(file: BinaryIO, password: str) -> io.BytesIO:
    import msoffcrypto

    file.seek(0)
    office = msoffcrypto.OfficeFile(file)
    with _derived_once():
        if office.format == "ooxml":
            office.load_key(password=password, verify_password=True)
        else:
            office.load_key(password=password)
    plain = io.BytesIO()
    office.decrypt(plain)
    plain.seek(0)
    return plain


@contextmanager
def _derived_once() -> Iterator[None]:
    """Keeps the hash that a password is stretched to: the library makes its 100,000 rounds for the key and to verify it."""
    from msoffcrypto.method.ecma376_agile import ECMA376Agile

    derive = ECMA376Agile._derive_iterated_hash_from_password
    ECMA376Agile._derive_iterated_hash_from_password = staticmethod(lru_cache(maxsize=1)(stretch_password))
    try:
        yield
    finally:
        ECMA376Agile._derive_iterated_hash_from_password = staticmethod(derive)


def stretch_password(password: str, salt: bytes, algorithm: str, rounds: int) -> Any:
    """Returns the hash object after all rounds (MS-OFFCRYPTO 2.3.4.11): what the library computes, in half its time."""
    new_hash = _hash_function(algorithm)
    stretched = new_hash(salt + password.encode("utf-16-le"))
    for number in map(Struct("<I").pack, range(rounds)):
        stretched = new_hash(number + stretched.digest())
    return stretched


def _hash_function(algorithm: str) -> Callable[[bytes], Any]:
    """Returns a hash function by the name that an encrypted workbook gives it, SHA-1 if it is unknown, as the library does.

    Nearly all workbooks use SHA-512. The interpreter's own is taken if it has one: OpenSSL prepares each hash for longer than it
    takes to hash one block.
    """
    if algorithm == "SHA512":
        for module in ("_sha512", "_sha2"):
            try:
                own: Callable[[bytes], Any] = importlib.import_module(module).sha512
            except ImportError:
                continue
            return own
    known = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}
    return known.get(algorithm, hashlib.sha1)
