"""Quotation marks in delimited texts: finds stray marks, and splits records with stray marks without losing them.

A CSV parser drops the marks of `"abc"def` and returns abcdef. A mark inside an unquoted field (`5" pipe`) is kept.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

_MARK = ord('"')
_LINE_FEED, _RETURN = 10, 13


class QuoteScan:
    """Scan for stray quotation marks: marks that neither begin or end a field nor are doubled in a quoted field.

    In a text without stray marks, the first mark of each pair follows a delimiter or line end, and a delimiter or line end
    follows the second one. Of a doubled mark, one closes a pair and the other opens the next.
    """

    def __init__(self, delimiter: str) -> None:
        before, after = delimiter.encode()[-1], delimiter.encode()[0]
        self._before = np.array([before, _LINE_FEED, _RETURN, _MARK], np.uint8)
        self._after = np.array([after, _LINE_FEED, _RETURN, _MARK], np.uint8)
        self._last = _LINE_FEED
        self._is_open = False
        self.has_stray_quotes = False

    def feed(self, block: bytes) -> None:
        """Scans the next block."""
        if self.has_stray_quotes or not block:
            return
        if self._last == _MARK and not self._is_open and block[0] not in self._after:
            self.has_stray_quotes = True
        if b'"' in block:
            self._scan_marks(np.frombuffer(block, np.uint8))
        self._last = block[-1]

    def close(self) -> None:
        """Checks for a mark that is open at the end."""
        self.has_stray_quotes = self.has_stray_quotes or self._is_open

    def _scan_marks(self, content: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        places = np.flatnonzero(content == _MARK)
        opening, closing = (places[1::2], places[::2]) if self._is_open else (places[::2], places[1::2])
        before = np.where(opening, content[opening - 1], self._last)
        after = content[closing[closing < len(content) - 1] + 1]
        self._is_open ^= bool(len(places) % 2)
        self.has_stray_quotes = not (np.isin(before, self._before).all() and np.isin(after, self._after).all())


class RawFields(list[str]):
    """Fields of a record with stray marks, each mark kept.

    `raw` is the record as written, `parsed` the result of the CSV parser. `is_unclosed`: the last quotation mark opens a value
    that never ends.
    """

    def __init__(self, fields: list[str], raw: str, parsed: list[str], *, is_unclosed: bool) -> None:
        super().__init__(fields)
        self.raw = raw
        self.parsed = parsed
        self.is_unclosed = is_unclosed


def verified_fields(raw: str, parsed: list[str], delimiter: str) -> list[str]:
    """Returns the parsed fields of a record, or `RawFields` if the parser dropped or may have moved a mark."""
    if '"' not in raw:
        return parsed
    raw = raw.removesuffix("\n").removesuffix("\r")
    fields, stray = raw_fields(raw, delimiter)
    return RawFields(fields, raw, parsed, is_unclosed=any(map(_OPEN.match, stray))) if stray else parsed


def raw_fields(text: str, delimiter: str) -> tuple[list[str], list[str]]:
    """Splits a record and leaves fields with stray marks unparsed.

    Also returns, for each of these fields, the text from its start to the end of the record.
    """
    quoted = _quoted(delimiter)
    fields: list[str] = []
    stray: list[str] = []
    place = 0
    while True:
        match = quoted.match(text, place)
        end = match.end() if match else text.find(delimiter, place)
        end = len(text) if end < 0 else end
        if match is None and text.startswith('"', place):
            stray.append(text[place:])
        fields.append(match[1].replace('""', '"') if match else text[place:end])
        if end >= len(text):
            return fields, stray
        place = end + len(delimiter)


# `"abc`, whose mark is never closed
_OPEN = re.compile(r'"(?:[^"]|"")*+\Z')


@lru_cache(maxsize=16)
def _quoted(delimiter: str) -> re.Pattern[str]:
    """Builds the pattern of a correctly quoted field with optional trailing blanks: `"a,b" `."""
    return re.compile(rf'"((?:[^"]|"")*+)"[ \t]*+(?={re.escape(delimiter)}|\Z)')


def may_be_several_rows(fields: list[str], delimiter: str, width: int) -> bool:
    """Checks whether a multi-line record would be as many whole rows if the marks around its multi-line value were stray.

    Each line then has as many delimiters as a row, and begins like the first line.
    """
    long = [place for place, text in enumerate(fields) if "\n" in text]
    if len(long) != 1 or len(fields) != width or width < 2:
        return False
    first, *others = fields[long[0]].split("\n")
    counts = [line.count(delimiter) for line in (first, *others)]
    counts[0] += long[0]
    counts[-1] += width - 1 - long[0]
    head = fields[0].partition(delimiter)[0]
    return set(counts) == {width - 1} and all(_have_similar_starts(head, line.partition(delimiter)[0]) for line in others)


def _have_similar_starts(head: str, other: str) -> bool:
    """Checks whether two first fields begin with the same kind of character: a digit, other ASCII, or beyond ASCII."""
    kinds = {(text[:1].isascii(), text[:1].isdigit()) for text in (head.strip(), other.strip()) if text}
    return len(kinds) == 1 and bool(other.strip()) and ":" not in other and "：" not in other
