"""When the source of a report is looked at, and what a backfill of its load means: one run per period of the report.

A schedule's own times would give a backfill of May a run per day, each of which looks for the same documents.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable

from loaders.period import Period, PeriodKind

ZONE = "Asia/Shanghai"
# Two runs of a DAG never have the same logical date, and none that a cron expression starts has one with seconds.
TIME_OF_BACKFILLS = dt.time(12, 0, 1)


class ReportTimetable(CronTriggerTimetable):
    """Starts runs by a cron expression in China's time; for a backfill, one per period that begins in its range."""

    def __init__(self, cron: str, period_kind: str) -> None:
        super().__init__(cron, timezone=ZONE)
        self._period_kind = PeriodKind(period_kind)

    def serialize(self) -> dict[str, Any]:
        """Returns what Airflow stores."""
        return {"cron": self._expression, "period_kind": str(self._period_kind)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ReportTimetable:
        """Makes it again of what Airflow stored."""
        return cls(data["cron"], data["period_kind"])

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Returns the next run. Its DAGs never catch up, so that only a backfill asks with `catchup`.

        The last run may be one of a backfill, as its interval tells: the next time of the clock does not follow from it.
        """
        last = last_automated_data_interval
        if restriction.catchup:
            return self._next_period(last, restriction)
        by_clock = last if last is not None and last.start == last.end else None
        return super().next_dagrun_info(last_automated_data_interval=by_clock, restriction=restriction)

    def _next_period(self, last: DataInterval | None, restriction: TimeRestriction) -> DagRunInfo | None:
        """Returns the run of the period after the last one; of the first that begins in the range, if there is no last one."""
        if last is None and restriction.earliest is None:
            return None
        first = _local_day(last.start if last is not None else restriction.earliest)
        period = Period.containing(first, self._period_kind)
        if last is not None or period.start < first:
            period = period.next()
        if restriction.latest is not None and period.start > _local_day(restriction.latest):
            return None
        return DagRunInfo.interval(_noon_of(period.start), _noon_of(period.next().start))


def _local_day(time: dt.datetime) -> dt.date:
    return time.astimezone(ZoneInfo(ZONE)).date()


def _noon_of(day: dt.date) -> pendulum.DateTime:
    return pendulum.instance(dt.datetime.combine(day, TIME_OF_BACKFILLS, ZoneInfo(ZONE)))


class ReportTimetables(AirflowPlugin):
    """Makes the timetable known to Airflow, whose scheduler reads it from its database."""

    name = "huimin_report_timetable"
    timetables = (ReportTimetable,)
