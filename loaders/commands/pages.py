"""`huimin pages`: serves the pages alone, and makes the tokens that people log in with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from loaders.commands import console
from loaders.settings import reading_settings

pages_app = typer.Typer(invoke_without_command=True, help="Pages for people who would rather look than read.")
Access = Annotated[Path | None, typer.Option(dir_okay=False, help="Who may open them; else pages/access.yml of the deployment.")]


@pages_app.callback()
def pages(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="The address to serve on; others than this machine reach it only if you say so.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8090,
    access: Access = None,
) -> None:
    """Serve the pages until interrupted. Needs the extra `pages`."""
    if context.invoked_subcommand is not None:
        return
    from loaders.pages.access.access_file import access_path
    from loaders.pages.server import open_socket, serve, standalone_app

    settings = reading_settings()
    file = access or access_path()
    app = standalone_app(settings, file)
    listening = open_socket(host, port, file)
    shown = f"[{host}]" if ":" in host else host
    console.echo(f"http://{shown}:{listening.getsockname()[1]}/")
    serve(app, listening)


@pages_app.command()
def token(
    name: Annotated[str, typer.Argument(help="Who gets it: an office or a person, as the pages show it.")],
    role: Annotated[Literal["unit", "county", "city", "operator"], typer.Option(help="What it may see and do.")],
    unit: Annotated[list[str] | None, typer.Option(help="A code of a unit or county; may be given several times.")] = None,
) -> None:
    """Make a token. It is shown once; the printed entry, which holds its hash alone, belongs into the access file."""
    from loaders.pages.access.access_file import TokenGrant
    from loaders.pages.access.accounts import new_token

    secret, sha256 = new_token()
    try:
        grant = TokenGrant(name=name, role=role, units=frozenset(unit or ()), sha256=sha256)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--unit") from None
    units = f"units: {json.dumps(sorted(grant.units))}, " if grant.units else ""
    console.print_note(f"token for {name}, shown only now: {secret}")
    typer.echo(f"  - {{name: {json.dumps(name, ensure_ascii=False)}, role: {role}, {units}sha256: {sha256}}}")
