"""The demo's commands. `huimin` finds them by the entry point in `demo/pyproject.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.settings import home_from_environment, use_deployment

if TYPE_CHECKING:
    from demo.stack import DemoStack


def add_commands(app: typer.Typer) -> None:
    """Adds `run`, `up`, `down`, `clean` and `bi` to `huimin`."""
    for command in (run, up, down, clean, bi):
        app.command()(command)


DeploymentFolder = Annotated[
    Path | None,
    typer.Option("--deployment", exists=True, file_okay=False, help="A deployment's folder, instead of HUIMIN_DEPLOYMENT."),
]


def run(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,
    deployment: DeploymentFolder = None,
) -> None:
    """Run the main job: start everything, load all reports, build the indicators, compare them with print, stop."""
    from demo.run import run_demo

    _use(deployment)
    raise typer.Exit(run_demo(home_from_environment(), keep=keep))


def up(
    warehouse_only: Annotated[
        bool, typer.Option("--warehouse-only", help="Only PostgreSQL with an empty, migrated warehouse; print its URLs.")
    ] = False,
    deployment: DeploymentFolder = None,
) -> None:
    """Start PostgreSQL, the sample city and Airflow, and leave them running."""
    _use(deployment)
    stack = _stack()
    if warehouse_only:
        # Lines for a shell; progress goes beside them, so that they can be piped into one.
        for name, url in stack.up_warehouse(console.print_note).items():
            typer.echo(f"export {name}='{url}'")
        return
    stack.up(console.echo)
    console.print_up(stack.connection_info())


def down(deployment: DeploymentFolder = None) -> None:
    """Stop everything that `up` or `run --keep` left running."""
    _use(deployment)
    _stack().down()
    typer.echo("stopped")


def clean(deployment: DeploymentFolder = None) -> None:
    """Stop everything and remove all state: warehouse, landed files, sample city, logs."""
    _use(deployment)
    _stack().remove()
    typer.echo("removed")


def bi(deployment: DeploymentFolder = None) -> None:
    """Start Superset with the dashboards beside services that run; `make bi` installs it first."""
    from demo.processes import ProcessError
    from demo.superset.dashboards import start_dashboards
    from demo.superset.server import SupersetError

    _use(deployment)
    try:
        console.print_up(start_dashboards(home_from_environment(), console.echo))
    except (SupersetError, ProcessError) as error:
        console.print_error(str(error))
        raise typer.Exit(1) from None


def _use(deployment: Path | None) -> None:
    if deployment is not None:
        use_deployment(deployment)


def _stack() -> DemoStack:
    # Only here: `huimin check` loads this module too, and must start fast.
    from demo.stack import DemoStack

    return DemoStack(home_from_environment())
