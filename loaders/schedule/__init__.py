"""When things are due: when a source is looked at, which periods a report is owed for, and by which day.

Shared layer: pure values and functions over contracts and over what a deployment says of its calendar.
"""

from __future__ import annotations

from loaders.schedule.cron import cron_of
from loaders.schedule.reporting_calendar import OwedPeriod, ReportingCalendar
from loaders.schedule.source_pools import SourcePool, pool_of, source_pool, source_pools
from loaders.schedule.working_days import WorkingDays, WorkingDaysError

__all__ = [
    "OwedPeriod",
    "ReportingCalendar",
    "SourcePool",
    "WorkingDays",
    "WorkingDaysError",
    "cron_of",
    "pool_of",
    "source_pool",
    "source_pools",
]
