import datetime as dt
import io
import time

import msoffcrypto
import pytest
from msoffcrypto.exceptions import InvalidKeyError

from sample_city.documents.encryption import encrypt_workbook
from sample_city.documents.workbook import Form, render_form

HEADER, ROW = ["姓名", "日期"], ["张三", dt.date(2023, 5, 1)]
CONTENT = render_form(Form("名册", ["填报单位："], HEADER, [ROW] * 300, ["审核人："], "iso_cell"))


def opened(content: bytes, password: str) -> bytes:
    office, plain = msoffcrypto.OfficeFile(io.BytesIO(content)), io.BytesIO()
    office.load_key(password=password, verify_password=True)
    office.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def test_a_locked_workbook_opens_with_its_password_only() -> None:
    content = encrypt_workbook(CONTENT, "秘密 123")
    assert opened(content, "秘密 123") == CONTENT
    with pytest.raises(InvalidKeyError):
        opened(content, "秘密 124")
    assert b"xl/worksheets" not in content


def test_the_same_workbook_gives_the_same_bytes_at_another_time() -> None:
    first = encrypt_workbook(CONTENT, "a")
    time.sleep(0.01)
    assert encrypt_workbook(CONTENT, "a") == first
    assert encrypt_workbook(CONTENT, "b") != first
    other = render_form(Form("名册", [""], HEADER, [ROW], [""], "iso_cell"))
    assert opened(encrypt_workbook(other, "a"), "a") == other


def test_what_was_changed_on_the_way_is_noticed() -> None:
    content = bytearray(encrypt_workbook(CONTENT, "a"))
    content[-2_000] ^= 1
    with pytest.raises(InvalidKeyError):
        opened(bytes(content), "a")
