"""Cleaning of cell texts: removes invisible characters and normalizes blanks and line breaks.

`INVISIBLE`, `BREAKS`, `BLANKS` and `EDGES` are contents of regular-expression character classes. `clean_text` cleans single
texts, and the reader of delimited texts cleans whole columns. Both are built from these four constants.
"""

from __future__ import annotations

import re

from loaders.characters.spreadsheet_escapes import unwrap_text_formula

INVISIBLE = "\x00\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffe\uffff"
"""Zero-width characters, direction marks, byte-order marks and NUL."""

BREAKS = "\x0b\x0c\u0085\u2028\u2029"
"""Vertical tab, form feed, next line, line separator and paragraph separator. Each ends a line like a line feed."""

BLANKS = "\x01-\x08\x0e-\x1f\x7f"
"""Control characters. They separate words: databases and Hive write some of them between fields."""

EDGES = " \t\r\n\u00a0\u3000\u2002\u2003\u2007\u2009\u202f"
"""Blanks that are stripped from the edges of a text."""

_CONTROL = re.compile(f"[{INVISIBLE}{BREAKS}{BLANKS}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_BREAKS = re.compile(f"[{BREAKS}]")
_BLANKS = re.compile(f"[{BLANKS}]")


def clean_text(text: str) -> str:
    """Returns the visible text: without invisible characters, without blanks at the edges, without a wrapping `="…"`.

    Words are never joined: a vertical tab or a line separator becomes a line break, a control character becomes a blank.
    """
    if text.isascii() and text.isprintable():
        bare = text.strip(" ")
        return unwrap_text_formula(bare).strip(" ") if bare[:1] == "=" else bare
    bare = _visible(text)
    return _visible(unwrap_text_formula(bare)) if bare[:1] in {"=", "＝"} else bare


def escaped(inside: str) -> str:
    """Escapes the content of a character class for Arrow's regular expressions, which reject NUL and require `\\x{200b}`."""
    return "".join("-" if character == "-" else rf"\x{{{ord(character):x}}}" for character in inside)


def _visible(text: str) -> str:
    if _CONTROL.search(text):
        text = _BLANKS.sub(" ", _BREAKS.sub("\n", _INVISIBLE.sub("", text)))
    return text.strip(EDGES)
