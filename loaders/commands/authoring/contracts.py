"""`huimin contracts …`: what is said of the contracts themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loaders.contract import (
    ContractError,
    UpgradeError,
    deployment_of,
    deployment_schema,
    editor_schema,
    load_contracts,
    upgraded,
)
from loaders.settings import (
    deployment_from_environment,
    expectations_from_environment,
    project_from_environment,
)
from loaders.unit_spells import UnitSpellError, UnitSpells

contracts_app = typer.Typer(no_args_is_help=True, help="Look at the contracts in expectations/.")


@contracts_app.command("check")
def check() -> None:
    """Read every contract, and what a deployment's files must agree on; show every fault of every file at once."""
    from loaders.operations.deployment_check import address_errors, deployment_errors
    from loaders.pages.access.access_file import AccessError, access_path, load_access
    from loaders.validation import check_rules

    contracts = load_contracts(expectations_from_environment())
    errors = list(map(str, contracts.errors))
    for report in contracts.reports.values():
        errors += [f"{report.system}/{report.report}.yml: rules: {detail}" for detail in check_rules(report)]
    own = deployment_from_environment()
    try:
        UnitSpells.load(own / "dbt_project" / "seeds" / "unit_spells.csv")
    except UnitSpellError as error:
        errors += str(error).splitlines()
    try:
        load_access(access_path())
    except AccessError as error:
        errors += str(error).splitlines()
    errors += address_errors(
        contracts.reports.values(),
        own / "people" / "people.yml",
        deployment_of(expectations_from_environment()).demo_mail_domain,
    )
    # Contracts elsewhere are a part of a deployment: its dictionary speaks of others too.
    if expectations_from_environment() == own / "expectations" and not contracts.errors:
        errors += deployment_errors(own / "dbt_project", contracts.reports, project_from_environment() / "dbt_project")
    if errors:
        raise ContractError("\n".join(errors))
    if not contracts.reports:
        raise ContractError(
            f"there is no contract below {expectations_from_environment()}: set HUIMIN_EXPECTATIONS to their folder"
        )
    typer.echo(f"{len(contracts.reports)} contracts are right")


@contracts_app.command("schema")
def schema() -> None:
    """Write expectations/report.schema.json and deployment.schema.json, by which editors complete and check the files."""
    folder = expectations_from_environment()
    for name, text in (("report.schema.json", editor_schema()), ("deployment.schema.json", deployment_schema())):
        (folder / name).write_text(text, encoding="utf-8")
        typer.echo(f"wrote {folder / name}")


@contracts_app.command("sync")
def sync(
    reports: Annotated[list[str], typer.Argument(help="Reports whose contracts gained columns, such as donation.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes as a diff and write nothing.")] = False,
) -> None:
    """Add the columns that a contract gained to its staging model and its description; what was edited there stays."""
    from loaders.scaffold.staging_sync import staging_edits

    contracts = load_contracts(expectations_from_environment())
    root = deployment_from_environment()
    # All edits are found before the first is written: a model that cannot be edited leaves all files as they are.
    edits = {name: staging_edits(root, contracts.valid_report(name)) for name in reports}
    for name, found in edits.items():
        if not found:
            typer.echo(f"{name}: the staging model has all columns")
        for edit in found:
            if dry_run:
                typer.echo(edit.diff(), nl=False)
            else:
                edit.write()
                typer.echo(f"{name}: added {', '.join(edit.added)} to {edit.path.name}")


@contracts_app.command("upgrade")
def upgrade(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Contracts, such as expectations/charity/donation.yml.")
    ],
) -> None:
    """Rewrite keys that had another name in place; comments and layout stay. A file without such keys is left as it is."""
    refused = []
    for path in files:
        try:
            typer.echo(f"{path}: {_upgrade(path)}")
        except (UpgradeError, UnicodeDecodeError, OSError) as error:
            refused.append(f"{path}: {' '.join(str(error).split())}")
    if refused:
        raise ContractError("\n".join(refused))


def _upgrade(path: Path) -> str:
    # As bytes, so that line ends stay as they are.
    text, changes = upgraded(path.read_bytes().decode("utf-8"))
    if not changes:
        return "has the present keys"
    path.write_bytes(text.encode("utf-8"))
    return ", ".join(changes)
