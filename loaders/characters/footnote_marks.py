"""Footnote marks beside a value: superscripts, circled numbers, footnote signs (`4①`, `5²`, `12†`, `3（注1）`).

Unicode's compatibility normalization (NFKC) turns many of them into plain digits, so that `4①` becomes 41. This module normalizes
as NFKC does, but keeps the marks.
"""

from __future__ import annotations

import re
import unicodedata

SUPERSCRIPT_DIGITS = "⁰¹²³⁴-⁹"
SUBSCRIPT_DIGITS = "₀-₉"
CIRCLED = "①-⑳⓪-⓿㉑-㉟㊱-㊿❶-➓⑴-⒇㈠-㈩㊀-㊉⒜-ⓩ"
_LISTED = "⒈-⒛\U0001f100-\U0001f10c"
_LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_SIGNS = "†‡§※"
_SUPERSCRIPT_SIGNS = "⁺-ⁿⁱ"
_SUBSCRIPT_SIGNS = "₊-₎"
_FRACTIONS = "¼-¾⅐-⅟↉"
_ANNOTATIONS = "㆒-㆟"
FOOTNOTE_MARKS = (
    f"{SUPERSCRIPT_DIGITS}{_SUPERSCRIPT_SIGNS}{_LETTERS}{SUBSCRIPT_DIGITS}{_SUBSCRIPT_SIGNS}"
    f"{CIRCLED}{_LISTED}{_FRACTIONS}{_ANNOTATIONS}"
)
"""Characters that `nfkc_keeping_marks` keeps, as the content of a regular-expression character class."""

_KEPT = re.compile(
    f"[{FOOTNOTE_MARKS}]"
    # `4㋀` shows two values. After a digit, telegraph symbols of months, hours and days must not become part of the number.
    "|(?<=[0-9０-９])[㋀-㋋㍘-㍰㏠-㏾]"
)
# `m²`, `公里²`
_POWER_OF_UNIT = re.compile(r"(?<![A-Za-z])([kKcCdDmM]?[mM]|[㎞㎝㎜]|米|公里|千米)([²³])(?![²³])")
_POWERS = {"²": "2", "³": "3"}

_NOTE = rf"(?:见|详见)?附?注[:：]?(?:\d{{1,2}}|[{CIRCLED}{SUPERSCRIPT_DIGITS}]{{1,2}})"
_ONE_MARK = (
    rf"[{CIRCLED}{_SIGNS}{_LETTERS}]"
    rf"|[\[［(（]?⁽?[{SUPERSCRIPT_DIGITS}]{{1,2}}⁾?[\]］)）]?"
    rf"|[\[［【〔]注?\d{{1,2}}[\]］】〕]"
    rf"|[(（](?:[{CIRCLED}{_SIGNS}*＊]|{_NOTE}|(?:见|详见)?附?注)[)）]"
    rf"|{_NOTE}"
)
# `4①`, `5²`, `3（注1）`, `2*`
_WITH_FOOTNOTE_MARK = re.compile(
    rf"(?P<base>.*?[^\s,，、{_SUPERSCRIPT_SIGNS}{_SUBSCRIPT_SIGNS}])"
    rf"(?P<mark>\s*(?:{_ONE_MARK})(?:[\s,，、]*(?:{_ONE_MARK}))*[*＊]?|(?<![*＊])\s*[*＊])\Z",
    re.DOTALL,
)
FOOTNOTE_MARK_AT_END = rf"(?:{_ONE_MARK})$"
"""Prefilter in a syntax that every engine supports: matches a superset of what `split_footnote_mark` splits, except `*`."""

SUPERSCRIPT_AT_END = rf"[{SUPERSCRIPT_DIGITS}{_LETTERS}]⁾?[\]］)）]?$"
"""Prefilter: matches a superset of what `split_superscript` splits."""

_LAST_OF_MARK = re.compile(rf"[{CIRCLED}{SUPERSCRIPT_DIGITS}⁾{_LETTERS}{_SIGNS}*＊\])）］】〕0-9０-９]\Z")
# `10`, `2×`: a superscript after it is an exponent. Not `2000-01-10`.
_EXPONENT = re.compile(r"(?:(?<!\d)(?<!\d[-/.])10|[×xX^])\s*\Z")
# `惠城区¹`, `合计（¹）`
_SUPERSCRIPT_TAIL = re.compile(
    r"(?P<base>.*?[\u3400-\u9fff0-9０-９)）\]】》”\"])\s*"
    rf"(?P<mark>(?:注|[\[［(（])?⁽?[{SUPERSCRIPT_DIGITS}{_LETTERS}](?:[{SUPERSCRIPT_DIGITS},，、]*[{SUPERSCRIPT_DIGITS}])?⁾?[\]］)）]?)\Z",
    re.DOTALL,
)
_MAX_CHARS = 200
_TO_SUPERSCRIPT = str.maketrans("0123456789０１２３４５６７８９+-=()（）", "⁰¹²³⁴⁵⁶⁷⁸⁹⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁽⁾")
_TO_SUBSCRIPT = str.maketrans("0123456789０１２３４５６７８９+-=()（）", "₀₁₂₃₄₅₆₇₈₉₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₍₎")
_SUPERSCRIPT_LETTERS = dict(zip("abcdefghjklmoprstuvwxyz", _LETTERS, strict=True))


def nfkc_keeping_marks(text: str) -> str:
    """Applies NFKC but keeps footnote marks: `１２㎡` is `12m2`, `4①` stays `4①`. A power of a unit (`m²`) is no mark."""
    if text.isascii():
        return text
    if not _KEPT.search(text):
        return unicodedata.normalize("NFKC", text)
    text = expand_unit_powers(text)
    pieces, end = [], 0
    for match in _KEPT.finditer(text):
        pieces += [unicodedata.normalize("NFKC", text[end : match.start()]), match[0]]
        end = match.end()
    return "".join(pieces) + unicodedata.normalize("NFKC", text[end:])


def nfkc(text: str) -> str:
    """Applies NFKC, footnote marks included: for words of a form, in which `⑴` equals `(1)`."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def expand_unit_powers(text: str) -> str:
    """Replaces powers of units by digits: `m²` is `m2`."""
    return _POWER_OF_UNIT.sub(lambda match: match[1] + _POWERS[match[2]], text)


def split_footnote_mark(text: str) -> tuple[str, str] | None:
    """Splits a value and the footnote mark after it: `4①` is (`4`, `①`). Returns None if there is no unambiguous mark.

    Ambiguous are a superscript after the base of a power (`10³`), a mark before the value, several stars (`1**` may mask digits)
    and a bracketed number (`4（1）`).
    """
    if len(text) > _MAX_CHARS or not _LAST_OF_MARK.search(text):
        return None
    match = _WITH_FOOTNOTE_MARK.match(expand_unit_powers(text))
    if match is None or (match["mark"].strip()[:1] in "⁽⁰¹²³⁴⁵⁶⁷⁸⁹" and _EXPONENT.search(match["base"])):
        return None
    return match["base"].rstrip(), match["mark"].strip()


def split_superscript(text: str) -> tuple[str, str] | None:
    """Splits a name and the superscript after it: `惠城区¹` is (`惠城区`, `¹`).

    Powers of units and letters (`米²`, `E²`) do not count.
    """
    match = _SUPERSCRIPT_TAIL.match(expand_unit_powers(text)) if len(text) <= _MAX_CHARS else None
    return None if match is None else (match["base"], match["mark"])


def to_superscript(text: str) -> str:
    """Writes a text in superscript characters: digits, signs, and a single letter."""
    return _SUPERSCRIPT_LETTERS.get(text.strip()) or text.translate(_TO_SUPERSCRIPT)


def to_subscript(text: str) -> str:
    """Writes a text in subscript characters."""
    return text.translate(_TO_SUBSCRIPT)
