"""Rendering of dates and times: the text that a section shows, and which date parts it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from loaders.reading.number_formats.numerals import day_or_month, digit_by_digit
from loaders.reading.number_formats.sections import ELAPSED, Section
from loaders.reading.number_formats.tokens import Token, TokenKind

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_DAYS = "一二三四五六日"
_CHINESE_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_CHINESE = {"804", "404", "c04", "1004", "1404"}
_DATE_LETTERS = "ymdeaqgbnw"
_MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class DateParts:
    """Date parts that a section shows. `clock` means any of hour, minute and second, `elapsed` a duration."""

    year: bool = False
    quarter: bool = False
    month: bool = False
    day: bool = False
    weekday: bool = False
    clock: bool = False
    elapsed: bool = False

    @property
    def is_date(self) -> bool:
        """Checks whether a part of a date is shown."""
        return self.year or self.quarter or self.month or self.day or self.weekday

    @property
    def is_month(self) -> bool:
        """Checks whether year and month are shown without a day."""
        return self.year and self.month and not self.day


@lru_cache(maxsize=4096)
def date_parts_of(section: Section) -> DateParts:
    """Returns the parts that a section shows."""
    names = _names(section.tokens)
    elapsed = any(token.text.startswith(ELAPSED) for token in section.tokens if token.kind is TokenKind.DATE_PART)
    return DateParts(
        year=bool(names & {"y", "e", "b"}),
        quarter="q" in names,
        month="m" in names,
        day="d" in names,
        weekday=bool(names & {"ddd", "a", "n"}),
        clock=bool(names & {"h", "s", _MINUTE}) or section.has(TokenKind.HALF_DAY),
        elapsed=elapsed,
    )


def _names(tokens: Sequence[Token]) -> set[str]:
    """Returns one letter per part; `ddd` for names of days, `minute` for minutes."""
    names = set()
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.DATE_PART:
            name = token.text.lstrip(ELAPSED)
            is_minute = name[0] == "m" and (token.text.startswith(ELAPSED) or is_minute_at(tokens, index))
            names.add(_MINUTE if is_minute else "ddd" if name.startswith("ddd") else name[0])
    return names


def is_minute_at(tokens: Sequence[Token], index: int) -> bool:
    """Checks whether an `m` means minutes: it follows an hour or precedes a second, and has at most two letters."""
    if len(tokens[index].text) > 2:
        return False
    before = next((t for t in reversed(tokens[:index]) if t.kind is TokenKind.DATE_PART), None)
    after = next((t for t in tokens[index + 1 :] if t.kind is TokenKind.DATE_PART), None)
    return (before is not None and before.text.lstrip(ELAPSED)[0] == "h") or (
        after is not None and after.text.lstrip(ELAPSED)[0] == "s"
    )


def render_datetime(section: Section, timestamp: dt.datetime, days: Decimal) -> str:
    """Renders a timestamp. `days` is its duration for elapsed parts."""
    return _DateTimeText(section, timestamp, days).text()


class _DateTimeText:
    """Renderer of one timestamp under one section."""

    def __init__(self, section: Section, timestamp: dt.datetime, days: Decimal) -> None:
        self._section = section
        self._tokens = section.tokens
        self._places = self._places_of_second()
        self._is_half_day = section.has(TokenKind.HALF_DAY)
        self._has_seconds = any(t.kind is TokenKind.DATE_PART and t.text.lstrip(ELAPSED)[0] == "s" for t in self._tokens)
        self._timestamp = self._rounded(timestamp)
        self._seconds = self._elapsed_seconds(days)
        self._has_larger_unit = False

    def text(self) -> str:
        shown = []
        follows_second = False
        for index, token in enumerate(self._tokens):
            if token.kind is TokenKind.DATE_PART:
                shown.append(self._part(index, token.text))
                follows_second = token.text.lstrip(ELAPSED)[0] == "s"
            elif follows_second and token.kind in {TokenKind.POINT, TokenKind.DIGIT}:
                shown.append(self._fraction() if token.kind is TokenKind.POINT else "")
            else:
                shown.append(self._other(token))
        return "".join(shown)

    def _places_of_second(self) -> int:
        """Returns the number of shown decimals of a second (`ss.000`)."""
        point = next((index for index, token in enumerate(self._tokens) if token.kind is TokenKind.POINT), None)
        return 0 if point is None else sum(token.kind is TokenKind.DIGIT for token in self._tokens[point:])

    def _rounded(self, timestamp: dt.datetime) -> dt.datetime:
        """Rounds a timestamp to the shown decimals of a second. Without seconds, it is truncated."""
        if not self._has_seconds:
            return timestamp
        step = 10 ** max(6 - self._places, 0)
        return timestamp + dt.timedelta(microseconds=(timestamp.microsecond + step // 2) // step * step - timestamp.microsecond)

    def _elapsed_seconds(self, days: Decimal) -> Decimal:
        seconds = abs(days) * 86_400
        places = Decimal(1).scaleb(-self._places) if self._has_seconds else Decimal("0.001")
        return seconds.quantize(places, ROUND_HALF_UP)

    def _fraction(self) -> str:
        if not self._places:
            return "."
        return "." + f"{self._timestamp.microsecond:06d}"[: self._places].ljust(self._places, "0")

    def _other(self, token: Token) -> str:
        match token.kind:
            case TokenKind.HALF_DAY:
                return self._half_day(token.text)
            case TokenKind.BLANK:
                return " "
            case TokenKind.FILL | TokenKind.TEXT:
                return ""
        return token.text

    def _half_day(self, code: str) -> str:
        is_morning = self._timestamp.hour < 12
        morning, evening = {"am/pm": ("AM", "PM"), "a/p": ("A", "P")}.get(code, ("上午", "下午"))
        return morning if is_morning else evening

    def _part(self, index: int, letters: str) -> str:
        if letters.startswith(ELAPSED):
            return self._elapsed(letters[1:])
        if letters[0] == "m" and is_minute_at(self._tokens, index):
            return self._number(self._timestamp.minute, letters)
        return self._clock(letters) if letters[0] in "hs" else self._date(letters)

    def _elapsed(self, letters: str) -> str:
        unit = {"h": 3600, "m": 60, "s": 1}[letters[0]]
        return str(int(self._seconds // unit)).rjust(len(letters), "0")

    def _clock(self, letters: str) -> str:
        if letters[0] == "s":
            return self._number(self._timestamp.second, letters)
        hour = self._timestamp.hour
        return self._number((hour - 1) % 12 + 1 if self._is_half_day else hour, letters)

    def _date(self, letters: str) -> str:
        day = self._timestamp
        match letters[0]:
            case "y" | "e":
                is_short = letters in {"y", "yy"}
                return digit_by_digit(f"{day.year % 100:02d}" if is_short else f"{day.year:04d}", self._section.numerals)
            case "b":
                return str(day.year + 543)
            case "m":
                return self._month(letters)
            case "q":
                quarter = (day.month + 2) // 3
                return f"Q{quarter}" if letters == "q" else f"第{_CHINESE_DAYS[quarter - 1]}季度"
            case "d":
                return self._number(day.day, letters) if len(letters) < 3 else self._day_name(letters)
            case "a":
                return ("星期" if letters == "aaaa" else "周") + _CHINESE_DAYS[day.weekday()]
            case "n":
                return "星期" + _CHINESE_DAYS[day.weekday()]
            case "w":
                return str(day.isocalendar().week)
        return ""

    def _month(self, letters: str) -> str:
        month = self._timestamp.month
        if len(letters) < 3:
            return self._number(month, letters)
        if len(letters) == 5:
            return _MONTHS[month - 1][0]
        if self._is_chinese():
            return f"{_CHINESE_MONTHS[month - 1] if len(letters) == 4 else month}月"
        return _MONTHS[month - 1] if len(letters) == 4 else _MONTHS[month - 1][:3]

    def _day_name(self, letters: str) -> str:
        weekday = self._timestamp.weekday()
        if self._is_chinese():
            return ("星期" if len(letters) == 4 else "周") + _CHINESE_DAYS[weekday]
        return _DAYS[weekday] if len(letters) == 4 else _DAYS[weekday][:3]

    def _is_chinese(self) -> bool:
        return self._section.locale[-4:].lstrip("0") in _CHINESE or self._section.locale.startswith("zh")

    def _number(self, number: int, letters: str) -> str:
        if self._section.numerals:
            return day_or_month(number, self._section.numerals)
        return str(number).rjust(min(len(letters), 2), "0")
