"""When a report's source is looked at: a cron expression in China's time, from the contract's cadence and due day."""

from __future__ import annotations

import zlib

from loaders.contract import Cadence, DueRule, Report

_DAYS_AFTER_DUE = 5
_LAST_SAFE_DAY = 28


def cron_of(report: Report) -> str:
    """The contract's own `schedule`, else one that follows from its cadence.

    Daily, weekly and ad-hoc reports: every day. Longer ones: every day from the first of a month until five days after the
    due day, and each Monday for what comes late (cron joins a day of the month and a day of the week by "or").
    Minutes are spread by name between 05:00 and 05:59, so that reports do not all knock at once.
    """
    if report.schedule is not None:
        return report.schedule
    minute = zlib.crc32(report.report.encode()) % 60
    if report.cadence in {Cadence.DAILY, Cadence.WEEKLY, Cadence.AD_HOC}:
        return f"{minute} 5 * * *"
    # Working days can end anywhere in the month, behind a week of holidays.
    is_plain = report.due_day is not None and report.due_rule is DueRule.CALENDAR_DAY
    last_day = min((report.due_day or 0) + _DAYS_AFTER_DUE, _LAST_SAFE_DAY) if is_plain else _LAST_SAFE_DAY
    return f"{minute} 5 1-{last_day} * 1"
