"""From which period on a report is owed, and how its due day is counted."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from loaders.period import Period

if TYPE_CHECKING:
    from loaders.contract.report import Report


class DueRule(StrEnum):
    """How `due_day` is counted from the last day of the period."""

    CALENDAR_DAY = "calendar_day"
    NEXT_WORKING_DAY = "next_working_day"
    WORKING_DAY = "working_day"


def duty_errors(report: Report) -> Iterator[str]:
    """Yields what is wrong with the due rule or the first period."""
    if report.due_rule is not DueRule.CALENDAR_DAY and report.due_day is None:
        yield f"due_rule: {report.due_rule} needs due_day"
    if report.first_period is None:
        return
    try:
        first = Period.parse(report.first_period)
    except ValueError as error:
        yield f"first_period: {error}"
        return
    if first.kind is not report.period_kind:
        yield f"first_period: expected a period of the kind {report.period_kind or 'that period_kind says'}, found {first}"
