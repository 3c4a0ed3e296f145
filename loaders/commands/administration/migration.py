"""`huimin migrate`: upgrades the warehouse, and writes down what only a database administrator may do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.settings import reading_settings

EXIT_LEFT = 1


def migrate(
    script: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write what is left for the administrator to this file instead.")
    ] = None,
) -> None:
    """Create or upgrade the warehouse as the user of HUIMIN_WAREHOUSE_URL.

    Exit 0: nothing is left to do. Exit 1: a database administrator must run the SQL script that is printed; then migrate again.
    """
    from loaders.contract import deployment_of
    from loaders.messages import phrase
    from loaders.warehouse import migrate as migrate_warehouse

    settings = reading_settings()
    url = settings.warehouse_url
    left = migrate_warehouse(url, deployment_of(settings.dbt_project).county_readers)
    if not left:
        _note_accessible_databases(url)
        typer.echo("the warehouse is up to date")
        return
    text = _script(left)
    if script is None:
        typer.echo(text, nl=False)
    else:
        script.write_text(text, encoding="utf-8")
    message = phrase("migrate.left", count=len(left), script=str(script or "stdout"))
    console.print_error(f"{message.zh}\n{message.en}")
    raise typer.Exit(EXIT_LEFT)


def _script(statements: Sequence[str]) -> str:
    """One script that stops at its first error and is run as a whole or not at all."""
    from loaders.messages import phrase

    head = phrase("migrate.script")
    passwords = [phrase("migrate.password")] if any(one.startswith("create role") for one in statements) else []
    lines = [f"-- {text}" for part in (head, *passwords) for text in (part.zh, part.en)]
    return "\n".join([*lines, "begin;", *(f"{statement};" for statement in statements), "commit;", ""])


def _note_accessible_databases(url: str) -> None:
    from loaders.warehouse import accessible_databases

    for name in accessible_databases(url, "bi_reader"):
        console.print_note(
            f'bi_reader may enter database "{name}" too, as everybody may; if nobody else needs that: '
            f'revoke connect on database "{name}" from public;'
        )
