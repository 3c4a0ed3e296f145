"""A password is stretched once for each attempt: its rounds are most of the time of an encrypted workbook."""

import io

import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.ecma376_agile import ECMA376Agile
from openpyxl import Workbook

from loaders.reading.formats.encryption import decrypt
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
    derive = ECMA376Agile._derive_iterated_hash_from_password

    def counted(password: str, *rest: object) -> object:
        passwords.append(password)
        return derive(password, *rest)

    monkeypatch.setattr(ECMA376Agile, "_derive_iterated_hash_from_password", staticmethod(counted))
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
