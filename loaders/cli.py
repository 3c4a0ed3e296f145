"""The command `huimin`: words in, an exit code out. What it prints is drawn in `console`; what it does is done elsewhere.

Heavy packages are imported inside the commands, so that `huimin check` starts fast.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import entry_points, version
from typing import Annotated, Any

import typer

from loaders.commands import console, load
from loaders.commands.arguments import checked_period, known_area
from loaders.commands.authoring import new_deployment, new_files
from loaders.commands.authoring.contracts import contracts_app
from loaders.commands.authoring.dashboards import dashboards
from loaders.commands.authoring.expectations import expectations_app
from loaders.commands.authoring.overlap import overlap
from loaders.commands.check import cells, check
from loaders.commands.documents.anomalies import add_anomaly_commands
from loaders.commands.documents.decisions import add_decision_commands
from loaders.commands.documents.issues import issues_app
from loaders.commands.documents.ledger import add_ledger_commands
from loaders.commands.documents.obligations import add_obligation_commands
from loaders.commands.documents.purge import purge
from loaders.commands.documents.replay import replay
from loaders.commands.documents.verify import verify_app
from loaders.commands.evidence import evidence
from loaders.commands.explain import explain
from loaders.commands.figures import Hierarchy, figures_of_their_time, former_figures
from loaders.commands.migration import migrate
from loaders.commands.notifying.chase import add_notifying_commands
from loaders.commands.notifying.outbox import outbox_app
from loaders.commands.pages import pages_app
from loaders.commands.release import release_app
from loaders.commands.source import source_app
from loaders.commands.template import template
from loaders.contract import ContractError, DeploymentError, deployment_of
from loaders.settings import SettingsError, reading_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(contracts_app, name="contracts")
app.add_typer(expectations_app, name="expectations")
app.add_typer(source_app, name="source")
app.add_typer(issues_app, name="issues")
app.add_typer(outbox_app, name="outbox")
app.add_typer(pages_app, name="pages")
app.add_typer(release_app, name="release")
app.add_typer(verify_app, name="verify")
add_ledger_commands(app)
add_obligation_commands(app)
add_anomaly_commands(app)
add_decision_commands(app)
add_notifying_commands(app)
app.command()(load.load)
app.command()(purge)
app.command()(replay)
app.command("build")(load.build)
app.command("cross-check")(load.cross_check)
app.command()(migrate)

COMMANDS_GROUP = "huimin.commands"
EXIT_FAILED = 1
EXIT_USAGE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def main() -> None:
    """Run the command line; known errors end as one readable message on standard error."""
    packages = {"loaders", "psycopg", *_add_installed_commands()}
    try:
        app()
    except (SettingsError, ContractError, DeploymentError, FileNotFoundError) as error:
        console.print_error(str(error))
        sys.exit(EXIT_USAGE)
    except Exception as error:
        if type(error).__module__.partition(".")[0] in packages:
            console.print_error(f"{type(error).__name__}: {error}")
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


def _show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table(title, rows)


@app.command()
def docs() -> None:
    """Write dbt's documentation, and a page of each report, as files that need no network."""
    from loaders.dbt.runner import write_docs
    from loaders.pages.static_reports import write_reports

    settings = reading_settings()
    models = write_docs(settings)
    typer.echo(f"wrote {models}")
    typer.echo(f"wrote {write_reports(settings, models.parent / 'reports')}")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Each report: submissions by state, watermark, what is open in quarantine, what never came."""
    from loaders.operations import queries

    _show(queries.status(reading_settings()), as_json, "Reports")


@app.command()
def figures(
    area: Annotated[str | None, typer.Option(help="An area's code, as in the list of divisions.", callback=known_area)] = None,
    period: Annotated[str | None, typer.Option(help="A period, e.g. 2023-12, 2023Q4, 2023.", callback=checked_period)] = None,
    indicator: Annotated[str | None, typer.Option(help="An indicator's code.")] = None,
    as_of: Annotated[str | None, typer.Option(help="A day: as it was known at its end, e.g. 2023-07-01.")] = None,
    release: Annotated[int | None, typer.Option(help="The number of a release: as it was published then.")] = None,
    hierarchy: Annotated[Hierarchy, typer.Option(help="Which areas lay in which: as today, or then.")] = Hierarchy.TODAY,
    as_json: AsJson = False,
) -> None:
    """Indicator values; without options, ours against the published figures."""
    from loaders.operations import queries

    settings = reading_settings()
    if hierarchy is Hierarchy.THEN:
        rows = figures_of_their_time(settings, as_of, release, area=area, period=period, indicator=indicator)
    elif as_of is not None or release is not None:
        rows = former_figures(settings, as_of, release, area=area, period=period, indicator=indicator)
    else:
        rows = queries.figures(settings, area=area, period=period, indicator=indicator)
    if as_json or area or period or indicator:
        _show(rows, as_json, "Figures")
    else:
        console.print_figures(deployment_of(settings.expectations).title.zh, rows)


app.command()(evidence)


@app.command()
def fingerprint() -> None:
    """SHA-256 over all sorted (indicator, area, period, value)."""
    from loaders.operations import queries

    typer.echo(queries.fingerprint(reading_settings()))


@app.command()
def account(as_json: AsJson = False) -> None:
    """Each landed file: rows, loaded, quarantined, furniture, difference. Exit 1 when a row is unaccounted for."""
    from loaders.operations import queries

    rows = queries.account(reading_settings())
    _show(rows, as_json, "Account")
    if any(row["difference"] for row in rows):
        raise typer.Exit(EXIT_FAILED)


app.command()(new_deployment.init)
app.command("new-report")(new_files.new_report)
app.command("new-indicator")(new_files.new_indicator)
app.command()(check)
app.command()(cells)
app.command()(template)
app.command()(dashboards)
app.command()(overlap)
app.command()(explain)
