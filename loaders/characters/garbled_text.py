"""Garbled text: detects texts that were decoded in a wrong encoding, lost characters, or contain private-use characters.

Correct Chinese text is never reported. A text counts as wrongly decoded only if its bytes are common Chinese in the other
encoding, which the bytes of correct text are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from loaders.characters.gb18030 import modernize


class GarblingKind(StrEnum):
    """Cause of garbled text."""

    PRIVATE_USE = "private"
    WRONG_ENCODING = "misread"
    LOST_CHARACTERS = "lost"


@dataclass(frozen=True, slots=True)
class GarbledText:
    """Garbled text: its kind, the affected characters, and the likely original if it can be computed."""

    kind: GarblingKind
    affected_characters: str
    likely_original: str | None = None


# cp1252 characters of the bytes 80-9F: € ‚ ƒ „ … † ‡ ˆ ‰ Š ‹ Œ Ž ‘ ’ “ ” • – — ˜ ™ š › œ ž Ÿ
_CP1252 = {bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}}
_USUAL_IN_CHINESE = frozenset("“”‘’—–…·•°±×÷§™€‰")
_HIGH = "\u0080-\u00ff" + "".join(_CP1252)
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_LOST = "\ufffd|锟斤拷|烫烫烫|屯屯屯|[?]{4}|^[?]{2,}$"


def _of_gbk(leads: range, trails: range) -> str:
    pairs = (bytes([lead, trail]) for lead in leads for trail in trails if trail != 0x7F)
    return "".join(pair.decode("gb18030") for pair in pairs)


# The first four UTF-8 bytes of two Chinese characters, decoded as two characters of GBK: 惠州 becomes 鎯犲窞.
_UTF8_AS_GBK = (
    f"[鈥銆锛锝{_of_gbk(range(0xE4, 0xEA), range(0x80, 0xC0))}]"
    f"[{''.join(_of_gbk(range(0x81, 0xC0), range(lead, lead + 1)) for lead in (0xE2, 0xE3, *range(0xE4, 0xEA), 0xEF))}]"
)
SUSPICIOUS = "|".join(
    (
        f"[{_PRIVATE}]",
        _LOST,
        f"[\u00c2-\u00f4][{_HIGH}]",  # æƒ of æƒ å·ž, Â· of a dot
        "[\u00b0-\u00f7][\u00a1-\u00fe][\u00b0-\u00f7][\u00a1-\u00fe]",  # »ÝÖÝ, which is 惠州 in GBK
        _UTF8_AS_GBK,
    )
)
"""Prefilter in a syntax that every engine supports: matches a superset of garbled texts."""

# Private-use characters that programs write for the symbol fonts Wingdings and Symbol.
_SYMBOLS = {0xF0FC: "✓", 0xF0FB: "✗", 0xF0FE: "☑", 0xF0A8: "□", 0xF06E: "■", 0xF06C: "●", 0xF0B7: "•", 0xF0A3: "□", 0xF052: "☑"}
_PRIVATE_CHARACTER = re.compile(f"[{_PRIVATE}]")
_LOST_CHARACTER = re.compile(_LOST)
# `æƒ å·ž`, which is 惠州
_HIGH_RUN = re.compile(f"[{_HIGH}\ufffd]{{2,}}")
# `鎯犲窞`, which is 惠州
_WIDE_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_NO_BYTE = 0xFF
_MOST_COMMON_ROWS = range(16, 56)  # level 1 of GB 2312
_COMMON_ROWS = {1, 3, *range(16, 88)}


def detect_garbled_text(text: str) -> GarbledText | None:
    """Detects how a text is garbled; None for a correct text."""
    for read_again in (_utf8_read_as_gbk, _utf8_read_as_latin, _gbk_read_as_latin):
        likely_original = read_again(text)
        if likely_original is not None:
            return GarbledText(GarblingKind.WRONG_ENCODING, text, likely_original)
    private = _PRIVATE_CHARACTER.findall(text)
    if private:
        return _private(text, "".join(dict.fromkeys(private)))
    lost = _LOST_CHARACTER.search(text)
    return GarbledText(GarblingKind.LOST_CHARACTERS, lost[0]) if lost else None


def _private(text: str, characters: str) -> GarbledText:
    meant = modernize(text).translate(_SYMBOLS)
    return GarbledText(GarblingKind.PRIVATE_USE, characters, None if _PRIVATE_CHARACTER.search(meant) else meant)


def _utf8_read_as_gbk(text: str) -> str | None:
    """Restores a text whose UTF-8 bytes were decoded as GBK; None for other texts. An odd byte at the end may be lost."""
    read = {run: list(_utf8_pieces(_gbk_bytes(run))) for run in _WIDE_RUN.findall(text)}
    pieces = [piece for run in read.values() for piece in run]
    good = "".join(piece for piece in pieces if piece and _is_chinese(piece))
    broken = len(pieces) - len(good)
    # About one in a million correct texts of common characters looks like this by chance, and is then two characters long.
    is_sure = not _are_common("".join(read)) or len(good) > 2 or (not broken and _are_common(good, most_common=True))
    if len(good) < 2 or broken > len(read) or not is_sure or not _are_mostly_common(good):
        return None
    return _WIDE_RUN.sub(lambda match: _joined(read[match[0]]), text)


def _utf8_read_as_latin(text: str) -> str | None:
    read = {run: list(_utf8_pieces(_latin_bytes(run))) for run in _HIGH_RUN.findall(text)}
    pieces = [piece for run in read.values() for piece in run]
    good = [piece for piece in pieces if piece and (_is_chinese(piece) or "\u00a0" <= piece <= "\u00ff")]
    # A single character may be chance: é”… closes a quotation.
    is_sure = len(good) > 1 or any(run[0] in "ÂÃ" or not _USUAL_IN_CHINESE.issuperset(run[1:]) for run in read)
    if not good or not is_sure or len(good) * 2 < len(pieces):
        return None
    return _HIGH_RUN.sub(lambda match: _joined(read[match[0]]), text)


def _gbk_read_as_latin(text: str) -> str | None:
    """Restores a text whose GBK bytes were decoded as Latin letters; None for other texts, single characters and signs alone."""
    read = {run: bytes(map(ord, run)).decode("gb2312", "ignore") for run in _HIGH_RUN.findall(text) if max(run) <= "\u00ff"}
    letters = {character for run in read for character in run if character >= "\u00c0" and character not in "×÷"}
    meant = "".join(read.values())
    is_whole = sum(map(len, read)) == 2 * len(meant) and all(map(_is_chinese, meant))
    if len(meant) < 2 or len(letters) < 2 or not is_whole or len(set("".join(read))) < 3:
        return None
    return _HIGH_RUN.sub(lambda match: read.get(match[0], match[0]), text)


def _utf8_pieces(content: bytes) -> Iterator[str | None]:
    """Yields each UTF-8 character of the bytes, and None for each run of bytes that forms none."""
    place = 0
    is_broken = False
    while place < len(content):
        piece = _utf8_character(content[place : place + 4])
        if piece is None and not is_broken:
            yield None
        elif piece is not None:
            yield piece
        is_broken = piece is None
        place += len(piece.encode()) if piece else 1


def _utf8_character(content: bytes) -> str | None:
    """Decodes the UTF-8 character with which the bytes begin."""
    lead = content[0]
    length = 1 if lead < 0x80 else 2 if 0xC2 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4 if 0xF0 <= lead < 0xF5 else 0
    try:
        return content[:length].decode() or None
    except UnicodeDecodeError:
        return None


def _latin_bytes(run: str) -> bytes:
    return bytes(_CP1252.get(character, ord(character) if character <= "\u00ff" else _NO_BYTE) for character in run)


def _gbk_bytes(run: str) -> bytes:
    return run.replace("\ufffd", "").encode("gb18030", errors="ignore")


def _is_chinese(character: str) -> bool:
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3000" <= character <= "\u303f"
        or character in "“”‘’—…·"
        or "！" <= character <= "～"
    )


def _are_common(text: str, *, most_common: bool = False) -> bool:
    """Checks whether all characters are Chinese characters or punctuation of GB 2312, which nearly all texts use."""
    return all(_row_of(character) in (_MOST_COMMON_ROWS if most_common else _COMMON_ROWS) for character in text)


def _are_mostly_common(text: str) -> bool:
    return sum(_row_of(character) in _COMMON_ROWS for character in text) >= 0.6 * len(text)


def _row_of(character: str) -> int:
    """Returns the row of GB 2312 that contains a character; 0 for other characters."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return 0
    return code[0] - 0xA0 if len(code) == 2 else 0


def _joined(pieces: list[str | None]) -> str:
    """Joins the restored characters, with `…` for missing bytes."""
    return "".join(piece or "…" for piece in pieces)
