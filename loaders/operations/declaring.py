"""A unit declares that it has nothing to report for a period, or takes that back; and what units owe and did not send."""

from __future__ import annotations

from typing import Any

from loaders.contract import Report, load_contracts
from loaders.landing import write_record
from loaders.period import Period
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings
from loaders.warehouse import CannotBeDeclared, Warehouse

Rows = list[dict[str, Any]]


def declare(settings: Settings, name: str, *, unit: str, period: str, why: str, by: str, revoke: bool = False) -> str:
    """Declares that there is nothing to report, or takes it back (`revoke`): in the ledger, and as a record in the landing.

    Returns:
        What was declared, in a line.

    Raises:
        CannotBeDeclared: a code is not known, or the unit does not owe it, or there is something to report after all.
    """
    report = _report(settings, name)
    span = _known_period(report, _known_unit(report, unit), period)
    warehouse = Warehouse(settings.warehouse_url)
    # A period that began today is owed from today on.
    warehouse.prepare(report, ReportingCalendar.load(settings))
    # The record is on the disk before the declaration is in the ledger for good.
    with warehouse.declaring(report, unit, span, why=why, by=by, revoke=revoke) as declaration:
        write_record(settings.landing, declaration)
    words = "the declaration is taken back" if revoke else "nothing to report"
    return f"{name} of {unit} for {span}: {words} ({by}: {why})"


def missing(
    settings: Settings,
    *,
    report: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    not_yet_due: bool = False,
) -> Rows:
    """One row per report, unit and period that is overdue, the longest first: due day, days overdue.

    `not_yet_due`: also what is owed and may still come in time.

    Raises:
        CannotBeDeclared: a report, a unit or a period is not known.
    """
    reports = load_contracts(settings.expectations).reports
    asked = list(reports.values()) if report is None else [_report(settings, report)]
    if unit is not None and not any(unit in one.units for one in asked):
        raise CannotBeDeclared(f"expected the code of a unit that sends {report or 'a report'}, found {unit}")
    span = None if period is None else str(_period(period))
    return Warehouse(settings.warehouse_url).missing(report=report, unit=unit, period=span, not_yet_due=not_yet_due)


def _report(settings: Settings, name: str) -> Report:
    report = load_contracts(settings.expectations).reports.get(name)
    if report is None:
        raise CannotBeDeclared(f"expected the name of a report with a sound contract, found {name}: see `huimin status`")
    return report


def _known_unit(report: Report, unit: str) -> str:
    if unit not in report.units:
        raise CannotBeDeclared(f"expected one of the units that send {report.report} ({', '.join(report.units)}), found {unit}")
    return unit


def _known_period(report: Report, unit: str, text: str) -> Period:
    period = _period(text)
    if period.kind is not report.period_kind:
        wanted = f"a {report.period_kind}" if report.period_kind else "no period at all"
        raise CannotBeDeclared(f"{report.report} of {unit} is owed for {wanted}, found {text}")
    return period


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise CannotBeDeclared(str(error)) from None
