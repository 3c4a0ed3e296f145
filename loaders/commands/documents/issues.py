"""`huimin issues …`: what is wrong with the reports that came, and where."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, checked_period
from loaders.contract import load_contracts
from loaders.settings import reading_settings

issues_app = typer.Typer(no_args_is_help=True, help="What is wrong with the reports that came, and where.")
_MOST_ROWS = 50


@issues_app.callback()
def issues() -> None:
    """What is wrong with the reports that came, and where."""


@issues_app.command("list")
def list_(
    report: Annotated[str | None, typer.Argument(help="A report's name; all when none is given.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only this reporting unit, by code.")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period, e.g. 2023-06.", callback=checked_period)] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the messages.")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """List the open issues: refused documents first, then rows that were held back, then remarks. Personal values are masked."""
    from loaders.operations import queries

    settings = reading_settings()
    contracts = load_contracts(settings.expectations)
    known = {*contracts.reports, *contracts.stopped}
    if report is not None and report not in known:
        raise typer.BadParameter(f"no such report: {report}; there are: {', '.join(sorted(known))}", param_hint="REPORT")
    if report is not None and report in contracts.reports:
        check_selection(contracts.reports[report], [period] if period else [], [unit] if unit else [])
    rows = queries.issues(settings, report, unit=unit, period=period)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows[:_MOST_ROWS]:
        place = " ".join(str(part) for part in (row["report"], row["unit"], row["period"], row["file"], row["cell"]) if part)
        console.echo(f"{row['severity']:<8}  {place}\n          {row[f'message_{lang}']}")
    console.echo(
        f"{len(rows)} open issue(s)" + (f", the first {_MOST_ROWS} shown; --json has all" if len(rows) > _MOST_ROWS else "")
    )
