"""Splits a text that is longer than a bot takes: between sections, else lines, else sentences, never inside a character."""

from __future__ import annotations

import json
from collections.abc import Iterator

# Space for "（12/34）\n" before each part, and for the reference after it.
_RESERVED_BYTES = 64
# From where a text is best cut: after a blank line, a line, a sentence, a clause.
_ENDS = ("\n\n", "\n", "。", "；", "，", " ")


def size_of(text: str) -> int:
    """Returns how many bytes a text takes in the JSON body of a request."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def split_text(text: str, limit: int) -> list[str]:
    """Splits a text into parts of at most `limit` bytes each, numbered （1/2） where there are several.

    Raises:
        ValueError: the limit leaves no room for any text.
    """
    if size_of(text) <= limit - _RESERVED_BYTES:
        return [text]
    available = limit - _RESERVED_BYTES
    if available < _RESERVED_BYTES:
        raise ValueError(f"a limit of {limit} bytes leaves no room for a text")
    parts = list(_parts(text, available))
    return [f"（{number}/{len(parts)}）\n{part}" for number, part in enumerate(parts, start=1)]


def _parts(text: str, available: int) -> Iterator[str]:
    while size_of(text) > available:
        end = _best_end(text, _longest_start(text, available))
        if part := text[:end].strip():
            yield part
        text = text[end:].lstrip("\n")
    if text.strip():
        yield text.strip("\n")


def _best_end(text: str, longest: int) -> int:
    """Returns where to cut: behind the strongest mark in the second half of what fits, else where no more fits."""
    for mark in _ENDS:
        found = text.rfind(mark, longest // 2, longest)
        if found >= 0:
            return found + len(mark)
    return longest


def _longest_start(text: str, available: int) -> int:
    """Returns how many characters from the start take at most `available` bytes."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size_of(text[:middle]) <= available else (low, middle - 1)
    return _before_joined(text, low)


def _before_joined(text: str, end: int) -> int:
    """Moves an end to before a joined character, such as an emoji with a modifier, unless nothing would be left."""
    place = end
    while 0 < place < len(text) and (text[place] in _JOINING or text[place - 1] == _JOINER):
        place -= 1
    return place or end


_JOINER = "\u200d"
_JOINING = frozenset(
    [_JOINER, *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0x300, 0x370)), *map(chr, range(0x1F3FB, 0x1F400))]
)
