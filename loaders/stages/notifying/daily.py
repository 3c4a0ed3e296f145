"""What a schedule asks for besides loads: reminders, digests and summaries, and the sending of what waits."""

from __future__ import annotations

import datetime as dt

from loaders.contract import load_contracts
from loaders.period import local_today
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings
from loaders.stages.notifying.conversations import Conversations
from loaders.stages.notifying.reminders import Reminder, due_reminders, queue_reminders, queue_summaries
from loaders.stages.notifying.routes import Routes
from loaders.stages.notifying.sending import Mailer
from loaders.stages.notifying.stuck_runs import AnyActive, close_stuck_runs
from loaders.warehouse import Warehouse


def send_digests(settings: Settings, mailer: Mailer | None = None, *, day: dt.date | None = None) -> int:
    """Reports the warnings of all reports, to each address in one message and at most once a day. `day` is today's.

    Returns:
        The number of messages sent.
    """
    mailer = mailer or Mailer(settings)
    if not mailer.is_set:
        return 0
    routes = Routes.load(settings, day or local_today())
    reports = load_contracts(settings.expectations).reports.values()
    Conversations(Warehouse(settings.warehouse_url), routes, settings).queue_digests(reports)
    return mailer.send_due()


def chase(
    settings: Settings, mailer: Mailer | None = None, *, day: dt.date | None = None, dry_run: bool = False
) -> list[Reminder]:
    """Reminds of what is owed: before, on and after its due day. On the first working day of a week, owners get a summary.

    `day` is today's. With `dry_run`, or without a mail server, nothing is queued or sent.

    Returns:
        Of what each address is reminded.
    """
    mailer, day = mailer or Mailer(settings), day or local_today()
    warehouse, calendar = Warehouse(settings.warehouse_url), ReportingCalendar.load(settings)
    reports = load_contracts(settings.expectations).reports
    for report in reports.values():
        warehouse.refresh_obligations(report, calendar)
    routes = Routes.load(settings, day)
    reminders = due_reminders(warehouse, routes, reports, calendar.working_days)
    if mailer.is_set and not dry_run:
        queue_reminders(warehouse, routes, reports, settings, reminders)
        queue_summaries(warehouse, routes, reports, settings, calendar.working_days)
        mailer.send_due()
    return reminders


def send_outbox(settings: Settings, mailer: Mailer | None = None, *, is_any_active: AnyActive | None = None) -> int:
    """Sends what is due in the outbox; returns how many messages were taken. The others wait there.

    Where `is_any_active` tells of the scheduler's runs, the operators hear of those that were late and have ended.
    """
    mailer = mailer or Mailer(settings)
    sent = mailer.send_due()
    if is_any_active is not None and close_stuck_runs(settings, is_any_active, mailer):
        sent += mailer.send_due()
    return sent
