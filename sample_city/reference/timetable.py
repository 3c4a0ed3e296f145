"""The months of a city, the arrival of its documents, and the seasons of a year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from loaders.period import Period, PeriodKind
from sample_city.reference.geography import UNITS

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
SPRING_FESTIVALS = (dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22))
_CHINESE_ORDINALS = "一二三四"


@dataclass(frozen=True, slots=True)
class Span:
    """The months that a city is built for, both ends included."""

    first: Period
    last: Period

    @classmethod
    def parse(cls, text: str) -> Span:
        """Reads a span such as `2021-01:2023-12`.

        Raises:
            ValueError: not two months with a colon between, or in the wrong order.
        """
        first, _, last = text.partition(":")
        span = cls(Period.parse(first), Period.parse(last))
        if {span.first.kind, span.last.kind} != {PeriodKind.MONTH} or span.last < span.first:
            raise ValueError(f'expected months like 2021-01:2023-12, found "{text}"')
        return span

    def months(self) -> list[Period]:
        """Returns every month, in order."""
        return list(_months(self.first, self.last))

    def quarters(self) -> list[Period]:
        """Returns every full quarter, in order."""
        quarters = {Period.containing(month.start, PeriodKind.QUARTER) for month in self.months()}
        return sorted(q for q in quarters if q.start >= self.first.start and q.end <= self.last.end)

    def years(self) -> list[Period]:
        """Returns every full year, in order."""
        years = [Period(PeriodKind.YEAR, year, 1) for year in range(self.first.year, self.last.year + 1)]
        return [year for year in years if year.start >= self.first.start and year.end <= self.last.end]

    def __str__(self) -> str:
        return f"{self.first}:{self.last}"


@cache
def _months(first: Period, last: Period) -> tuple[Period, ...]:
    months = [first]
    while months[-1] < last:
        months.append(months[-1].next())
    return tuple(months)


FULL_SPAN = Span.parse("2021-01:2023-12")


def months_between(first: dt.date, last: dt.date | None) -> list[Period]:
    """Returns the months of the three years between two days, both included. Without a last day, it returns all until the end."""
    until = len(FULL_SPAN.months()) if last is None else max(0, _place(last) + 1)
    return FULL_SPAN.months()[max(0, _place(first)) : until]


def _place(day: dt.date) -> int:
    return (day.year - FULL_SPAN.first.year) * 12 + day.month - 1


def arrival(period: Period, unit: str, day: int = 3, hour: int = 10) -> dt.datetime:
    """Returns the time at which a unit's document arrives: by default on the 3rd of the next month, some minutes after ten."""
    minute = 7 * (UNITS.index(unit) + 1) if unit in UNITS else 0
    return dt.datetime.combine(period.end + dt.timedelta(days=day), dt.time(hour, minute), SHANGHAI)


def chinese_month(period: Period) -> str:
    """Formats a month as `2023年5月`."""
    return f"{period.year}年{period.ordinal}月"


def chinese_quarter(period: Period) -> str:
    """Formats a quarter as `2023年第二季度`."""
    return f"{period.year}年第{_CHINESE_ORDINALS[period.ordinal - 1]}季度"


def chinese_date(day: dt.date) -> str:
    """Formats a day as `2023年5月3日`."""
    return f"{day.year}年{day.month}月{day.day}日"


@cache
def day_weights(month: Period) -> tuple[float, ...]:
    """Returns the weight of each day of a month for field work: low at weekends, almost zero around Spring Festival."""
    days = [month.start + dt.timedelta(days=offset) for offset in range((month.end - month.start).days + 1)]
    return tuple(_day_weight(day) for day in days)


@cache
def month_weight(month: Period) -> float:
    """Returns the weight of a month for field work; 20 to 22 is usual."""
    slack = 0.7 if (month.year, month.ordinal) == (2022, 12) else 1.0
    return slack * sum(day_weights(month))


def _day_weight(day: dt.date) -> float:
    if any(-4 <= (day - festival).days <= 8 for festival in SPRING_FESTIVALS):
        return 0.02
    return 0.12 if day.weekday() >= 5 else 1.0
