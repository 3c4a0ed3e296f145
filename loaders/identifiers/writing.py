"""The one writing of an identifier: whatever the keyboard or the spreadsheet made of it."""

from __future__ import annotations

import re
import unicodedata

_EDGES = "'\"‘’`"
_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")


def compact(text: str) -> str:
    """NFKC, upper case, without blanks (also invisible ones) and without the apostrophe that spreadsheets lead with."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).strip(_EDGES).upper()
