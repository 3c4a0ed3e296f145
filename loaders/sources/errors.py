"""What can go wrong with a source. Messages say what, where, expected, found and the next step, and hold no secret."""

from __future__ import annotations

import unicodedata

# Controls, halves of characters, separators of lines: what a log, a mail or a table would choke on or be fooled by.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_LONGEST = 1024


class SourceError(RuntimeError):
    """A source cannot be reached, refuses us, or does not keep its protocol."""

    def __init__(self, connection: str, what: str, *, next_step: str) -> None:
        super().__init__(f'connection "{connection}": {printable(what)}; {next_step}')


class DocumentError(SourceError):
    """One document cannot be had now; the others of the same pull can."""


class StillChanging(DocumentError):
    """A document changed while it was read; it is left for the next run."""

    def __init__(self, connection: str, uri: str) -> None:
        super().__init__(connection, f"{uri} changed while it was read", next_step="the next run takes it when it is whole")


def is_printable(text: str) -> bool:
    """Whether a text from the other side can be kept and shown as it is."""
    return len(text) <= _LONGEST and not any(unicodedata.category(letter) in _UNPRINTABLE for letter in text)


def printable(text: str) -> str:
    """A text from the other side as it can be shown: bounded, with escapes for what cannot be printed."""
    if is_printable(text):
        return text
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _UNPRINTABLE else letter
        for letter in text[:_LONGEST]
    )
