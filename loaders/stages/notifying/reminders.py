"""Reminders of what units owe: before the due day, on it, and after it, escalated from the unit to its county and to the city.

Only working days of the Chinese calendar count, and nobody is reminded on another. Each step is told once to each address; an
address gets one message a day. Who has no address of his own is reminded through the owner of the report.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Report
from loaders.feedback import compose_reminder, compose_summary, split_message
from loaders.outgoing_messages import Recipient, ReminderStep
from loaders.schedule import WorkingDays
from loaders.settings import Settings
from loaders.stages.notifying.routes import Routes
from loaders.warehouse import AlreadyNotified, Outbox, Warehouse

BEFORE_WORKING_DAYS = 3
# Working days after the due day from which on the unit, its county and the city are told.
LATE_WORKING_DAYS, COUNTY_WORKING_DAYS, CITY_WORKING_DAYS = 1, 5, 10
# What is overdue longer is no matter of reminders any more: the weekly summary has it.
_LONGEST_OVERDUE = dt.timedelta(days=60)
_LONGEST_UNTIL_DUE = dt.timedelta(days=14)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Of what one recipient is reminded on a day."""

    recipient: Recipient
    steps: tuple[ReminderStep, ...]


def step_on(day: dt.date, due: dt.date, working_days: WorkingDays) -> str | None:
    """Returns the step that a day asks for: before, due, late, county or city; None when it is too early, or no working day.

    A due day on which nobody works is reminded of on the last working day before it.
    """
    if not working_days.is_working_day(day):
        return None
    last = working_days.last_until(due)
    if day <= last:
        first = working_days.nth_before(last, BEFORE_WORKING_DAYS)
        return "due" if day == last else "before" if day >= first else None
    if day >= working_days.nth_after(due, CITY_WORKING_DAYS):
        return "city"
    if day >= working_days.nth_after(due, COUNTY_WORKING_DAYS):
        return "county"
    return "late" if day >= working_days.nth_after(due, LATE_WORKING_DAYS) else None


def due_reminders(
    warehouse: Warehouse, routes: Routes, reports: Mapping[str, Report], working_days: WorkingDays
) -> list[Reminder]:
    """Returns who is to be reminded of what on the day of the routes and was not yet, one entry per address."""
    steps = []
    for row in warehouse.owed(routes.day - _LONGEST_OVERDUE, routes.day + _LONGEST_UNTIL_DUE):
        step = step_on(routes.day, row["due_date"], working_days) if row["report"] in reports else None
        if step is not None:
            steps.append(ReminderStep(row["report"], row["unit"], row["period"], row["due_date"], step))
    known = warehouse.reminded(steps)
    found: dict[tuple[str, str], tuple[Recipient, list[ReminderStep]]] = {}
    for one in steps:
        for recipient in _recipients(routes, reports[one.report], one):
            key = (recipient.channel, recipient.address)
            if (one.report, one.unit, one.period, one.step, *key) not in known:
                found.setdefault(key, (recipient, []))[1].append(one)
    return [Reminder(recipient, tuple(own)) for recipient, own in found.values()]


def queue_reminders(
    warehouse: Warehouse, routes: Routes, reports: Mapping[str, Report], settings: Settings, reminders: Iterable[Reminder]
) -> int:
    """Queues one message per reminder; returns how many another run did not queue meanwhile."""
    queued = 0
    for one in reminders:
        names = {step.unit: routes.name(step.unit) for step in one.steps}
        message = compose_reminder(one.recipient, one.steps, reports, names, language=settings.message_language)
        try:
            warehouse.queue_reminder(one.steps, split_message(message), routes.day)
        except AlreadyNotified as already_notified:
            _log.info("%s", already_notified)
            continue
        queued += 1
    return queued


def queue_summaries(
    warehouse: Warehouse, routes: Routes, reports: Mapping[str, Report], settings: Settings, working_days: WorkingDays
) -> int:
    """Queues to each owner, on the first working day of a week, what is open in his reports; returns the number of messages."""
    monday = routes.day - dt.timedelta(days=routes.day.weekday())
    if routes.day != working_days.first_from(monday):
        return 0
    found: dict[tuple[str, str], tuple[Recipient, list[dict[str, Any]]]] = {}
    for row in warehouse.open_matters():
        for recipient in routes.owner(reports[row["report"]]) if row["report"] in reports else ():
            found.setdefault((recipient.channel, recipient.address), (recipient, []))[1].append(row)
    outbox = Outbox(settings.warehouse_url)
    queued = 0
    for (channel, address), (recipient, rows) in found.items():
        message = compose_summary(recipient, rows, reports, language=settings.message_language)
        for index, part in enumerate(split_message(message)):
            queued += outbox.queue(part, topic="summary", key=f"summary:{monday}:{channel}:{address}#{index}")
    return queued


def _recipients(routes: Routes, report: Report, one: ReminderStep) -> Sequence[Recipient]:
    """Returns who is told at a step: the unit; its county as well; the city as well. Without an address of theirs, the owner."""
    told = routes.unit(report, one.unit)
    if one.step in {"county", "city"}:
        told = told + routes.county(report, one.unit)
    if one.step == "city" or not told:
        told = told + routes.owner(report)
    return list({(recipient.channel, recipient.address): recipient for recipient in told}.values())
