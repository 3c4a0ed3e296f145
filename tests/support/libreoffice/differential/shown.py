"""Interpretation of displayed text as a person reads it: a number with its unit, or the parts of a day.

Shares no code with the readers under test.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_MULTIPLES = {"万": 10_000, "亿": 100_000_000, "百万": 1_000_000, "千": 1000}
_CURRENCIES = r"USD|HK\$|[¥￥$€]"
_NUMBER = re.compile(
    r"(?P<sign>[-+])?(?P<about>约)?(?P<open>\()?(?P<currency>" + _CURRENCIES + r")?(?P<inner>-)?%?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?P<power>E[+-]?\d+)?"
    r"(?P<multiple>百万|[万亿千])?(?P<unit>[%％‰元人件]|人次|美元)?(?P<close>\))?(?P<behind>-)?"
)
_FRACTION = re.compile(r"(?P<sign>-)?(?:(?P<whole>\d+) +)?(?P<over> *\d+)/(?P<under>\d+) *")
_CLOCK = re.compile(r"(上午|下午|[AP]M)?\s*\d{1,2}(:\d{2}(:\d{2})?|时\d{2}分(\d{2}秒)?)\s*(上午|下午|[AP]M)?", re.IGNORECASE)
_WORD_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERALS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_WEEKDAY = re.compile(r"星期[一二三四五六日]|周[一二三四五六日]")


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number as it is shown: `value` with its multiple in it, exact to half a `step`.

    `is_bare` says that nothing but digits, commas, a point and a minus is shown, and no zero that a number would not begin with.
    """

    value: Decimal
    step: Decimal
    unit: str | None
    multiple: int
    is_bare: bool
    is_about: bool = False
    is_money: bool = False

    def is_near(self, exact: Decimal, factor: Decimal = Decimal(1)) -> bool:
        """Whether the shown number, times a factor, is that number rounded."""
        return abs(self.value * factor - exact) <= self.step * abs(factor) / 2 + abs(exact) * Decimal("1e-14")


def without_blanks(text: str) -> str:
    """The text without any blank, for how many are shown depends on the width of the column."""
    return re.sub(r"\s+", "", text)


def parse_number(text: str) -> ShownNumber | None:
    """The number that a text shows; None when it shows none, or something else besides."""
    fraction = _FRACTION.fullmatch(text.rstrip())
    if fraction is not None:
        return _of_fraction(fraction)
    plain = without_blanks(text).replace("％", "%")
    match = _NUMBER.fullmatch(plain)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    digits = match["digits"].replace(",", "")
    places = len(digits.partition(".")[2])
    multiple = _MULTIPLES[match["multiple"]] if match["multiple"] else 1
    power = Decimal(1).scaleb(int(match["power"][1:])) if match["power"] else Decimal(1)
    value = Decimal(digits) * multiple * power
    is_negative = "-" in {match["sign"], match["inner"], match["behind"]} or match["open"]
    unit = match["currency"] if match["currency"] not in {None, "¥", "￥"} else "%" if "%" in plain else match["unit"]
    is_bare = re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?", plain) is not None and re.match(r"-?0\d", plain) is None
    step = Decimal(1).scaleb(-places) * multiple * power
    return ShownNumber(
        -value if is_negative else value, step, unit, multiple, is_bare, bool(match["about"]), bool(match["currency"])
    )


def _of_fraction(match: re.Match[str]) -> ShownNumber:
    value = int(match["whole"] or 0) + Fraction(int(match["over"]), int(match["under"]))
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    return ShownNumber(-decimal if match["sign"] else decimal, Decimal("0.25"), None, 1, is_bare=False)


def says_day(text: str, moment: dt.datetime) -> bool:
    """Whether every number in a shown date is a part of that day."""
    bare = _CLOCK.sub(" ", _WEEKDAY.sub(" ", _with_digits(text)))
    for month, word in enumerate(_WORD_MONTHS, start=1):
        bare = re.sub(rf"{word}[a-z]*", f" {month} ", bare, flags=re.IGNORECASE)
    year, month, day = moment.year, moment.month, moment.day
    parts = {year, year % 100, month, day, year * 100 + month, (year * 100 + month) * 100 + day}
    return all(int(number) in parts for number in re.findall(r"\d+", bare))


def parse_day(text: str) -> dt.date | None:
    """The day that a shown text names in full, year first."""
    match = re.fullmatch(r"(\d{4})([-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?", without_blanks(text))
    if match is None or (not match[2] and len(match[0]) != 8):
        return None
    try:
        return dt.date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def parse_month(text: str) -> str | None:
    """The month that a shown text names with its year, as `2023-05`."""
    match = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))", without_blanks(text))
    if match is None or not (1 <= int(match[2] or match[3]) <= 12 and 1900 <= int(match[1]) <= 2999):
        return None
    return f"{match[1]}-{int(match[2] or match[3]):02d}"


def parse_clock(text: str) -> tuple[int, int, int] | None:
    """Hours, minutes and seconds of a shown time or length of time."""
    match = re.fullmatch(r"(上午|下午|AM|PM)?(\d+)[:时](\d{2})[:分]?(?:(\d{2})秒?)?(上午|下午|AM|PM)?", without_blanks(text))
    if match is None:
        return None
    half, hour = match[1] or match[5], int(match[2])
    if half in {"下午", "PM"}:
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return hour, int(match[3]), int(match[4] or 0)


def _with_digits(text: str) -> str:
    """`二〇二三年五月十五日` with digits."""

    def digits(match: re.Match[str]) -> str:
        numeral = match[0]
        if "十" not in numeral:
            return "".join(str(_NUMERALS[character]) for character in numeral)
        tens, _, ones = numeral.partition("十")
        return str((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))

    return re.sub("[〇一二三四五六七八九十]+(?=[年月日])", digits, text)
