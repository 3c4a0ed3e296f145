"""`huimin contracts …`: what is said of the contracts themselves."""

from __future__ import annotations

import typer

from loaders.contract import ContractError, editor_schema, load_reports
from loaders.settings import PROJECT_ROOT

contracts_app = typer.Typer(no_args_is_help=True, help="Look at the contracts in expectations/.")


@contracts_app.command("check")
def check() -> None:
    """Read every contract; show every fault of every file at once."""
    from loaders.validation import check_rules

    reports = load_reports(PROJECT_ROOT / "expectations")
    faults = [fault for report in reports.values() for fault in check_rules(report)]
    if faults:
        raise ContractError("\n".join(faults))
    typer.echo(f"{len(reports)} contracts are right")


@contracts_app.command("schema")
def schema() -> None:
    """Write expectations/report.schema.json, by which editors complete and check the contracts."""
    path = PROJECT_ROOT / "expectations" / "report.schema.json"
    path.write_text(editor_schema(), encoding="utf-8")
    typer.echo(f"wrote {path}")
