"""Numbers as Chinese reports write them: `1,945.81万元`, `198件`, `二千八百`, `(1,234)`, `约120`, `12.5%`.

Neutral room: pure functions over text, imports nothing of ours. What stands for "none" (`—`, `无`) is no number here: the
contract's null tokens say what it means.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_MULTIPLIERS = {
    "": Decimal(1),
    "十": Decimal(10),
    "百": Decimal(100),
    "千": Decimal(1_000),
    "万": Decimal(10_000),
    "十万": Decimal(100_000),
    "百万": Decimal(1_000_000),
    "千万": Decimal(10_000_000),
    "亿": Decimal(100_000_000),
    "万亿": Decimal(1_000_000_000_000),
}
_DIGITS = {"〇": 0, "零": 0, "两": 2} | {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_DIGITS |= {digit: value for value, digit in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}

_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_NUMBER = re.compile(
    r"(?P<before>约|近|大约|超过|超|逾|共|计)?"
    r"(?P<sign>[-+])?[¥￥]?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<exponent>E[+-]?\d{1,3})?"
    r"(?P<qualifier>多|余|来)?(?P<multiplier>(?:[十百千]?万|万亿|亿|[十百千])(?![分度]))?(?P<after>多|余|左右|以上)?"
    r"(?P<unit>%|‰|[^\W\d_][^\d]{0,7})?\Z"
)
_NUMERAL = re.compile(
    r"(?P<before>约|近|大约|超过|超|逾|共|计)?(?P<sign>负)?"
    r"(?P<number>[〇零两一二三四五六七八九壹贰叁肆伍陆柒捌玖十百千万萬亿拾佰仟]+)(?P<after>多|余|左右|以上)?(?P<unit>[^\W\d_][^\d]{0,7})?\Z"
)
_BRACKETED = re.compile(r"\((.+)\)(.*)\Z")
_EXACT_WORDS = {"共", "计", ""}
_PARTS = {"%": Decimal("0.01"), "‰": Decimal("0.001")}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what stood around it.

    `value` has the multiplier in it (`3.5万` is 35000; `12.5%` is 0.125). `unit` is what is left of the text (`元` of `万元`).
    `qualifier` is the word that makes it inexact (`约`, `近`, `多`, `余`). `multiplier` tells that the cell named its own
    magnitude, so that a magnitude in the header does not apply to it.
    """

    value: Decimal
    unit: str | None = None
    qualifier: str | None = None
    multiplier: Decimal = Decimal(1)


def parse_quantity(text: str) -> Quantity:
    """Read a number from a cell's text.

    Raises:
        ValueError: the text is no number, or more than one.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("，", ",").upper()
    bracketed = _BRACKETED.match(plain)
    if bracketed is not None:
        inner = parse_quantity(bracketed[1] + bracketed[2])
        if inner.value < 0:
            raise ValueError(f'expected a number, found "{text}"')
        return Quantity(-inner.value, inner.unit, inner.qualifier, inner.multiplier)
    match = _NUMBER.match(plain)
    if match is not None:
        return _of_digits(match)
    match = _NUMERAL.match(plain)
    if match is not None:
        return _of_numerals(match, text)
    raise ValueError(f'expected a number, found "{text}"')


def _of_digits(match: re.Match[str]) -> Quantity:
    number = Decimal(match["number"].replace(",", "") + (match["exponent"] or ""))
    multiplier = _MULTIPLIERS[match["multiplier"] or ""]
    unit = match["unit"]
    value = number * multiplier * _PARTS.get(unit or "", Decimal(1))
    return Quantity(-value if match["sign"] == "-" else value, unit, _qualifier(match), multiplier)


def _of_numerals(match: re.Match[str], text: str) -> Quantity:
    value = Decimal(parse_numeral(match["number"], text))
    return Quantity(-value if match["sign"] else value, match["unit"], _qualifier(match))


def _qualifier(match: re.Match[str]) -> str | None:
    words = match.groupdict()
    before = words["before"] or ""
    return words.get("qualifier") or words["after"] or (None if before in _EXACT_WORDS else before)


def parse_numeral(numeral: str, text: str | None = None) -> int:
    """The value of a Chinese numeral: `二千八百` -> 2800, `一万零五十` -> 10050, `二〇二三` -> 2023.

    Raises:
        ValueError: the characters make no number.
    """
    if len(numeral) > 1 and all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = section = digit = 0
    for character in numeral:
        if character in _DIGITS:
            if digit:
                raise ValueError(f'expected a number, found "{text or numeral}"')
            digit = _DIGITS[character]
        elif character in _SMALL:
            section += (digit or 1) * _SMALL[character]
            digit = 0
        else:
            total = (total + section + digit or 1) * _LARGE[character]
            section = digit = 0
    return total + section + digit
