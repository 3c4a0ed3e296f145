"""Encodings of text documents: finds the actual encoding of a document that is not in the declared one.

A declared encoding is checked and never replaced: this module only finds the encoding for the refusal. Bytes of another encoding
often decode without an error (UTF-8 and Latin-1 pass as GB18030). A guess counts only if it decodes the header that the contract
expects.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path

from loaders.messages import issue_of
from loaders.reading.model.refusals import Refusal
from loaders.reading.text.text_source import HEAD_BYTES

_NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "big5": "Big5"}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


def codec_of(declared: str, path: Path) -> str:
    """Returns the codec of a declared encoding.

    The byte order of UTF-16 comes from the byte-order mark or from the position of zeros.
    """
    if declared != "utf-16":
        return "utf-8" if declared == "utf-8-sig" else declared
    head = read_head(path)
    bom = bom_codec(head)
    return bom if bom is not None and bom.startswith("utf-16") else _byte_order_by_zeros(head) or "utf-16-le"


def read_head(path: Path) -> bytes:
    """Reads the first bytes of a document."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def bom_codec(head: bytes) -> str | None:
    """Returns the codec of the byte-order mark; None without one."""
    return next((codec for bom, codec in _BYTE_ORDER_MARKS if head.startswith(bom)), None)


def declared_encoding(head: bytes) -> tuple[str, str]:
    """Returns the encoding that a contract should declare for a document, and its codec.

    Raises:
        Refusal: no encoding that a contract can declare fits.
    """
    for codec in _candidates(head):
        if codec == "utf-8":
            return ("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"), codec
        if codec in {"utf-16-le", "utf-16-be", "gb18030"}:
            return ("gb18030" if codec == "gb18030" else "utf-16"), codec
    raise Refusal(issue_of("wrong_encoding.none_of_ours"))


def guess_codec(head: bytes, declared: str, is_header_found: Callable[[str], bool]) -> str | None:
    """Guesses another encoding of the document: the one of its byte-order mark, else the first in which the header is found."""
    for codec in _candidates(head):
        if codec != declared and (codec == bom_codec(head) or is_header_found(head.decode(codec, errors="ignore"))):
            return codec
    return None


def display_name(codec: str) -> str:
    """Returns the usual name of an encoding."""
    return _NAMES.get(codec, codec)


def _candidates(head: bytes) -> Iterator[str]:
    bom = bom_codec(head)
    if bom is not None:
        yield bom
        return
    zeros = _byte_order_by_zeros(head)
    if zeros is not None:
        yield zeros
        return
    for codec in ("utf-8", "gb18030", "big5"):
        if _decodes(head, codec):
            yield codec


def _decodes(head: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _byte_order_by_zeros(head: bytes) -> str | None:
    """Finds the byte order of UTF-16 without a byte-order mark: zeros are at odd (little-endian) or even positions."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < 4 or max(even, odd) < 4 * min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
