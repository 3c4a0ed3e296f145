"""`huimin accept`, `withdraw` and `reinstate`: decisions of people about documents. Exit 2 when there is nothing to decide."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.settings import stack_settings

if TYPE_CHECKING:
    from loaders.operations.withdrawal import Decided

EXIT_USAGE = 2
By = Annotated[str | None, typer.Option(help="Who decided; without it, the user of this system.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]


def accept(
    submission: Annotated[int, typer.Argument(help="The number of a held submission, as its message or `huimin held` says.")],
    why: Annotated[str, typer.Option(help="Why the rows are really gone; it is kept with the decision.")],
    by: By = None,
) -> None:
    """Confirm that a held document is right as it is, and load it. Exit 2 when there is nothing to confirm."""
    from loaders.operations import acceptance

    with _refusals(why):
        report, number, states = acceptance.accept(stack_settings(), submission, why=why.strip(), by=_person(by))
    typer.echo(f"{report}: submission {submission} accepted and judged again as submission {number}: {console.counts(states)}")


def withdraw(
    submission: Annotated[int, typer.Argument(help="The number of a submission that was accepted, as in `huimin account`.")],
    why: Annotated[str, typer.Option(help="Why the document must not count; it is kept with the decision.")],
    by: By = None,
    dry_run: DryRun = False,
) -> None:
    """Take a document out: its rows count no more, and what it had superseded counts again. Exit 2 when it cannot be."""
    from loaders.operations import withdrawal

    with _refusals(why):
        done = withdrawal.withdraw(stack_settings(), submission, why=why.strip(), by=_person(by), is_dry_run=dry_run)
    change = done.change
    is_done = "would be withdrawn" if dry_run else "withdrawn"
    typer.echo(
        f"{done.report}: submission {change.submission_id} ({change.source_uri}) {is_done}; {change.rows_closed} rows closed"
    )
    for rows in change.now_current:
        typer.echo(f"  current again: submission {rows.submission_id} ({rows.source_uri}), {rows.rows_count} rows")
    if not change.now_current and change.rows_closed:
        typer.echo("  no other document takes the place of these rows")
    _print_waiting(done, dry_run)


def reinstate(
    submission: Annotated[int, typer.Argument(help="The number of a submission that was withdrawn with `huimin withdraw`.")],
    why: Annotated[str, typer.Option(help="Why the document counts after all; it is kept with the decision.")],
    by: By = None,
    dry_run: DryRun = False,
) -> None:
    """Put a withdrawn document back: it is validated again and takes its place. Exit 2 when nobody withdrew it."""
    from loaders.operations import withdrawal

    with _refusals(why):
        done = withdrawal.reinstate(stack_settings(), submission, why=why.strip(), by=_person(by), is_dry_run=dry_run)
    change = done.change
    is_done = "would be reinstated" if dry_run else "reinstated"
    closed = f"; it supersedes {change.rows_closed} rows" if change.rows_closed else ""
    typer.echo(f"{done.report}: submission {submission} ({change.source_uri}) {is_done}{closed}")
    _print_waiting(done, dry_run)


def _print_waiting(done: Decided, dry_run: bool) -> None:
    if dry_run and done.change.waiting:
        typer.echo(f"  {len(done.change.waiting)} document(s) would be validated again")
    elif done.states:
        typer.echo(f"  validated again: {console.counts(done.states)}")


@contextmanager
def _refusals(why: str) -> Iterator[None]:
    """Refuses a decision without a reason, and prints in one line why a decision cannot be made."""
    from loaders.warehouse import DecisionRefused

    if not why.strip():
        raise typer.BadParameter("say why, in words that others will understand", param_hint="--why")
    try:
        yield
    except DecisionRefused as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None


def _person(by: str | None) -> str:
    return (by or getpass.getuser()).strip()
