"""Tokens of a format code: digit placeholders, literals, date parts and settings in brackets.

Codes follow ECMA-376 Part 1, 18.8.31. Chinese Excel and WPS also write `!` in place of a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class TokenKind(StrEnum):
    """Kind of a token."""

    LITERAL = "literal"
    BLANK = "blank"
    FILL = "fill"
    BRACKET = "bracket"
    DIGIT = "digit"
    POINT = "point"
    COMMA = "comma"
    PERCENT = "percent"
    EXPONENT = "exponent"
    SLASH = "slash"
    TEXT = "text"
    GENERAL = "general"
    DATE_PART = "moment"
    HALF_DAY = "half_day"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """Token: `text` is what it shows (a literal), or its letters in the code (`yyyy`, `E+`, `0`)."""

    kind: TokenKind
    text: str


# `#,##0.00"元";[Red]-0`
_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | [\\!](?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>general|standard|g/通用格式|通用格式)
    | (?P<half_day>am/pm|a/p|上午/下午)
    | (?<=[0#?.,])(?P<exponent>e[+-])(?=[0#?])
    | (?P<moment>y+|m+|d+|h+|s+|e+|g+|aaaa?|bb+|nn+|q+|ww)
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<end>;)
    | (?P<literal>.)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_LITERALS = {"quoted", "escaped", "literal"}


def tokens_of(code: str) -> Iterator[Token]:
    """Yields the tokens of a code from left to right."""
    for match in _TOKEN.finditer(code):
        name = match.lastgroup or "literal"
        text = match[name]
        if name in _LITERALS:
            yield Token(TokenKind.LITERAL, text)
        elif name in {"moment", "half_day", "exponent"}:
            yield Token(TokenKind(name), text.lower())
        else:
            yield Token(TokenKind(name), text)
