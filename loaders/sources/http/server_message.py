"""What a server says of an error, as it may be shown."""

from __future__ import annotations

import re

# The server's error text may be shown, but no number that could be a person's: `13800138000`, `44130219900101123X`.
_LONG_NUMBER = re.compile(r"\d{5,}[\dXx]?")
_MAX_CHARACTERS = 120


def shown_message(text: str) -> str:
    """Returns the first part of a server's message, without long numbers."""
    return _LONG_NUMBER.sub("…", text[:_MAX_CHARACTERS])
