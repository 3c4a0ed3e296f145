"""Text scan: one pass over the bytes of a text that finds line counts, corruption, and steps that the text does not need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from loaders.reading.text.quotes import QuoteScan

_OVERLAP = 16
_WIDE_COLON = "：".encode()
# Words of totals, by the character that they share. 共10人 and 总金额：10 are searched for at line starts only.
_TOTAL_WORDS = {
    "计".encode(): tuple(word.encode() for word in ("合计", "小计", "总计", "共计", "累计")),
    "共".encode(): tuple(word.encode() for word in ("\n共", '\n"共', "共有", "总共", "以上共", "本表共", "本次共", "本期共")),
    "总".encode(): tuple(word.encode() for word in ("\n总", '\n"总')),
}
# Lead byte -> prefixes of sequences that cleaning changes: ="; U+0085, U+00A0, U+00AD; U+180E; U+2000-206F; U+3000; U+FEFF,
# U+FFFE and a full-width equals sign. (Blanks and control characters are found separately.)
_INVISIBLE_SEQUENCES = {
    b"=": (b'="', b"=\xe2\x80\x9c", b"=\xef\xbc\x82"),
    b"\xc2": (b"\xc2\x85", b"\xc2\xa0", b"\xc2\xad"),
    b"\xe1": (b"\xe1\xa0\x8e",),
    b"\xe2": (b"\xe2\x80", b"\xe2\x81"),
    b"\xe3": (b"\xe3\x80\x80",),
    b"\xef": (b"\xef\xbb\xbf", b"\xef\xbf", b"\xef\xbc\x9d"),
}


@dataclass(slots=True)
class TextScan:
    """Results of one scan over a text.

    `lines` counts physical lines, `trailing_blank_lines` the blank ones at the end. `lone_cr` counts carriage returns without
    line feed. `quotes` are the quotation marks. `needs_cleaning`, `has_totals` and `has_labels` may be true without cause, but
    are never false without cause.
    """

    lines: int = 0
    trailing_blank_lines: int = 0
    lone_cr: int = 0
    needs_cleaning: bool = False
    has_totals: bool = False
    has_labels: bool = False
    nuls: int = 0
    first_nul_line: int = 0
    quotes: QuoteScan = field(default_factory=lambda: QuoteScan(","))
    _newlines: int = field(default=0, repr=False)
    _tail: bytes = field(default=b"", repr=False)

    def feed(self, block: bytes) -> None:
        """Scans the next block."""
        newlines = block.count(b"\n")
        returns = block.count(b"\r") if b"\r" in block else 0
        self._count_nuls(block)
        if returns:
            # A CRLF split between two blocks counts as a lone CR. That only selects the csv reader, which reads it correctly.
            self.lone_cr += returns - block.count(b"\r\n")
        if not self.needs_cleaning:
            controls = int(np.count_nonzero(np.frombuffer(block, np.uint8) < 0x20))
            self.needs_cleaning = (
                controls != newlines + returns or b" " in block or b"\x7f" in block or self._contains(block, _contains_invisible)
            )
        self.has_totals = self.has_totals or self._contains(block, _contains_total)
        self.has_labels = self.has_labels or b":" in block or _WIDE_COLON in block
        self.quotes.feed(block)
        self._newlines += newlines
        self._tail = (self._tail + block)[-4096:] if len(block) < 4096 else block[-4096:]

    def close(self) -> None:
        """Computes the line counts after the last block."""
        self.quotes.close()
        kept = self._tail.rstrip(b"\r\n")
        closing = self._tail[len(kept) :]
        self.trailing_blank_lines = max(0, closing.count(b"\n") - 1)
        self.lines = self._newlines + (0 if closing.endswith(b"\n") or not self._tail else 1)

    def _contains(self, block: bytes, contains: Callable[[bytes], bool]) -> bool:
        """Checks whether a sequence occurs in the block or across the boundary to the previous block."""
        return contains(block) or contains(self._tail[-_OVERLAP:] + block[:_OVERLAP])

    def _count_nuls(self, block: bytes) -> None:
        place = block.find(b"\0")
        if place < 0:
            return
        if not self.nuls:
            self.first_nul_line = self._newlines + block.count(b"\n", 0, place) + 1
        self.nuls += block.count(b"\0")


def _contains_invisible(block: bytes) -> bool:
    return any(lead in block and any(sequence in block for sequence in found) for lead, found in _INVISIBLE_SEQUENCES.items())


def _contains_total(block: bytes) -> bool:
    return any(character in block and any(word in block for word in words) for character, words in _TOTAL_WORDS.items())
