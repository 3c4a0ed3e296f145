"""`huimin expectations …`: the rules of contracts for users of Great Expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.contract import load_contracts
from loaders.settings import expectations_from_environment

expectations_app = typer.Typer(no_args_is_help=True, help="Use the rules of the contracts with a stock Great Expectations.")


@expectations_app.command("export")
def export(
    to: Annotated[Path, typer.Option(file_okay=False, help="The folder to write REPORT.json to.")],
    reports: Annotated[list[str] | None, typer.Argument(help="Reports, such as donation; without any, all.")] = None,
) -> None:
    """Write the rules of each report as a standard suite that a stock context loads, and name what has no stock form."""
    from loaders.operations.expectation_export import export_suites

    for path, missing in export_suites(load_contracts(expectations_from_environment()), reports or (), to):
        typer.echo(f"wrote {path}")
        for line in missing:
            console.print_note(f"  no stock form: {line}")


@expectations_app.command("rows")
def rows(
    report: Annotated[str, typer.Argument(help="The report whose documents these are.")],
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Documents as they were sent.")],
    table: Annotated[str, typer.Option(help="A new table, such as scratch.donation, in the database of HUIMIN_WAREHOUSE_URL.")],
    password: Annotated[str | None, typer.Option(help="Opens a workbook that is encrypted.")] = None,
) -> None:
    """Write the typed rows of documents, accepted and rejected, to a table on which an exported suite runs."""
    from loaders.operations.expectation_export import write_rows
    from loaders.settings import reading_settings

    contract = load_contracts(expectations_from_environment()).valid_report(report)
    count = write_rows(reading_settings().warehouse_url, contract, files, table, password=password)
    typer.echo(f"wrote {count} rows to {table}")
