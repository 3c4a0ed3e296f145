"""Working days of the Chinese calendar: Monday to Friday, but for the holidays and the weekend days moved for them.

Read from the list of arrangements that the State Council's office announces for each year (`holiday_arrangements.csv`, which dbt
seeds as well). In a year that is not in the list only the week counts; `is_announced` tells which years those are.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

_DAY = dt.timedelta(days=1)
_FRIDAY = 5


class WorkingDaysError(ValueError):
    """The list of arrangements cannot be read; the message names its line."""


@dataclass(frozen=True)
class WorkingDays:
    """The days on which work does not follow the week: False for a day off, True for a weekend day on which people work."""

    arranged: Mapping[dt.date, bool] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the list (UTF-8 CSV: `day_date`, `holiday_name`, `is_working_day`). Without the file only the week counts.

        Raises:
            WorkingDaysError: a line holds no day, or neither 0 nor 1.
        """
        if not path.is_file():
            return cls()
        arranged = {}
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    arranged[dt.date.fromisoformat(row["day_date"])] = {"0": False, "1": True}[row["is_working_day"]]
                except (KeyError, ValueError, TypeError):
                    raise WorkingDaysError(
                        f"{path.name} line {number}: expected day_date like 2023-05-01 and is_working_day 0 or 1, "
                        f'found "{row.get("day_date")}" and "{row.get("is_working_day")}"'
                    ) from None
        return cls(arranged)

    @cached_property
    def years(self) -> frozenset[int]:
        """The years whose arrangement is known."""
        return frozenset(day.year for day in self.arranged)

    def is_announced(self, first: dt.date, last: dt.date) -> bool:
        """Whether the arrangement is known of every year that two days, both included, touch."""
        return self.years.issuperset(range(first.year, last.year + 1))

    def is_working_day(self, day: dt.date) -> bool:
        """Whether people work on a day."""
        return self.arranged.get(day, day.isoweekday() <= _FRIDAY)

    def nth_after(self, day: dt.date, count: int) -> dt.date:
        """Returns the `count`-th working day (from 1 on) after a day."""
        while count:
            day += _DAY
            count -= self.is_working_day(day)
        return day

    def first_from(self, day: dt.date) -> dt.date:
        """Returns a day if it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def last_until(self, day: dt.date) -> dt.date:
        """Returns a day if it is a working day, else the one before it."""
        while not self.is_working_day(day):
            day -= _DAY
        return day

    def nth_before(self, day: dt.date, count: int) -> dt.date:
        """Returns the `count`-th working day (from 1 on) before a day."""
        while count:
            day -= _DAY
            count -= self.is_working_day(day)
        return day
