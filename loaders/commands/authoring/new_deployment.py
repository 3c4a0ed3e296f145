"""`huimin init`: makes the folder of a new deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_STEPS = (
    "export HUIMIN_DEPLOYMENT={folder}",
    "huimin contracts check",
    "huimin run, in the product's checkout: loads the sample documents, builds, prints the figures",
    "{folder}/README.md: what belongs where, and how to replace the example",
)


def init(
    name: Annotated[str, typer.Argument(help="English, small letters, such as qingxi.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it; a folder NAME here, if left out.")] = None,
) -> None:
    """Write a new deployment: a folder with one report, its sample documents and one indicator that work. Asks nothing."""
    from loaders.scaffold.deployment_files import scaffold_deployment

    wanted = (folder or Path(name)).absolute()
    written = scaffold_deployment(wanted, name)
    typer.echo(f"wrote {len(written)} files below {wanted}")
    typer.echo("next:")
    for number, step in enumerate(_STEPS, start=1):
        typer.echo(f"  {number}. {step.format(folder=wanted)}")
