"""`huimin held`, `tables` and `rebuild-ledger`: commands for the ledger and the landing."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from loaders.commands import console
from loaders.settings import reading_settings, stack_settings

EXIT_FAILED, EXIT_USAGE = 1, 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def tables() -> None:
    """Describe every table and view of the ledger and the quarantine as a Markdown page (docs/tables.md)."""
    from loaders.warehouse import Warehouse

    typer.echo(Warehouse(reading_settings().warehouse_url).describe_tables(), nl=False)


def held(as_json: AsJson = False) -> None:
    """Documents that wait for a person to confirm that so many rows are gone; see `huimin accept`."""
    from loaders.warehouse import Warehouse

    _show(Warehouse(reading_settings().warehouse_url).held_documents(), as_json, "Held documents")


def rebuild_ledger(
    into_filled: Annotated[bool, typer.Option("--into-filled", help="Add what a ledger that is not empty lacks.")] = False,
    tell_again: Annotated[bool, typer.Option("--tell-again", help="Mail owners the problems that they know already.")] = False,
) -> None:
    """Write the ledger of an empty warehouse from the landing alone, and load all documents. Asks no source."""
    from loaders.operations import ledger_rebuild

    try:
        rebuilt = ledger_rebuild.rebuild_ledger(stack_settings(), into_filled=into_filled, tell_again=tell_again, echo=typer.echo)
    except ledger_rebuild.RebuildRefused as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    for name, states in rebuilt.states.items():
        typer.echo(f"{name}: {console.counts(states)}")
    typer.echo(
        f"{rebuilt.arrivals} arrivals and {rebuilt.decisions} decisions restored; "
        f"{rebuilt.marked_as_notified} problems count as told"
    )
    for reason in rebuilt.skipped:
        console.print_error(reason)
    if rebuilt.skipped:
        raise typer.Exit(EXIT_FAILED)


def _show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table(title, rows)
