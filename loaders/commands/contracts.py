"""`huimin contracts …`: what is said of the contracts themselves."""

from __future__ import annotations

import typer

from loaders.contract import ContractError, editor_schema, load_contracts
from loaders.settings import expectations_from_environment

contracts_app = typer.Typer(no_args_is_help=True, help="Look at the contracts in expectations/.")


@contracts_app.command("check")
def check() -> None:
    """Read every contract; show every fault of every file at once."""
    from loaders.validation import check_rules

    contracts = load_contracts(expectations_from_environment())
    errors = list(map(str, contracts.errors))
    for report in contracts.reports.values():
        errors += [f"{report.system}/{report.report}.yml: rules: {detail}" for detail in check_rules(report)]
    if errors:
        raise ContractError("\n".join(errors))
    if not contracts.reports:
        raise ContractError(
            f"there is no contract below {expectations_from_environment()}: set HUIMIN_EXPECTATIONS to their folder"
        )
    typer.echo(f"{len(contracts.reports)} contracts are right")


@contracts_app.command("schema")
def schema() -> None:
    """Write expectations/report.schema.json, by which editors complete and check the contracts."""
    path = expectations_from_environment() / "report.schema.json"
    path.write_text(editor_schema(), encoding="utf-8")
    typer.echo(f"wrote {path}")
