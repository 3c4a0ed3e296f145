"""The command `huimin`: words in, an exit code out. What it prints is drawn in `console`; what it does is done elsewhere.

A command is imported when it is used (`lazy_group`), and heavy packages inside it, so that `huimin check` starts fast.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points, version
from typing import Annotated

import typer

from loaders.commands.lazy_group import LazyGroup

app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)

COMMANDS_GROUP = "huimin.commands"
EXIT_FAILED = 1
EXIT_USAGE = 2
_OTHER_ROLE = (
    "The role in HUIMIN_WAREHOUSE_URL has no right to it. Figures, evidence and builds use HUIMIN_TRANSFORMER_URL, the address "
    "with the role huimin_transformer; `huimin migrate` and `huimin restore` need the role that migrates "
    "(docs/operations/rights.md)"
)


def main() -> None:
    """Run the command line; known errors end as one readable message on standard error."""
    packages = {"loaders", "psycopg", *_add_installed_commands()}
    try:
        app()
    except Exception as error:
        from loaders.commands import console
        from loaders.contract import ContractError, DeploymentError
        from loaders.settings import SettingsError

        if isinstance(error, SettingsError | ContractError | DeploymentError | FileNotFoundError):
            console.print_error(str(error))
            sys.exit(EXIT_USAGE)
        if type(error).__module__.partition(".")[0] in packages:
            console.print_error(f"{type(error).__name__}: {error}")
            if type(error).__name__ == "InsufficientPrivilege":
                console.print_error(_OTHER_ROLE)
            sys.exit(EXIT_FAILED)
        raise


def _add_installed_commands() -> set[str]:
    """Adds the commands of other installed packages, such as the demo's.

    An entry point of the group names a function that takes the application and adds commands to it.

    Returns:
        The names of those packages.
    """
    installed = entry_points(group=COMMANDS_GROUP)
    for entry in installed:
        entry.load()(app)
    return {entry.module.partition(".")[0] for entry in installed}


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"huimin {version('huimin')}")
        raise typer.Exit


@app.callback()
def huimin(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Load routine reports into a warehouse, check every row, and build indicators that lead back to their rows."""
