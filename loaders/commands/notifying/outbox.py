"""`huimin outbox …`: messages that wait, were sent, or were given up."""

from __future__ import annotations

import json
import signal
import threading
from typing import Annotated, Literal

import typer

from loaders.commands import console
from loaders.settings import reading_settings

EXIT_FAILED = 1
outbox_app = typer.Typer(no_args_is_help=True, help="Messages that wait, were sent, or were given up.")


@outbox_app.callback()
def outbox() -> None:
    """Messages that wait, were sent, or were given up."""


@outbox_app.command("list")
def list_(
    state: Annotated[Literal["queued", "sent", "dead"] | None, typer.Option(help="Only messages in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List messages: to whom, by which channel, when they were or will be sent, and why the last attempt failed."""
    from loaders.warehouse import Outbox

    rows = Outbox(reading_settings().warehouse_url).messages(state, limit)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table("Outbox", rows)


@outbox_app.command()
def retry(
    messages: Annotated[list[int], typer.Argument(help="Numbers of messages, as `outbox list` shows them.")] = [],  # noqa: B006
    all_: Annotated[bool, typer.Option("--all", help="All that were not sent.")] = False,
) -> None:
    """Queue messages again that were given up, or send those at once that wait for their next attempt."""
    from loaders.warehouse import Outbox

    if bool(messages) is all_:
        raise typer.BadParameter("name the messages, or say --all")
    count = Outbox(reading_settings().warehouse_url).retry(None if all_ else messages)
    typer.echo(f"{count} message(s) queued")


@outbox_app.command()
def send(
    every: Annotated[int | None, typer.Option(min=1, help="Go on, and send what is due every so many seconds.")] = None,
) -> None:
    """Send what is due. Exit 1 when a server did not take a message; it stays in the outbox.

    With --every it goes on until it is ended, whatever fails, and touches `outbox.alive` in HUIMIN_HOME after each look.
    """
    from loaders.stages.notifying.sending import Mailer

    if every is not None:
        typer.echo(f"{_send_until_ended(every)} message(s) sent")
        return
    mailer = Mailer(reading_settings())
    typer.echo(f"{mailer.send_due()} message(s) sent")
    for failure in mailer.failures:
        console.print_error(failure)
    if mailer.failures:
        raise typer.Exit(EXIT_FAILED)


def _send_until_ended(seconds: int) -> int:
    """Sends until the process is asked to end; what is under way then is finished, so that nobody gets it twice."""
    from loaders.stages.notifying.sender import send_until

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return send_until(stop, reading_settings(), seconds)
