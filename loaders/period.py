"""Statistical periods: month, quarter, half-year and year, as reports name them.

Neutral room: pure values, imported by every stage, imports nothing of ours.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering


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
