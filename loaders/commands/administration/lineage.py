"""`huimin lineage …`: tells a catalog where figures come from."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from loaders.commands import console
from loaders.period import CHINA
from loaders.settings import reading_settings

EXIT_FAILED = 1
EXIT_USAGE = 2
lineage_app = typer.Typer(no_args_is_help=True, help="Tell a catalog where figures come from, by OpenLineage.")


@lineage_app.callback()
def lineage() -> None:
    """Tell a catalog where figures come from, by OpenLineage."""


@lineage_app.command()
def send(
    since: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what ended on this day in China or later.")
    ] = None,
) -> None:
    """Send the documents, builds and releases that were not sent yet. Exit 1 when the receiver did not take one."""
    from loaders.lineage.sending import NotConfigured, ReceiverDown, open_client, send_lineage

    settings = reading_settings()
    try:
        client = open_client()
    except NotConfigured as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    try:
        sent = send_lineage(settings, client, since=since.replace(tzinfo=CHINA) if since else None)
    except ReceiverDown as error:
        console.print_error(f"{error}; what was taken is remembered, and the rest is sent next time")
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(console.counts(sent) or "nothing new")
