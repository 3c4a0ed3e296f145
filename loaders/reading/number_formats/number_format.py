"""One number format as the readers carry it: its kind and its code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from loaders.reading.number_formats.kinds import FormatKind, kind_of_format


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A number format: `kind` says how its numbers are read, `code` how they are shown (None: General, or not known)."""

    kind: FormatKind = FormatKind.NUMBER
    code: str | None = None


GENERAL = NumberFormat()


@lru_cache(maxsize=4096)
def number_format(number: int, code: str | None) -> NumberFormat:
    """The format with this number; `code` is its text when the file spells it out."""
    return NumberFormat(kind_of_format(number, code), code)
