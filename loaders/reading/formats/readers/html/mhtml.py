"""MHTML web archives: web pages in a MIME envelope, which some systems and old spreadsheet programs export."""

from __future__ import annotations

import email
import email.policy
from email.message import Message
from typing import BinaryIO

from loaders.reading.formats.corruption import PAGE
from loaders.reading.formats.readers.html.page import book_of_html
from loaders.reading.formats.text_decoding import decode_markup, read_limited
from loaders.reading.model.refusals import Refusal, unreadable_document
from loaders.reading.model.sheets import Book, Sheet


def read_mhtml(file: BinaryIO) -> Book:
    """Reads each page of the archive that contains a table as one sheet.

    Raises:
        Refusal: no page contains a table, or the archive is corrupted.
    """
    envelope = email.message_from_bytes(read_limited(file), policy=email.policy.compat32)
    sheets: list[Sheet] = []
    notes: list[str] = []
    for part in envelope.walk():
        if part.get_content_type() == "text/html":
            sheets.extend(_sheets_of(part, notes))
    if not sheets:
        raise unreadable_document("page.no_table_in_archive", PAGE)
    for number, sheet in enumerate(sheets, start=1):
        sheet.name = f"Sheet{number}"
    return Book("mht", sheets, notes)


def _sheets_of(part: Message, notes: list[str]) -> list[Sheet]:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return []
    text, assumed = decode_markup(content)
    notes.extend(assumed)
    try:
        return book_of_html(text, []).sheets
    except Refusal:
        # The frameset page, which has no table of its own.
        return []
