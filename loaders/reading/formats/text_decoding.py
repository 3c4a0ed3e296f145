"""Decoding of text and markup: tries the declared encoding first, and notes any other choice."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from loaders.characters.gb18030 import modernize
from loaders.reading.formats.detect import utf16_without_bom
from loaders.reading.model.refusals import too_large, unreadable_document

MAX_TEXT_BYTES = 64 * 1024 * 1024
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# `charset=gb2312`, `encoding="utf-8"`
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_\-]+)", re.IGNORECASE)
_SUPERSETS = dict.fromkeys(("gb2312", "gbk", "cp936", "x-gbk", "gb_2312-80", "euc-cn"), "gb18030") | {"unicode": "utf-16"}
# Web servers and exports declare these by default. Any bytes decode as Latin-1, so success proves nothing.
_UNINFORMATIVE_CODECS = {"iso8859-1", "cp1252", "ascii"}


def read_limited(file: BinaryIO) -> bytes:
    """Reads a whole flat file.

    Raises:
        Refusal: the file is too large.
    """
    content = file.read(MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise too_large(f"more than {MAX_TEXT_BYTES // 1024**2} MB of text", f"{MAX_TEXT_BYTES // 1024**2} MB")
    return content


def decode_markup(content: bytes, declared: str | None = None) -> tuple[str, list[str]]:
    """Decodes markup and returns notes on assumptions. `declared` is an encoding from outside of the markup.

    Raises:
        Refusal: no encoding fits.
    """
    text, notes = decode_text(content, declared or _declared(content), expected="a web page or XML table")
    return text.replace("\x00", ""), notes


def xml_tree(text: str) -> Any:
    """Parses decoded XML. Its encoding declaration is ignored, because it no longer applies.

    Raises:
        etree.XMLSyntaxError: the text is not well-formed.
        ValueError: the text declares a document type, and with it entities. Spreadsheet programs never write one.
    """
    start = text.lstrip("\ufeff \t\r\n")
    body = start.partition("?>")[2] if start.startswith("<?xml") else start
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(body.encode("utf-8"), parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("the document declares a document type")
    return root


def decode_text(content: bytes, declared: str | None = None, *, expected: str) -> tuple[str, list[str]]:
    """Decodes bytes and returns a note if the encoding had to be assumed.

    Raises:
        Refusal: neither the declared encoding nor UTF-8, UTF-16 or GB18030 fits.
    """
    for encoding in _candidates(content, declared):
        try:
            text = content.decode(encoding)
            text = modernize(text) if encoding == "gb18030" else text
        except UnicodeDecodeError:
            continue
        is_declared = declared is not None and encoding.startswith(declared)
        has_bom = content.startswith(tuple(bom for bom, _ in _BYTE_ORDER_MARKS))
        if is_declared or has_bom or text.isascii():
            return text, []
        return text, [f"read as {encoding}; the file declares {declared or 'no encoding'}"]
    raise unreadable_document("corruption.encoding", expected, declared=declared or "none")


def _declared(content: bytes) -> str | None:
    """Returns the encoding that markup declares, by its Python name. GBK and its subsets map to GB18030, which contains them."""
    found = _DECLARED.search(content[:4096].replace(b"\x00", b""))
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    try:
        return codecs.lookup(_SUPERSETS.get(name, name)).name
    except LookupError:
        return None


def _candidates(content: bytes, declared: str | None) -> Iterator[str]:
    for bom, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(bom):
            yield encoding
    without_bom = utf16_without_bom(content[:4096])
    if without_bom is not None:
        yield without_bom
    if declared and declared not in _UNINFORMATIVE_CODECS and not declared.startswith("utf-16"):
        yield declared
    yield "utf-8"
    yield "gb18030"
    if declared in _UNINFORMATIVE_CODECS:
        yield declared
