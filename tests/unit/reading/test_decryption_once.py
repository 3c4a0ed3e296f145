"""A password is stretched once for each attempt: its rounds are most of the time of an encrypted workbook."""

import io
import sys
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.ecma376_agile import ALGORITHM_HASH, ECMA376Agile
from openpyxl import Workbook

from loaders.reading.formats import encryption
from loaders.reading.formats.encryption import decrypt, stretch_password
from loaders.reading.model.refusals import Refusal


def encrypted(password: str) -> io.BytesIO:
    book, plain, target = Workbook(), io.BytesIO(), io.BytesIO()
    book.save(plain)
    plain.seek(0)
    OOXMLFile(plain).encrypt(password, target)
    target.seek(0)
    return target


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    passwords: list[str] = []

    def counted(password: str, *rest: Any) -> object:
        passwords.append(password)
        return stretch_password(password, *rest)

    monkeypatch.setattr(encryption, "stretch_password", counted)
    return passwords


def test_the_right_password_is_stretched_once(derived: list[str]) -> None:
    file = encrypted("惠民2023")
    derived.clear()
    assert decrypt(file, "惠民2023").read(2) == b"PK"
    assert derived == ["惠民2023"]


def test_each_attempt_is_stretched_for_itself(derived: list[str]) -> None:
    file = encrypted("right")
    derived.clear()
    with pytest.raises(Refusal):
        decrypt(file, "wrong")
    assert derived == ["wrong", "VelvetSweatshop"]
    with pytest.raises(Refusal):
        decrypt(encrypted("other"), None)


@pytest.mark.parametrize("algorithm", [*ALGORITHM_HASH, "unknown"])
def test_a_password_is_stretched_as_the_library_does(algorithm: str) -> None:
    known = ECMA376Agile._derive_iterated_hash_from_password("惠民2023", b"salt" * 4, algorithm, 1_000)
    assert stretch_password("惠民2023", b"salt" * 4, algorithm, 1_000).digest() == known.digest()


def test_openssl_hashes_where_the_interpreter_has_no_hash_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = stretch_password("惠民2023", b"salt", "SHA512", 10).digest()
    monkeypatch.setitem(sys.modules, "_sha512", None)
    monkeypatch.setitem(sys.modules, "_sha2", None)
    assert stretch_password("惠民2023", b"salt", "SHA512", 10).digest() == expected
