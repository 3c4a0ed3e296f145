"""Keeps `ops.obligation` up to today: the only place that writes it. Running it again changes nothing.

A period that begins brings an obligation of each unit that exists on its last day, whether anything arrives or not. What is
known of time itself works backward as well: a unit that was closed, a report that was retired or began later, lift obligations
of that time, however late that is entered. A changed contract (another due day, a unit left out) works on what is not yet due.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from loaders.contract import Cadence, Report
from loaders.period import PeriodKind
from loaders.schedule import ReportingCalendar
from loaders.warehouse.connection import Connection, fetch_one

_FORMS = {
    PeriodKind.MONTH: r"^\d{4}-\d\d$",
    PeriodKind.QUARTER: r"^\d{4}Q\d$",
    PeriodKind.HALF: r"^\d{4}H\d$",
    PeriodKind.YEAR: r"^\d{4}$",
}
_FIRST_RECEIVED = """
    select min(period_start) as first_day
    from ops.submission
    where report = %(report)s and state not in ('duplicate', 'withdrawn') and period ~ %(form)s
      and period_start between coalesce(%(first_day)s::date, '-infinity') and %(today)s::date
"""
_WANTED = """
    with wanted as (
        select u.unit_code, p.*
        from unnest(
            %(periods)s::text[], %(starts)s::date[], %(ends)s::date[], %(dues)s::date[], %(announced)s::boolean[]
        ) as p (period, period_start, period_end, due_date, is_calendar_announced)
        cross join ops.reporting_unit as u
        where u.report = %(report)s and (
            not exists (select from ops.reporting_spell as s where s.report = u.report and s.unit_code = u.unit_code)
            or exists (
                select from ops.reporting_spell as s
                where s.report = u.report and s.unit_code = u.unit_code
                  and p.period_end between coalesce(s.valid_from_date, '-infinity') and coalesce(s.valid_until_date, 'infinity')
            )
        )
    )
"""
_IS_OPEN = "coalesce(o.due_date, o.period_end) >= %(today)s::date"
_RECORD = f"""
    {_WANTED}
    insert into ops.obligation as o (
        report, unit_code, period, period_start, period_end, due_date, is_calendar_announced
    )
    select %(report)s, unit_code, period, period_start, period_end, due_date, is_calendar_announced from wanted
    on conflict (report, unit_code, period) do update set
        due_date = case when {_IS_OPEN} then excluded.due_date else o.due_date end,
        is_calendar_announced = case when {_IS_OPEN} then excluded.is_calendar_announced else o.is_calendar_announced end,
        lifted_at = null,
        lifted_reason = null
    where o.lifted_at is not null
       or {_IS_OPEN}
          and (o.due_date, o.is_calendar_announced) is distinct from (excluded.due_date, excluded.is_calendar_announced)
"""  # noqa: S608 - the conditions are texts of this module
# Reasons that are facts about time come first and work backward; any other difference is a changed contract.
_LIFT = f"""
    {_WANTED},
    unwanted as (
        select
            o.unit_code,
            o.period,
            {_IS_OPEN} as is_open,
            case
                when o.period_end > %(last_day)s::date then 'report_retired'
                when o.period_start < %(first_day)s::date then 'before_first_period'
                when o.unit_code = any(%(units)s) and o.period = any(%(periods)s) then 'unit_closed'
                else 'contract_changed'
            end as reason
        from ops.obligation as o
        where o.report = %(report)s and o.lifted_at is null
          and not exists (select from wanted as w where w.unit_code = o.unit_code and w.period = o.period)
    )
    update ops.obligation as o set lifted_at = now(), lifted_reason = u.reason
    from unwanted as u
    where o.report = %(report)s and o.unit_code = u.unit_code and o.period = u.period
      and (u.is_open or u.reason <> 'contract_changed')
"""  # noqa: S608 - the wanted obligations are a text of this module


# All that was kept of it was removed on purpose; what comes after that begins it anew.
_IS_PURGED = """
    select from ops.purge as p
    where p.report = %(report)s and not exists (select from ops.submission as s where s.report = p.report)
    limit 1
"""


def today(connection: Connection) -> dt.date:
    """Returns the day of the warehouse's clock: today in China, unless the setting `huimin.today` says otherwise."""
    row = fetch_one(connection, "select ops.today() as today")
    if row is None:
        raise AssertionError("a query that returns one row returned none")
    day: dt.date = row["today"]
    return day


def refresh_obligations(connection: Connection, report: Report, calendar: ReportingCalendar) -> None:
    """Records what a report is owed for up to today, and lifts what is owed no more.

    The units that must report, and their spells, are those that the ledger has; they are saved before.
    """
    day = today(connection)
    first_received = _first_received(connection, report, calendar, day)
    is_purged = fetch_one(connection, _IS_PURGED, {"report": report.report}) is not None
    owed = [] if is_purged else list(calendar.owed_periods(report, first_received, day))
    first = calendar.first_period(report, first_received)
    arguments: dict[str, Any] = {
        "report": report.report,
        "today": day,
        "periods": [str(one.period) for one in owed],
        "starts": [one.period.start for one in owed],
        "ends": [one.period.end for one in owed],
        "dues": [one.due_date for one in owed],
        "announced": [one.is_calendar_announced for one in owed],
        "units": [] if report.cadence is Cadence.AD_HOC else list(report.units),
        "first_day": None if first is None else first.start,
        "last_day": None if report.retired is None else report.retired.first_day - dt.timedelta(days=1),
    }
    for statement in (_RECORD, _LIFT):
        connection.execute(statement, arguments)


def _first_received(connection: Connection, report: Report, calendar: ReportingCalendar, day: dt.date) -> dt.date | None:
    if report.period_kind is None:
        return None
    first_day = None if calendar.first_year is None else dt.date(calendar.first_year, 1, 1)
    arguments = {"report": report.report, "form": _FORMS[report.period_kind], "first_day": first_day, "today": day}
    row = fetch_one(connection, _FIRST_RECEIVED, arguments)
    found: dt.date | None = row["first_day"] if row else None
    return found
