"""`huimin dashboards`: the deployment's dashboards as a bundle for a Superset of one's own. It needs no database."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.commands.arguments import refuse_existing
from loaders.settings import deployment_from_environment, expectations_from_environment, project_from_environment

_FOLDER = "huimin"


def dashboards(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write the bundle: a .zip file.")],
    database_uri: Annotated[
        str, typer.Option(help="The warehouse as bi_reader, for SQLAlchemy; XXXXXXXXXX in place of the password.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file.")] = False,
) -> None:
    """Write the dashboards of the deployment as a bundle that Apache Superset imports (docs/bi.md)."""
    from loaders.contract import load_reports
    from loaders.dashboards import DashboardError, make_bundle, read_definitions, read_table_labels

    refuse_existing(out, "OUT", is_forced=force)
    own = deployment_from_environment() / "dbt_project"
    projects = dict.fromkeys((project_from_environment() / "dbt_project", own))
    try:
        labels = read_table_labels(load_reports(expectations_from_environment()), *projects)
        bundle = make_bundle(read_definitions(own / "dashboards"), labels, database_uri)
    except DashboardError as error:
        raise typer.BadParameter(str(error)) from None
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in bundle.items():
            archive.writestr(f"{_FOLDER}/{path}", text)
    out.write_bytes(content.getvalue())
    console.print_note(f"{len(bundle)} files written to {out}")
