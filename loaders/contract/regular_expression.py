"""Checks the regular expressions of a contract."""

from __future__ import annotations

import re
from collections.abc import Iterator


def pattern_errors(field: str, pattern: str) -> Iterator[str]:
    """Says why the value of `field` is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{field} is not a regular expression: {error}"
