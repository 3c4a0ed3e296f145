"""The text of a query in a contract: one SELECT, with values that are bound when it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SINCE = "since"
PERIOD_VALUES = frozenset({"period", "period_start", "period_end", "next_period_start"})
BOUND_VALUES = PERIOD_VALUES | {SINCE}

_TOKEN = re.compile(
    r"""
      (?P<string>'(?:[^']|'')*')                            # 'it''s 10:30'
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\[\]]*\])  # "报告期", `Order`, [Order Date]
    | (?P<comment>--|/\*|\#)
    | (?P<cast>::)                                          # a::date
    | (?P<value>:[^\W\d]\w*)                                # :period_start
    | (?P<word>[^\W\d][\w$\#]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGINNINGS = frozenset({"select", "with"})
# `for update` and `select … into` are refused by their words. A column of such a name is written in quotation marks.
_CHANGES_ROWS = frozenset({"delete", "insert", "into", "lock", "merge", "truncate", "update"})
_CHANGES_OTHERS = frozenset({"alter", "begin", "call", "create", "declare", "drop", "exec", "execute", "grant", "revoke"})
_NOT_IN_A_SELECT = _CHANGES_ROWS | _CHANGES_OTHERS


class Token(NamedTuple):
    """A part of a query: `kind` is the name of a group of the pattern."""

    kind: str
    text: str


def tokens(query: str) -> Iterator[Token]:
    """Returns the parts of a query, which together are the whole text."""
    for match in _TOKEN.finditer(query):
        yield Token(match.lastgroup or "other", match[0])


def bound_values(query: str) -> frozenset[str]:
    """Returns the names of the values that a query asks for: `where 日期 >= :period_start` gives `period_start`."""
    return frozenset(token.text[1:] for token in tokens(query) if token.kind == "value")


def query_errors(query: str) -> Iterator[str]:
    """Returns why a text is not one SELECT that can stand in parentheses."""
    parts = [token for token in tokens(query) if not token.text.isspace()]
    words = [token.text.lower() for token in parts if token.kind == "word"]
    if not parts or parts[0].text.lower() not in _BEGINNINGS:
        yield "query must begin with SELECT (or WITH)"
    for word in dict.fromkeys(word for word in words if word in _NOT_IN_A_SELECT):
        yield f"query may only read: take out {word.upper()}, or write a column of this name in quotation marks"
    if any(token.kind == "comment" for token in parts):
        yield "query holds a comment (--, /* or #): write it in the YAML instead"
    if any(token.kind == "string" and "\\" in token.text for token in parts):
        yield "query holds a backslash in a text, which databases read differently: take it out"
    if ";" in (token.text for token in parts):
        yield "query holds a semicolon: it is one SELECT, without an end mark"
    if {"'", '"', "`"} & {token.text for token in parts}:
        yield "query holds a quotation mark that is not closed"
    if not _is_balanced(parts):
        yield "query holds parentheses that do not match"
    for name in sorted(bound_values(query) - BOUND_VALUES):
        yield f"query names :{name}, which is no value: it may name {', '.join(f':{known}' for known in sorted(BOUND_VALUES))}"


def _is_balanced(parts: list[Token]) -> bool:
    depth = 0
    for token in parts:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            return False
    return depth == 0
