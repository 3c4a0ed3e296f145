"""The scan for personal numbers finds them in whatever they are packed."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

import pytest

from tests.support.city.personal_scan import PersonalScan

RESIDENT, PHONE, ACCOUNT = "44130219900307451X", "13800138000", "6222020200012345678"
SCAN = PersonalScan([RESIDENT, PHONE, ACCOUNT])


def letter(text: str, **attached: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "【数据质量反馈】"
    message.set_content(text, cte="base64")
    for name, content in attached.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def archive(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", text)
    return buffer.getvalue()


@pytest.mark.parametrize("number", [RESIDENT, RESIDENT.lower(), PHONE, ACCOUNT])
def test_a_number_is_found_plain_in_mails_and_in_archives(number: str) -> None:
    text = f"第7行：“身份证号”填的是“{number}”"
    packed = (
        text.encode(),
        letter(text),
        archive(text),
        letter("见附件", copy=archive(text)),
        letter("见附件", csv=text.encode()),
    )
    for content in packed:
        assert SCAN.found_in(content) == {number.upper()}
    assert b"base64" in letter(text) and number.encode() not in letter(text), "a plain search would not find it"


@pytest.mark.parametrize("text", ["441302********451X", "138****8000", f"1{PHONE}", f"{ACCOUNT}0", "44130219900307451"])
def test_masks_and_other_numbers_are_none(text: str) -> None:
    assert SCAN.found_in(text.encode()) == set()
    assert SCAN.found_in(letter(text)) == set()
