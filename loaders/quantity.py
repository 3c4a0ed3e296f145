"""Numbers as Chinese reports write them: `1,945.81万元`, `198件`, `二千八百`, `(1,234)`, `约120`, `12.5%`.

Shared layer: pure functions over text, imports nothing of ours but `characters`. What stands for "none" (`—`, `无`) is no number
here: the contract's null tokens say what it means. A mark beside a number (`4①`) is none of its digits, and two numbers in one
text (`1 2`) are never one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from loaders.characters.footnote_marks import FOOTNOTE_MARKS, nfkc_keeping_marks, split_footnote_mark

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

_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff]+")
_BLANKS = re.compile(r"\s+")
_ONES = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖"
_NUMERALS = f"{_ONES}两十百千万萬亿拾佰仟"
# A blank between digits (`2 3`, `1, 234`, `二 三`) parts two numbers.
_GAP = re.compile(rf"(?<=[\d.,])\s+(?=[\d.,]|E[+-]?\d)|(?<=[{_NUMERALS}])\s+(?=[{_NUMERALS}])")
# Nobody types a thin or a narrow no-break space: programs write it between thousands (`12 345`), as SI and CLDR's French ask for.
_THIN_GROUPS = re.compile(r"(?<![\d.,\u2009\u202f])\d{1,3}(?:(?:\u2009\d{3})+|(?:\u202f\d{3})+)(?![\d\u2009\u202f])")
_THIN = str.maketrans("", "", "\u2009\u202f")
_UNIT = rf"(?P<unit>%|‰|(?:[KCDM]?M|米|公里|千米)[23]|[^\W\d_{_ONES}{FOOTNOTE_MARKS}][^\d{_ONES}{FOOTNOTE_MARKS}]{{0,7}})?\Z"
_NUMBER = re.compile(
    r"(?P<before>约|近|大约|超过|超|逾|共|计)?"
    r"(?P<sign>[-+])?[¥￥]?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<exponent>E[+-]?\d{1,3})?"
    r"(?P<qualifier>多|余|来)?(?P<multiplier>(?:万亿|[十百千]?[万亿]|[十百千])(?![分度万亿]))?(?P<after>多|余|左右|以上)?" + _UNIT
)
_NUMERAL = re.compile(
    rf"(?P<before>约|近|大约|超过|超|逾|共|计)?(?P<sign>负)?(?P<number>[{_NUMERALS}]+)(?P<after>多|余|左右|以上)?" + _UNIT
)
_BRACKETED = re.compile(r"\(([^()]+)\)([^\d()]*)\Z")
_ABOUT = re.compile(rf"[{_ONES.replace('〇', '').replace('零', '')}两]{{2}}")
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
        ValueError: the text is no number, more than one, or a number beside a mark.
    """
    plain = (
        nfkc_keeping_marks(_INVISIBLE.sub("", _THIN_GROUPS.sub(lambda match: match[0].translate(_THIN), text)))
        .replace("−", "-")
        .upper()
    )
    plain = plain.strip()
    if _GAP.search(plain):
        raise ValueError(f'expected one number, found "{text}"')
    return _parse(_BLANKS.sub("", plain), text)


def parse_ignoring_footnote_mark(text: str) -> Quantity:
    """Read a number, without the footnote mark that may stand behind it: `4①` is 4.

    Raises:
        ValueError: the text is no number, with or without such a mark.
    """
    try:
        return parse_quantity(text)
    except ValueError:
        parts = split_footnote_mark(text)
        if parts is None:
            raise
        return parse_quantity(parts[0])


def _parse(plain: str, text: str) -> Quantity:
    bracketed = _BRACKETED.match(plain)
    if bracketed is not None:
        inner = _parse(bracketed[1] + bracketed[2], text)
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
    if _ABOUT.fullmatch(match["number"]):  # 三五人 are three to five, not 35
        raise ValueError(f'expected one number, found "{text}"')
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
    except _InvalidNumeral:
        raise ValueError(f'expected a number, found "{text or numeral}"') from None


class _InvalidNumeral(Exception):
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
            raise _InvalidNumeral
        self._digit = digit
        self._after_zero = self._after_zero or digit == 0

    def _take_small(self, unit: int) -> None:
        if unit >= self._last_unit or (not self._digit and unit != 10):
            raise _InvalidNumeral
        self._section += (self._digit or 1) * unit
        self._digit, self._last_unit, self._after_zero = 0, unit, unit == 10

    def _take_large(self, unit: int) -> None:
        section = self._closed_section()
        is_again = unit in (self._large_units if unit > 10_000 else self._large_units[-1:])
        if is_again or (not section and not (self._total and unit > 10_000)):
            raise _InvalidNumeral
        self._large_units.append(unit)
        self._total = (self._total + section) * unit if unit > 10_000 else self._total + section * unit
        self._section, self._last_unit, self._after_zero = 0, 10**16, False

    def _closed_section(self) -> int:
        if self._digit and not self._after_zero:
            raise _InvalidNumeral
        section = self._section + self._digit
        self._digit = 0
        return section
