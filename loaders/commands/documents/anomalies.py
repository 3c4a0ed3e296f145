"""`huimin anomalies`: accepted values and columns that are unlike those before. They are warnings; the values count."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, checked_period
from loaders.contract import load_contracts
from loaders.settings import reading_settings


def anomalies(
    report: Annotated[str | None, typer.Argument(help="A report's name; all when none is given.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only this reporting unit, by code.")] = None,
    period: Annotated[str | None, typer.Option(help="Only this month, e.g. 2023-06.", callback=checked_period)] = None,
    again: Annotated[bool, typer.Option("--again", help="Judge all reports anew before, not only what came since.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Judge what was loaded since the last look, and list values that are unlike those before, with what was expected."""
    from loaders import pipeline
    from loaders.operations import anomalies as queries

    settings = reading_settings()
    contracts = load_contracts(settings.expectations)
    known = {*contracts.reports, *contracts.stopped}
    if report is not None and report not in known:
        raise typer.BadParameter(f"no such report: {report}; there are: {', '.join(sorted(known))}", param_hint="REPORT")
    if report is not None and report in contracts.reports:
        check_selection(contracts.reports[report], [period] if period else [], [unit] if unit else [])
    elif unit is not None and not any(unit in one.units for one in contracts.reports.values()):
        raise typer.BadParameter(f"no report has a unit {unit}", param_hint="--unit")
    pipeline.detect_anomalies(settings, again=again)
    rows = queries.anomalies(settings, report=report, unit=unit, period=period)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table("Unlike before", rows)
