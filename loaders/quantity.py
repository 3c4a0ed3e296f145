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
    "十亿": Decimal(1_000_000_000),
    "百亿": Decimal(10_000_000_000),
    "千亿": Decimal(100_000_000_000),
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
    r"(?P<qualifier>多|余|来)?(?P<multiplier>(?:万亿|[十百千]?[万亿]|[十百千])(?![分度万亿]))?(?P<after>多|余|左右|以上)?"
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
        ValueError: the characters make no number, or one that is read in two ways (`二百五`: 250 in speech, 205 by rule).
    """
    if len(numeral) > 1 and all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    try:
        return _Numeral().read(numeral)
    except _NoNumeral:
        raise ValueError(f'expected a number, found "{text or numeral}"') from None


class _NoNumeral(Exception):
    """The characters make no number."""


class _Numeral:
    """A numeral as far as it has been read: whole sections of ten thousand, the section at hand, the digit at hand."""

    def __init__(self) -> None:
        self._total = self._section = self._digit = 0
        self._last_unit = 10**16
        self._after_zero = True
        self._large_units: list[int] = []

    def read(self, numeral: str) -> int:
        for character in numeral:
            if character in _DIGITS:
                self._take_digit(_DIGITS[character])
            elif character in _SMALL:
                self._take_small(_SMALL[character])
            else:
                self._take_large(_LARGE[character])
        return self._total + self._closed_section()

    def _take_digit(self, digit: int) -> None:
        if self._digit:
            raise _NoNumeral
        self._digit = digit
        self._after_zero = self._after_zero or digit == 0

    def _take_small(self, unit: int) -> None:
        if unit >= self._last_unit or (not self._digit and unit != 10):
            raise _NoNumeral
        self._section += (self._digit or 1) * unit
        self._digit, self._last_unit, self._after_zero = 0, unit, unit == 10

    def _take_large(self, unit: int) -> None:
        section = self._closed_section()
        is_again = unit in (self._large_units if unit > 10_000 else self._large_units[-1:])
        if is_again or (not section and not (self._total and unit > 10_000)):
            raise _NoNumeral
        self._large_units.append(unit)
        self._total = (self._total + section) * unit if unit > 10_000 else self._total + section * unit
        self._section, self._last_unit, self._after_zero = 0, 10**16, False

    def _closed_section(self) -> int:
        if self._digit and not self._after_zero:
            raise _NoNumeral
        section = self._section + self._digit
        self._digit = 0
        return section
