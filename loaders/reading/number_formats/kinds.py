"""What a number format says of a cell: plain number, percent, date, datetime, time or length of time.

Formats 27-36 and 50-58 are dates and times in Chinese workbooks (ECMA-376 Part 1, 18.8.30, zh-CN); no file spells them out.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class FormatKind(StrEnum):
    """The families of number formats that change what a number means."""

    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    ZERO_PADDED = "zero_padded"


_BUILT_IN = (
    dict.fromkeys((9, 10), FormatKind.PERCENT)
    | dict.fromkeys((14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), FormatKind.DATE)
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), FormatKind.TIME)
    | {22: FormatKind.DATETIME, 46: FormatKind.DURATION}
)
_LITERALS = re.compile(r'"[^"]*"?|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_HALF_DAY = re.compile(r"am/pm|a/p|上午/下午", re.IGNORECASE)


@lru_cache(maxsize=4096)
def kind_of_format(number: int, code: str | None) -> FormatKind:
    """The kind of the format with this number; `code` is its text when the file spells it out."""
    if code is None:
        return _BUILT_IN.get(number, FormatKind.NUMBER)
    section = _LITERALS.sub("", code).split(";")[0]
    if _ELAPSED.search(section):
        return FormatKind.DURATION
    bare = _HALF_DAY.sub("h", _BRACKETS.sub("", section)).lower()
    if "general" in bare or "e+" in bare or "e-" in bare:
        return FormatKind.PERCENT if "%" in bare else FormatKind.NUMBER
    return _kind_of_letters(bare)


def _kind_of_letters(bare: str) -> FormatKind:
    clock = "h" in bare or "s" in bare
    if any(mark in bare for mark in ("y", "d", "e", "aaa")) or (not clock and "m" in bare):
        return FormatKind.DATETIME if clock else FormatKind.DATE
    if clock:
        return FormatKind.TIME
    if "%" in bare:
        return FormatKind.PERCENT
    return FormatKind.ZERO_PADDED if re.fullmatch(r"0{2,}", bare) else FormatKind.NUMBER
