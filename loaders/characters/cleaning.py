"""Which characters nobody sees and which part words; a cell's text without the first, and with a blank or a break for the second.

`INVISIBLE`, `BREAKS`, `BLANKS` and `EDGES` are the insides of character classes. Texts are cleaned one by one here and by whole
columns in the reader of delimited texts; both are made from these four.
"""

from __future__ import annotations

import re

from loaders.characters.spreadsheet_escapes import unwrap_text_formula

INVISIBLE = "\x00\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffe\uffff"
"""Zero-width characters, marks of direction and byte order, NUL."""

BREAKS = "\x0b\x0c\u0085\u2028\u2029"
"""Vertical tab, form feed, next line, line and paragraph separator: each ends a line, as a line feed does."""

BLANKS = "\x01-\x08\x0e-\x1f\x7f"
"""Control characters, among them the separators that databases and Hive write between fields: they stand between words."""

EDGES = " \t\r\n\u00a0\u3000\u2002\u2003\u2007\u2009\u202f"
"""Blanks that are taken away at the edges of a text."""

_CONTROL = re.compile(f"[{INVISIBLE}{BREAKS}{BLANKS}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_BREAKS = re.compile(f"[{BREAKS}]")
_BLANKS = re.compile(f"[{BLANKS}]")


def clean_text(text: str) -> str:
    """The text as it is shown: without what cannot be seen, without blanks at the edges, without the wrapping `="…"`.

    No two words are joined: a vertical tab or a line separator is a line break, a control character a blank.
    """
    if text.isascii() and text.isprintable():
        bare = text.strip(" ")
        return unwrap_text_formula(bare).strip(" ") if bare[:1] == "=" else bare
    bare = _visible(text)
    return _visible(unwrap_text_formula(bare)) if bare[:1] in {"=", "＝"} else bare


def escaped(inside: str) -> str:
    """The inside of a character class for Arrow's regular expressions, which take no NUL and want `\\x{200b}`."""
    return "".join("-" if character == "-" else rf"\x{{{ord(character):x}}}" for character in inside)


def _visible(text: str) -> str:
    if _CONTROL.search(text):
        text = _BLANKS.sub(" ", _BREAKS.sub("\n", _INVISIBLE.sub("", text)))
    return text.strip(EDGES)
