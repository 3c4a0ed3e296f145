"""Errors of sources. Messages say what, where, expected, found and the next step, and contain no secret."""

from __future__ import annotations

import unicodedata

# Control characters, half surrogate pairs and line separators break or falsify a log, a mail or a table.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_LONGEST = 1024


class SourceError(RuntimeError):
    """A source that cannot be reached, refuses access, or violates its protocol."""

    def __init__(self, connection: str, what: str, *, next_step: str) -> None:
        super().__init__(f'connection "{connection}": {printable(what)}; {next_step}')


class DocumentError(SourceError):
    """One document that is unavailable now; the others of the same pull are not affected."""


class StillChanging(DocumentError):
    """A document that changed while it was read; it is left for the next run."""

    def __init__(self, connection: str, uri: str) -> None:
        super().__init__(connection, f"{uri} changed while it was read", next_step="the next run takes it when it is whole")


def is_printable(text: str) -> bool:
    """Returns whether a text from the other side can be stored and shown as it is."""
    return len(text) <= _LONGEST and not any(unicodedata.category(letter) in _UNPRINTABLE for letter in text)


def printable(text: str) -> str:
    """Returns a text from the other side for display: bounded, with escapes for unprintable characters."""
    if is_printable(text):
        return text
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _UNPRINTABLE else letter
        for letter in text[:_LONGEST]
    )
