"""`huimin source …`: what a data engineer runs while a contract's source is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, parse_period
from loaders.contract import AskedSource, Report, load_contracts
from loaders.identifiers import redact
from loaders.period import Period
from loaders.settings import (
    SettingsError,
    connection_from_environment,
    expectations_from_environment,
    home_from_environment,
    stack_environment,
)

if TYPE_CHECKING:
    from loaders.checking.source_check import SourceCheck

EXIT_NO_DOCUMENT = 2
_TIMEOUT_SECONDS = 30.0

source_app = typer.Typer(no_args_is_help=True, help="Look at the sources of reports.")


@source_app.command("try")
def try_source(
    report: Annotated[str, typer.Argument(help="The report's name.")],
    period: Annotated[Period | None, typer.Option(parser=parse_period, help="As 2023-06; else the last that has ended.")] = None,
    unit: Annotated[str | None, typer.Option(help="A reporting unit; else the first of the contract.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the messages about rows.")] = "zh",
) -> None:
    """Make one request, and show what came and what the contract makes of it. Nothing is stored; values are masked.

    Exit 0: rows would be loaded; 1: some would be rejected; 2: no answer, or none that the contract describes.
    """
    contract, source = _asked_contract(report)
    check_selection(contract, [str(period)] if period else [], [unit] if unit else [])
    check = _checked(contract, source, period, unit)
    _print(check, lang)
    raise typer.Exit(check.exit_code)


def _asked_contract(name: str) -> tuple[Report, AskedSource]:
    contracts = load_contracts(expectations_from_environment())
    if name not in {*contracts.reports, *contracts.stopped}:
        raise typer.BadParameter(f"no such report: {name}; there are: {', '.join(sorted(contracts.reports))}")
    contract = contracts.valid_report(name)
    if not isinstance(contract.source, AskedSource):
        raise typer.BadParameter(
            f"{name} comes from a source of kind {contract.source.kind}, and this command asks HTTP APIs and SOAP services; "
            "`huimin check FILE` shows what a document of it would get"
        )
    return contract, contract.source


def _checked(contract: Report, source: AskedSource, period: Period | None, unit: str | None) -> SourceCheck:
    from loaders.checking.source_check import check_source
    from loaders.sources import SourceError

    try:
        url, folder = _connection_url(source.connection), expectations_from_environment() / contract.system
        return check_source(contract, source, url, _TIMEOUT_SECONDS, folder, unit=unit, period=period)
    except SourceError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_NO_DOCUMENT) from None


def _print(check: SourceCheck, lang: str) -> None:
    trial = check.trial
    console.echo(trial.request)
    asked = f"unit {trial.unit}" + (f", period {trial.period}" if trial.period else "")
    console.echo(f"asked for: {asked}")
    console.echo(f"came: HTTP {trial.status}, {trial.content_type}, {trial.byte_size:,} bytes in {trial.seconds:.1f} s")
    for path in trial.paths:
        console.echo(f"  {'✗' if path.is_error else '✓'} {path.field}: {redact(path.found)}")
    if check.first_record:
        console.print_table("First record (masked)", [{"field": name, "value": value} for name, value in check.first_record])
    if check.fields:
        rows = [{"field": one.field, "column": one.column, "note": one.note} for one in check.fields]
        console.print_table("Fields", rows)
    if trial.error is not None:
        console.print_error(f"✗ {trial.error}")
    if check.checked is not None:
        console.print_checked_document(check.checked, lang)
    if rows := check.accepted_rows():
        console.print_table("First rows as they would be loaded (personal values masked)", rows)


def _connection_url(name: str) -> str:
    """Returns the URL of a connection for what needs no other setting, from the environment or from services on this machine.

    Raises:
        SettingsError: no such connection is set.
    """
    variable = f"AIRFLOW_CONN_{name.upper()}"
    url = connection_from_environment(name) or stack_environment(home_from_environment()).get(variable)
    if url is None:
        raise SettingsError(f'connection "{name}" is not set: set {variable} to its URL')
    return url
