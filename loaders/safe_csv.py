"""Texts that a spreadsheet may open, kept from being run as formulas.

Shared module: whatever writes a CSV or a workbook for people passes each text through `escape_formula`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

# Full-width and small forms count too: a Chinese Excel takes ＝ for =. | and % begin commands of old exchange protocols.
_BEGINS_FORMULA = frozenset("=+-@|%")
_BREAKS = frozenset("\t\r\n")
# What a spreadsheet skips before it looks for a formula: blanks of any width, byte-order marks, characters without a shape.
_SKIPPED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_NUMBER = re.compile(r" *[+-]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?%? *", re.ASCII)
# As a number it would lose its plus, and be shown as 8.61E+12.
_TELEPHONE = re.compile(r" *\+\d{11,} *", re.ASCII)


def escape_formula(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet could take it for a formula; a number stays as it is."""
    return f"'{text}" if _may_be_formula(text) else text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as a CSV that any spreadsheet opens: texts guarded, and a byte-order mark, without which it is taken for GBK."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([escape_formula(cell) for cell in row] for row in (headings, *rows))
    return out.getvalue().encode("utf-8-sig")


def _may_be_formula(text: str) -> bool:
    if not text or text[0].isalnum():
        return False
    if text[0] in _BREAKS:
        return True
    first = next((letter for letter in text if unicodedata.category(letter) not in _SKIPPED), "")
    if unicodedata.normalize("NFKC", first) not in _BEGINS_FORMULA:
        return False
    return _NUMBER.fullmatch(text) is None or _TELEPHONE.fullmatch(text) is not None
