"""`huimin chase` and `huimin routes`: who is reminded of what, and who is told what."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, checked_period
from loaders.contract import Report, load_contracts
from loaders.period import local_today
from loaders.settings import reading_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show who would be told, and tell nobody.")]


def chase(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remind units of what they owe: before its due day, on it and after it, working days only. Each step is told once."""
    from loaders import pipeline

    reminders = pipeline.chase(reading_settings(), dry_run=dry_run)
    rows = [
        {
            "channel": one.recipient.channel,
            "address": one.recipient.address,
            "step": step.step,
            "report": step.report,
            "unit": step.unit,
            "period": step.period,
            "due_date": step.due_date,
        }
        for one in reminders
        for step in one.steps
    ]
    _show(rows, as_json, "Would be reminded" if dry_run else "Reminded")


def routes(
    report: Annotated[str | None, typer.Option(help="Only of this report.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only of this reporting unit.")] = None,
    period: Annotated[str | None, typer.Option(help="Only of this period, e.g. 2023-06.", callback=checked_period)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Nobody is ever told by this command.")] = True,  # noqa: ARG001
    as_json: AsJson = False,
) -> None:
    """Show who would be told today of issues and overdue reports, per report and unit, by which channel."""
    from loaders.stages.notifying.routes import Routes

    settings = reading_settings()
    contracts = load_contracts(settings.expectations)
    if report is not None and report not in {*contracts.reports, *contracts.stopped}:
        raise typer.BadParameter(
            f"no such report: {report}; there are: {', '.join(sorted(contracts.reports))}", param_hint="--report"
        )
    chosen = [contracts.valid_report(report)] if report is not None else list(contracts.reports.values())
    for one in chosen if report is not None else []:
        check_selection(one, [period] if period else [], [unit] if unit else [])
    known = Routes.load(settings, local_today())
    rows = [row for one in chosen for row in _routes_of(known, one, unit)]
    if not rows:
        raise typer.BadParameter(f"no report has a unit {unit}", param_hint="--unit")
    _show(rows, as_json, f"Routes of {period}" if period else "Routes")


def _routes_of(known: Any, report: Report, unit: str | None) -> list[dict[str, Any]]:
    """Returns one row per unit and recipient; units that only the owner answers for are one row."""
    rows = []
    alone = []
    for code in report.units if unit is None else [unit] if unit in report.units else []:
        own = [("unit", one) for one in known.unit(report, code)] + [("county", one) for one in known.county(report, code)]
        alone += [] if own else [code]
        rows += [_row(report, known.name(code), level, one) for level, one in own]
    every = unit is None or unit in report.units
    label = known.name(unit) if unit is not None else f"{len(report.units)} units, {len(alone)} of them told through the owner"
    return rows + [_row(report, label, "owner", one) for one in known.owner(report) if every]


def _row(report: Report, unit: str, level: str, one: Any) -> dict[str, Any]:
    told = {"unit": "issues, reminders", "county": "overdue reports", "owner": "issues, digest, summary, overdue reports"}
    where = {"level": level, "role": one.role_zh, "channel": one.channel, "address": one.address}
    return {"report": report.report, "unit": unit, **where, "told_of": told[level], "not_before": one.not_before}


def _show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table(title, rows)
