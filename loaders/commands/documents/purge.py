"""`huimin purge`: removes a retired report."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.settings import stack_settings

if TYPE_CHECKING:
    from loaders.operations.purge import Purge

EXIT_USAGE = 2


def purge(
    report: Annotated[str, typer.Argument(help="The name of a report that is retired, or that no contract describes.")],
    why: Annotated[str, typer.Option(help="Why nobody needs it any more; it is kept with the counts.")],
    by: Annotated[str | None, typer.Option(help="Who decided; without it, the user of this system.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this, the command only counts.")] = False,
) -> None:
    """Remove the rows, the quarantine and the landed files of a report for good. Exit 2 when it may not, or without --yes."""
    from loaders.operations import purge as operation
    from loaders.warehouse import NothingToPurge

    if not why.strip():
        raise typer.BadParameter("say why, in words that others will understand", param_hint="--why")
    settings = stack_settings()
    try:
        if not yes:
            typer.echo(
                f"{report}: {_counted(operation.plan(settings, report))} would be removed for good; add --yes to remove them"
            )
            raise typer.Exit(EXIT_USAGE)
        done = operation.purge(settings, report, why=why.strip(), by=(by or getpass.getuser()).strip())
    except (operation.PurgeRefused, NothingToPurge) as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"{report}: {_counted(done)} removed; the decision is in ops.purge")


def _counted(found: Purge) -> str:
    counts = found.counts
    return (
        f"{counts.submissions} documents, {counts.rows} rows, {counts.quarantined} quarantined rows, {counts.issues} issues, "
        f"{len(found.files.landed_files)} landed files"
    )
