"""Statistical periods: month, quarter, half-year and year, as reports name them.

Shared layer: pure values, imported by every stage, imports nothing of ours but `characters`. Two dates in one text are never
one, and a mark beside a date (`2023-3-1②`) is none of its digits.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering

from loaders.characters.footnote_marks import nfkc_keeping_marks


class PeriodKind(StrEnum):
    """The lengths of time that a report or an indicator speaks of."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_ISO_FORM = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12]))?\Z")


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """One statistical period, written `2023-06`, `2023Q2`, `2023H1` or `2023`.

    `ordinal` counts from 1 within the year (month 6, quarter 2, half 1; a year has 1).
    """

    kind: PeriodKind
    year: int
    ordinal: int

    def __post_init__(self) -> None:
        if not 1 <= self.ordinal <= 12 // _MONTHS_IN[self.kind]:
            raise ValueError(f"no {self.kind} {self.ordinal} in a year")
        if not 1900 <= self.year <= 2999:
            raise ValueError(f"year {self.year} is outside 1900-2999")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read the written form (`2023-06`, `2023Q2`, `2023H1`, `2023`).

        Raises:
            ValueError: `text` is none of the four forms.
        """
        match = _ISO_FORM.match(text)
        if match is None:
            raise ValueError(f'expected a period like 2023-06, 2023Q2, 2023H1 or 2023, found "{text}"')
        year = int(match["year"])
        for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF):
            if match[kind.value] is not None:
                return cls(kind, year, int(match[kind.value]))
        return cls(PeriodKind.YEAR, year, 1)

    @classmethod
    def containing(cls, day: dt.date, kind: PeriodKind) -> Period:
        """The period of this kind in which `day` lies."""
        return cls(kind, day.year, (day.month - 1) // _MONTHS_IN[kind] + 1)

    @property
    def start(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, (self.ordinal - 1) * _MONTHS_IN[self.kind] + 1, 1)

    @property
    def end(self) -> dt.date:
        """The last day, included."""
        month = self.ordinal * _MONTHS_IN[self.kind]
        return dt.date(self.year, month, monthrange(self.year, month)[1])

    def next(self) -> Period:
        """The period of the same kind that follows."""
        return Period.containing(self.end + dt.timedelta(days=1), self.kind)

    def previous(self) -> Period:
        """The period of the same kind that comes before."""
        return Period.containing(self.start - dt.timedelta(days=1), self.kind)

    def __str__(self) -> str:
        match self.kind:
            case PeriodKind.MONTH:
                return f"{self.year}-{self.ordinal:02d}"
            case PeriodKind.QUARTER:
                return f"{self.year}Q{self.ordinal}"
            case PeriodKind.HALF:
                return f"{self.year}H{self.ordinal}"
            case PeriodKind.YEAR:
                return str(self.year)

    def __lt__(self, other: Period) -> bool:
        return (self.end, self.start) < (other.end, other.start)


@dataclass(frozen=True, slots=True)
class PeriodSpan:
    """Several periods of one kind in a row, as a cumulative report names them (`2023年1-5月`); both ends included."""

    first: Period
    last: Period

    def __post_init__(self) -> None:
        if self.first.kind is not self.last.kind or self.last < self.first:
            raise ValueError(f"{self.first}..{self.last} is no span of periods")

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def local_today() -> dt.date:
    """Returns today's date in China's time."""
    return dt.datetime.now(CHINA).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """Returns the last microsecond of a day in China."""
    return dt.datetime.combine(day, dt.time.max, CHINA)


def local_minute(time: dt.datetime) -> str:
    """Returns a time in China's time, as `2023-07-01 15:00`."""
    return f"{time.astimezone(CHINA):%Y-%m-%d %H:%M}"


def parse_date(text: str, *, two_digit_year: bool = False) -> dt.date:
    """Read a day as people and systems write it: `2020.01.22`, `2023/5/1`, `20230501`, `二〇二三年五月一日`, ISO with a time.

    A time with an offset is told in China's time first. Years of two digits (`23.5.1`) are refused unless allowed; then
    70-99 are of the last century.

    Raises:
        ValueError: no day, a day that no calendar has, or a year of two digits.
    """
    plain = _normalize(text, _BLANKS)
    datetime_match = _ISO_DATETIME.match(plain)
    if datetime_match is not None:
        return dt.datetime.fromisoformat(plain).astimezone(CHINA).date()
    match = _DATE_8.match(plain) or _DATE.match(plain)
    if match is None:
        raise ValueError(f'expected a date like 2023-05-31, found "{text}"')
    year = int(match["year"])
    if len(match["year"]) == 2:
        if not two_digit_year:
            raise ValueError(f'expected a year of four digits, found "{text}"')
        year += 1900 if year >= 70 else 2000
    return dt.date(year, int(match["month"]), int(match["day"]))


def parse_datetime(text: str, *, two_digit_year: bool = False) -> dt.datetime | dt.date:
    """Read a day with its time of day, in China's time: `2023/5/1 13:20:05`, `2023年5月1日13时20分`, ISO with an offset.

    Returns:
        The moment; a plain day where the text names no time.

    Raises:
        ValueError: no day, or a day or a time that does not exist.
    """
    plain = _normalize(text, _BLANKS_BUT_BETWEEN_DIGITS)
    if _ISO_DATETIME.match(plain):
        return dt.datetime.fromisoformat(plain).astimezone(CHINA).replace(tzinfo=None)
    match = next(filter(None, (form.match(plain) for form in _DATETIME_FORMS)), None)
    if match is None:
        if _CLOCK.search(plain):
            raise ValueError(f'expected a time like 2023-05-31 13:20, found "{text}"')
        return parse_date(text, two_digit_year=two_digit_year)
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    clock = dt.time(hour, minute, second, int((match["fraction"] or "").ljust(6, "0")))
    return dt.datetime.combine(parse_date(match["day"], two_digit_year=two_digit_year), clock)


def parse_period(text: str) -> Period | PeriodSpan:
    """Read a period as reports name it: `2023年5月`, `二〇二三年五月`, `2023年第一季度`, `2023年上半年`, `2023年1-5月`.

    The first day of a month, as spreadsheets keep a month, is that month.

    Raises:
        ValueError: no period with a year of four digits, or a month that no year has.
    """
    plain = _normalize(text, _BLANKS)
    if _ISO_FORM.match(plain):
        return Period.parse(plain)
    for form, make in _PERIOD_FORMS:
        match = form.match(plain)
        if match is not None:
            return make(match)
    raise ValueError(f'expected a period like 2023年5月 or 2023年第一季度, found "{text}"')


def _month(match: re.Match[str]) -> Period:
    return Period(PeriodKind.MONTH, int(match["year"]), int(match["month"]))


def _months(match: re.Match[str]) -> Period | PeriodSpan:
    year, first, last = int(match["year"]), int(match["first"]), int(match["last"])
    return PeriodSpan(Period(PeriodKind.MONTH, year, first), Period(PeriodKind.MONTH, year, last))


def _quarter(match: re.Match[str]) -> Period:
    return Period(PeriodKind.QUARTER, int(match["year"]), int(match["quarter"]))


def _half(match: re.Match[str]) -> Period:
    return Period(PeriodKind.HALF, int(match["year"]), 1 if match["half"] in "上1" else 2)


def _year(match: re.Match[str]) -> Period:
    return Period(PeriodKind.YEAR, int(match["year"]), 1)


def _normalize(text: str, blanks: re.Pattern[str]) -> str:
    """Half-width, without blanks (but those between day and time), Chinese numerals as digits.

    Raises:
        ValueError: a blank parts digits (`2023-3-1 2`), so that there is more than one value.
    """
    folded = nfkc_keeping_marks(text.strip())
    if not _SPACED_DAY.match(folded) and _GAP.search(folded):
        raise ValueError(f'expected one date or period, found "{text}"')
    plain = blanks.sub("", folded).upper()
    if plain.isascii():
        return plain
    return _NUMERAL.sub(_digits, plain)


def _digits(match: re.Match[str]) -> str:
    """`二〇二三` -> `2023`, `十二` -> `12`, `三十一` -> `31`, `廿一` -> `21`."""
    numeral = match[0].replace("廿", "二十").replace("卅", "三十")
    if "十" not in numeral:
        return "".join(str(_CHINESE_DIGITS[character]) for character in numeral)
    tens, ones = numeral.split("十", 1)
    return str((_CHINESE_DIGITS[tens] if tens else 1) * 10 + (_CHINESE_DIGITS[ones] if ones else 0))


CHINA = dt.timezone(dt.timedelta(hours=8))
"""China's time, which is that of all days and deadlines."""
_CHINESE_DIGITS = {"〇": 0, "零": 0, "○": 0, "O": 0} | {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_NUMERAL = re.compile(
    r"[〇零○一二三四五六七八九]{2,4}(?=年)|[一二三四五六七八九]?[十廿卅][一二三四五六七八九]?|[一二三四五六七八九]"
)
_SPACED_DAY = re.compile(r"\d{4} \d{2} \d{2}\Z")
_ANY_DIGIT = "[\\d〇零○一二三四五六七八九十廿卅]"
# A blank between digits parts two values, but for the one between a day and its time (`2023-05-01 13:20`).
_GAP = re.compile(rf"(?<={_ANY_DIGIT})\s+(?={_ANY_DIGIT})(?!\d{{1,2}}\s*[:时点])")
_BLANKS = re.compile(r"\s+(?!\d{1,2}:)|[\u200b-\u200d\ufeff]")
_BLANKS_BUT_BETWEEN_DIGITS = re.compile(r"(?<![\d\s])\s+|\s+(?![\d\s])|[\u200b-\u200d\ufeff]")
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_ISO_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})\Z")
_CLOCK = re.compile(r"[T:时点分秒]")
_TO_CLOCK = r"(?P<day>[^T\s]+?)(?:[T\s]\s*|(?<=[日号]))(?P<hour>\d{1,2})"
_DATETIME_FORMS = (
    re.compile(_TO_CLOCK + r":(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?\Z"),
    re.compile(_TO_CLOCK + r"[时点](?:(?P<minute>\d{1,2})分?)?(?:(?<=分)(?P<second>\d{1,2})秒)?(?P<fraction>)\Z"),
    re.compile(r"(?P<day>(?:19|20)\d{6})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<fraction>)\Z"),
)
_DATE_8 = re.compile(r"(?P<year>(?:19|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})\Z")
_DATE = re.compile(rf"(?P<year>\d{{4}}|\d{{2}})(?P<mark>[-./年])(?P<month>\d{{1,2}})[-./月](?P<day>\d{{1,2}})(?:日|号)?{_TIME}\Z")
_TAIL = r"(?:份|度|末|底|报|累计)*\Z"
_PERIOD_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | PeriodSpan]], ...] = (
    (re.compile(rf"(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})(?:[-./]0?1{_TIME})?\Z"), _month),
    (re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])\Z"), _month),
    (re.compile(rf"(?P<year>\d{{4}})年0?(?P<month>\d{{1,2}})月(?:0?1日)?{_TAIL}"), _month),
    (re.compile(rf"(?P<year>\d{{4}})年(?P<first>\d{{1,2}})月?[-—–~至到](?P<last>\d{{1,2}})月{_TAIL}"), _months),
    (re.compile(rf"(?P<year>\d{{4}})(?:年第?|-?Q)(?P<quarter>[1-4])(?:季度?)?{_TAIL}"), _quarter),
    (re.compile(rf"(?P<year>\d{{4}})(?:年|-?H)(?P<half>[上下12])(?:半年)?{_TAIL}"), _half),
    (re.compile(rf"(?P<year>\d{{4}})年?{_TAIL}"), _year),
)
