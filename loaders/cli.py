"""The command `huimin`: words in, an exit code out. What it prints is drawn in `console`; what it does is done elsewhere.

Heavy rooms are imported inside the commands, so that `huimin check` starts fast.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from loaders.commands import console, load
from loaders.commands.check import cells, check
from loaders.commands.contracts import contracts_app
from loaders.commands.ledger import add_ledger_commands
from loaders.contract import ContractError
from loaders.settings import PROJECT_ROOT, Settings, SettingsError, expectations_from_environment, home_from_environment

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(contracts_app, name="contracts")
add_ledger_commands(app)
app.command()(load.load)
app.command("build")(load.build)
app.command("cross-check")(load.cross_check)

EXIT_FAILED = 1
EXIT_USAGE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def main() -> None:
    """Run the command line; known errors end as one readable message on standard error."""
    try:
        app()
    except (SettingsError, ContractError, FileNotFoundError) as error:
        console.print_error(str(error))
        sys.exit(EXIT_USAGE)
    except Exception as error:
        if type(error).__module__.partition(".")[0] in {"loaders", "psycopg"}:
            console.print_error(f"{type(error).__name__}: {error}")
            sys.exit(EXIT_FAILED)
        raise


def _settings() -> Settings:
    from loaders.local_stack.stack import stack_settings

    return stack_settings()


def _show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table(title, rows)


@app.command()
def run(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,
) -> None:
    """Run the main job: start everything, load all reports, build the indicators, compare them with print, stop."""
    from loaders.main_job import run_main_job

    raise typer.Exit(run_main_job(home_from_environment(), keep=keep))


@app.command()
def up() -> None:
    """Start PostgreSQL, the sample city and Airflow, and leave them running."""
    from loaders.local_stack.stack import LocalStack

    stack = LocalStack(home_from_environment())
    stack.up(console.echo)
    console.print_up(stack.facts())


@app.command()
def down() -> None:
    """Stop everything that `up` or `run --keep` left running."""
    from loaders.local_stack.stack import LocalStack

    LocalStack(home_from_environment()).down()
    typer.echo("stopped")


@app.command()
def clean() -> None:
    """Stop everything and remove all state: warehouse, landed files, sample city, logs."""
    from loaders.local_stack.stack import LocalStack

    LocalStack(home_from_environment()).remove()
    typer.echo("removed")


@app.command()
def migrate() -> None:
    """Create or upgrade the schemas and tables of the warehouse, as the user of HUIMIN_WAREHOUSE_URL."""
    from loaders.warehouse import accessible_databases, ensure_roles
    from loaders.warehouse import migrate as migrate_warehouse

    url = _settings().warehouse_url
    for remark in (*ensure_roles(url, {}), *migrate_warehouse(url)):
        console.print_error(remark)
    for name in accessible_databases(url, "bi_reader"):
        console.print_note(
            f'bi_reader may enter database "{name}" too, as everybody may; if nobody else needs that: '
            f'revoke connect on database "{name}" from public;'
        )
    typer.echo("the warehouse is up to date")


@app.command()
def docs() -> None:
    """Write dbt's documentation as one page that needs no network."""
    from loaders.dbt.runner import write_docs

    typer.echo(f"wrote {write_docs(_settings())}")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Each report: submissions by state, watermark, what is open in quarantine, what never came."""
    from loaders.operations import queries

    _show(queries.status(_settings()), as_json, "Reports")


@app.command()
def figures(
    area: Annotated[str | None, typer.Option(help="An area's code, e.g. 4413, 441302, 441302112, HZ-ZK.")] = None,
    period: Annotated[str | None, typer.Option(help="A period, e.g. 2023-12, 2023Q4, 2023.")] = None,
    as_json: AsJson = False,
) -> None:
    """Indicator values; without options, ours against the published figures."""
    from loaders.operations import queries

    rows = queries.figures(_settings(), area=area, period=period)
    if as_json or area or period:
        _show(rows, as_json, "Figures")
    else:
        console.print_figures(rows)


@app.command()
def evidence(
    indicator: str,
    area: Annotated[str | None, typer.Option(help="An area's code.")] = None,
    period: Annotated[str | None, typer.Option(help="A period; without one, all to date.")] = None,
    as_json: AsJson = False,
) -> None:
    """The way back from a figure to file, sheet and row."""
    from loaders.operations import queries

    rows = queries.evidence(_settings(), indicator, area=area, period=period)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    console.print_table(f"Evidence for {indicator}", rows[: console.MOST_ROWS])
    typer.echo(console.evidence_total(rows))


@app.command()
def fingerprint() -> None:
    """SHA-256 over all sorted (indicator, area, period, value)."""
    from loaders.operations import queries

    typer.echo(queries.fingerprint(_settings()))


@app.command()
def account(as_json: AsJson = False) -> None:
    """Each landed file: rows, loaded, quarantined, furniture, difference. Exit 1 when a row is unaccounted for."""
    from loaders.operations import queries

    rows = queries.account(_settings())
    _show(rows, as_json, "Account")
    if any(row["difference"] for row in rows):
        raise typer.Exit(EXIT_FAILED)


@app.command("new-report")
def new_report(
    system: Annotated[str, typer.Argument(help="civil_affairs, charity or social_work.")],
    name: Annotated[str, typer.Argument(help="English, such as micro_project: the contract's file and the raw table.")],
    code: Annotated[str, typer.Option(help="The report's code, e.g. CH08.")],
    title: Annotated[str, typer.Option(help="Its Chinese title.")] = "",
    sample: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A document to take format, headers and types from.")
    ] = None,
    password: Annotated[str | None, typer.Option(help="Opens a sample that is encrypted.")] = None,
) -> None:
    """Write a new report's contract, or, when the contract is there, its staging model and fixture folder."""
    from loaders.scaffold.report_files import scaffold_report

    written = scaffold_report(
        PROJECT_ROOT,
        system=system,
        name=name,
        code=code,
        title=title,
        sample=sample,
        password=password,
        expectations=expectations_from_environment(),
        remark=console.print_note,
    )
    if not written:
        sample_words = "; the sample was not looked at" if sample else ""
        typer.echo(f"nothing to write: the contract, staging model and fixture folder of {name} are there{sample_words}")
    for path in written:
        typer.echo(f"wrote {path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path}")


app.command()(check)
app.command()(cells)
