"""Decodes bytes and headers whose encoding is wrongly declared, or not at all: UTF-8 or GB18030, as Chinese programs write."""

from __future__ import annotations

import re
from email.header import decode_header

# Encoded words that a program broke into pieces: `=?GBK?B?…?= =?GBK?B?…?=`.
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=")
# GB2312 is what programs declare when they write GBK.
_GBK = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936"})


def decoded_name(raw: bytes) -> str:
    """Returns a name of unknown encoding; bytes that are neither UTF-8 nor GB18030 are shown as CP437 does."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def decoded_words(text: str) -> str:
    """Returns a text with its encoded words decoded; a charset that is wrong or unknown is guessed as for names."""
    if _ENCODED_WORD.search(text) is None:
        return text
    joined = re.sub(r"(\?=)\s+(=\?)", r"\1\2", text)
    # The library wants blanks around encoded words, which names in quotation marks do not have.
    spaced = _ENCODED_WORD.sub(lambda found: f" {found.group()} ", joined)
    pieces = decode_header(spaced)
    parts = [decoded_bytes(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces]
    return "".join(part if charset else part.strip() for part, (_, charset) in zip(parts, pieces, strict=True))


def decoded_bytes(raw: bytes, charset: str | None) -> str:
    """Returns bytes in a declared charset, or in the one that they are in if it is wrong or unknown."""
    declared = "gb18030" if (charset or "").lower() in _GBK else charset
    try:
        return raw.decode(declared or "ascii")
    except (LookupError, UnicodeDecodeError):
        return decoded_name(raw)
