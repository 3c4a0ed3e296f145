"""Which periods a report is owed for, and the last day on which each is on time. It follows the calendar, not what arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from loaders.contract import Cadence, DueRule, Report, deployment_of
from loaders.period import Period
from loaders.schedule.working_days import WorkingDays
from loaders.settings import Settings
from loaders.unit_spells import UnitSpells


@dataclass(frozen=True, slots=True)
class OwedPeriod:
    """A period that has begun, and when its report is due; `due_date` is None where the contract names no due day.

    `is_calendar_announced`: the holidays of all years between its end and its due day are known; else only the week counted.
    """

    period: Period
    due_date: dt.date | None
    is_calendar_announced: bool


@dataclass(frozen=True)
class ReportingCalendar:
    """What a deployment says of time: the spells of its units, the working days, and the first year that has figures."""

    spells: UnitSpells = field(default_factory=UnitSpells)
    working_days: WorkingDays = field(default_factory=WorkingDays)
    first_year: int | None = None

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Reads the calendar of a deployment.

        Raises:
            UnitSpellError, WorkingDaysError, DeploymentError: a file is wrong; the message names the line or the field.
        """
        return cls(
            UnitSpells.load(settings.unit_spells),
            WorkingDays.load(settings.holiday_arrangements),
            deployment_of(settings.expectations).first_year,
        )

    def due_date(self, report: Report, period: Period | None) -> dt.date | None:
        """Returns the last day on which the report of a period is on time, by `due_day` and `due_rule`."""
        if period is None or report.due_day is None:
            return None
        if report.due_rule is DueRule.WORKING_DAY:
            return self.working_days.nth_after(period.end, report.due_day)
        day = period.end + dt.timedelta(days=report.due_day)
        return self.working_days.first_from(day) if report.due_rule is DueRule.NEXT_WORKING_DAY else day

    def first_period(self, report: Report, first_received: dt.date | None) -> Period | None:
        """Returns the period from which on a report is owed; None when nothing tells.

        It is `first_period` of the contract, else the first one that any unit sent, else the first of the deployment's first
        year. Nothing is owed for the years before that one, unless the contract says so: a document with a wrong year in it
        must not make years of reports missing.

        Args:
            report: the contract.
            first_received: the first day of the earliest period, not after today, of which a document came.
        """
        if report.first_period is not None:
            return Period.parse(report.first_period)
        first_day = None if self.first_year is None else dt.date(self.first_year, 1, 1)
        start = max((day for day in (first_received, first_day) if day is not None), default=None)
        if start is None or report.period_kind is None:
            return None
        return Period.containing(start, report.period_kind)

    def owed_periods(self, report: Report, first_received: dt.date | None, today: dt.date) -> Iterator[OwedPeriod]:
        """Yields every period of a report that has begun, the earliest first; none for a report without periods or cadence."""
        period = self.first_period(report, first_received)
        if report.cadence is Cadence.AD_HOC or period is None:
            return
        while period.start <= today:
            due = self.due_date(report, period)
            is_plain = due is None or report.due_rule is DueRule.CALENDAR_DAY
            is_announced = is_plain or self.working_days.is_announced(period.end + dt.timedelta(days=1), due or period.end)
            yield OwedPeriod(period, due, is_announced)
            period = period.next()
