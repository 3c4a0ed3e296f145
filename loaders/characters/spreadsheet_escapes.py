"""Spreadsheet escapes: wrappers that exports write so that a spreadsheet keeps a text: `="0752"`, `'0752`, `` `0752 ``.

`="0752"` is a formula that shows 0752, so it always means that text. A leading quote may belong to the text (`'s-Hertogenbosch`):
whether it protects a code depends on the following characters and on the column.
"""

from __future__ import annotations

import re

# ="0752", = "07""52", =""0752"" (doubled once more by a writer of CSV), ＝“0752”, =＂0752＂
_WRAPPED = re.compile(r'[=＝]\s*(?:"((?:[^"]|"")*)"|""([^"]*)""|“([^“”]*)”|＂([^＂]*)＂)\s*\Z')
LEADING_QUOTES = "'`‘’＇｀´"
_ANY_MARK = re.compile(f'[{LEADING_QUOTES}"“”]')

# =A1+B1, =$A$1, =SUM(A1:A9), ＝-5, =1+2, ="a"&"b", ='表1'!A1, =表1!A1; not: ==, =>, =_=, =合计, =A4纸, =1楼
_REFERENCE = r"\$?[A-Za-z]{1,3}\$?\d+(?:[-+*/^&=<>:,!)%\s]|$)"
_CALL = r"[A-Za-z_][\w.]*\s*\("
_NUMBER = r"\d[\d.,]*%?\s*(?:[-+*/^&=<>)]|$)"
_SHEET = r"(?:'[^']+'|[^\s=!'\"]+)!\$?[A-Za-z]"
FORMULA = rf"^[=＝]\s*[-+({{@]*\s*(?:{_REFERENCE}|{_CALL}|{_NUMBER}|{_SHEET}|\"|“)"
"""Matches a text that is a formula and no value, in a syntax that Arrow supports, too."""

_FORMULA = re.compile(FORMULA, re.ASCII)
_CODE = re.compile(r"[0-9A-Z](?:[0-9A-Za-z_./#()-]*[0-9A-Za-z)])?\Z")  # JZ2305003, 0752-2888888, A1.2/3
# `JZ2305003`, `4413-0001`
_LONG_CODE = re.compile(r"(?=(?:[^0-9]*[0-9]){4})[0-9A-Z](?:[0-9A-Z_./-]*[0-9A-Z])?\Z")


def unwrap_text_formula(text: str) -> str:
    """Unwraps the text of `="…"`. Returns any other text unchanged."""
    match = _WRAPPED.match(text)
    if match is None:
        return text
    once, twice, curly, wide = match.groups()
    if once is not None:
        return once.replace('""', '"')
    return twice or curly or wide or ""


def is_formula(text: str) -> bool:
    """Checks whether a text is a formula, which is no value: `=A1+B1`, `=HYPERLINK("x","y")`."""
    return _FORMULA.match(text) is not None


def strip_leading_quote(text: str) -> str | None:
    """Returns the text after a single leading quote; None if there is none, or if other quotes show that it opens a quotation."""
    if text[:1] not in LEADING_QUOTES or not text:
        return None
    rest = text[1:].lstrip()
    inner = unwrap_text_formula(rest)
    if inner != rest:
        return inner.strip()
    return rest if rest and not _ANY_MARK.search(rest) else None


def is_code(text: str) -> bool:
    """Checks whether a text looks like a code or a number: `JZ2305003`, `0752-2888888`, `ABC`."""
    return _CODE.match(text) is not None and (any(character.isdigit() for character in text) or text.isupper())


def is_long_code(text: str) -> bool:
    """Checks whether a text is almost certainly a code: capitals and at least four digits."""
    return _LONG_CODE.match(text) is not None
