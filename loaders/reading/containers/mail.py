"""Attachments of a mail, with names in RFC 2047, RFC 2231, GBK without a declaration, or all of them at once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from email import message_from_binary_file
from email.message import Message
from email.utils import unquote
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from loaders.characters.mail_headers import decoded_bytes, decoded_name, decoded_words
from loaders.reading.containers.archives import Entry
from loaders.reading.containers.member_folder import MemberError

_OUTLOOK_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_OUTLOOK_NAME = re.compile(r"winmail\.dat\Z", re.IGNORECASE)


def mail_entries(file: BinaryIO) -> Iterator[Entry]:
    """Yields the attachments of a mail, also of mails that are attached to it. Texts and pictures of its body are none."""
    file.seek(0)
    for part in message_from_binary_file(file).walk():
        name = _attachment_name(part)
        if part.is_multipart() or name is None or _is_picture_of_body(part):
            continue
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if part.get_content_type() in _OUTLOOK_TYPES or _OUTLOOK_NAME.search(name):
            yield Entry(name, 0, _outlook)
        else:
            yield Entry(name, len(content), lambda content=content: io.BytesIO(content))  # type: ignore[misc]


def _outlook() -> BinaryIO:
    raise MemberError("member.winmail")


def _is_picture_of_body(part: Message) -> bool:
    is_inline = part.get_content_disposition() == "inline" or "Content-ID" in part
    return part.get_content_maintype() == "image" and is_inline


def _attachment_name(part: Message) -> str | None:
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        name = _parameter(part, header, parameter)
        if name:
            return name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    return None


def _parameter(part: Message, header: str, parameter: str) -> str | None:
    """Returns a parameter of a header. The header is decoded first: raw bytes of GBK would become question marks."""
    raw = next((str(value) for name, value in part.raw_items() if name.lower() == header), None)
    if raw is None:
        return None
    message = Message()
    message[header] = decoded_name(raw.encode("utf-8", "surrogateescape")).replace("\r", "").replace("\n", "")
    value = message.get_param(parameter, header=header)
    if isinstance(value, tuple):
        charset, _, text = value
        return decoded_bytes(unquote_to_bytes(text) if "%" in text else text.encode("latin-1", "replace"), charset)
    return None if value is None else decoded_words(unquote(value))
