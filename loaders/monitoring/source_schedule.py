"""When each source had to be looked at last, by the schedule of its contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from loaders.contract import Report
from loaders.schedule import cron_of

_CHINA = ZoneInfo("Asia/Shanghai")
Rows = list[dict[str, Any]]


def with_due_times(pulls: Rows, reports: Mapping[str, Report], now: dt.datetime) -> Rows:
    """Adds to each row of `pulls` the connection of its report (`source`) and when a look was due last (`due_at`)."""
    return [
        {**row, "source": reports[row["report"]].source.connection, "due_at": last_due(reports[row["report"]], now)}
        for row in pulls
    ]


def last_due(report: Report, now: dt.datetime) -> dt.datetime:
    """Returns the last time at or before `now` at which the schedule of a report asks for a look at its source."""
    from croniter import croniter  # type: ignore[import-untyped]

    # A time that is scheduled for this very second counts.
    found: dt.datetime = croniter(cron_of(report), now.astimezone(_CHINA) + dt.timedelta(seconds=1)).get_prev(dt.datetime)
    return found


def watched_reports(reports: Iterable[Report]) -> list[Report]:
    """Returns the reports whose sources are looked at by a schedule: those that are not retired."""
    return [report for report in reports if report.retired is None]
