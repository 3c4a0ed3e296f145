"""`huimin missing` and `declare`: what units owe, and that one has nothing to report."""

from __future__ import annotations

import getpass
import json
from typing import Annotated

import typer

from loaders.commands import console
from loaders.settings import reading_settings

EXIT_USAGE = 2

Report = Annotated[str, typer.Argument(help="The name of a report, as in its contract.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def missing(
    report: Annotated[str | None, typer.Option(help="Only of this report.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only of this reporting unit.")] = None,
    period: Annotated[str | None, typer.Option(help="Only of this period, e.g. 2023-06, 2023Q2, 2023.")] = None,
    not_yet_due: Annotated[bool, typer.Option("--not-yet-due", help="Also what is owed and not due yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Which units owe which reports since when: nothing came, and the due day has passed."""
    from loaders.operations import declaring
    from loaders.warehouse import CannotBeDeclared

    try:
        rows = declaring.missing(reading_settings(), report=report, unit=unit, period=period, not_yet_due=not_yet_due)
    except CannotBeDeclared as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table("Missing", rows)


def declare(
    report: Report,
    unit: Annotated[str, typer.Option(help="The reporting unit that has nothing to report.")],
    period: Annotated[str, typer.Option(help="The period, e.g. 2023-06, 2023Q2, 2023.")],
    why: Annotated[str, typer.Option(help="Why there is nothing; it is kept with the declaration.")],
    by: Annotated[str | None, typer.Option(help="Who declares it; without it, the user of this system.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take back what was declared.")] = False,
) -> None:
    """Declare that a unit has nothing to report for a period. A document that comes later outranks it."""
    from loaders.operations import declaring
    from loaders.warehouse import CannotBeDeclared

    if not why.strip():
        raise typer.BadParameter("say why, in words that others will understand", param_hint="--why")
    who = (by or getpass.getuser()).strip()
    try:
        done = declaring.declare(reading_settings(), report, unit=unit, period=period, why=why.strip(), by=who, revoke=revoke)
    except CannotBeDeclared as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(done)
