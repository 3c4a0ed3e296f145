"""Arguments that several commands take. What names nothing known ends the command in one line with exit code 2."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import typer

from loaders.commands import console
from loaders.contract import ContractError, Report, load_contracts
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.settings import Settings, expectations_from_environment, reading_settings

_MOST_NAMES = 20


def parse_period(text: str) -> Period:
    """Returns the period that a text names. A parser of options."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def checked_period(text: str | None) -> str | None:
    """Returns a period as it was given, if it is one. A callback of options."""
    if text is not None:
        parse_period(text)
    return text


def checked_periods(texts: list[str]) -> list[str]:
    """Returns periods as they were given, if they are periods. A callback of options."""
    for text in texts:
        parse_period(text)
    return texts


def known_area(code: str | None) -> str | None:
    """Returns the code of an area that the deployment's divisions have or had. A callback of options."""
    if code is not None:
        divisions = Divisions.load(reading_settings().divisions)
        if divisions.code_of(code) is None:
            known = divisions.by_code
            raise typer.BadParameter(f"no such area: {code}; {_suggestions(code, known)}codes stand in divisions.csv")
    return code


def known_indicator(code: str) -> str:
    """Returns the code of an indicator that the deployment's dictionary has. A callback of arguments."""
    known = _dictionary(reading_settings())
    if code not in known:
        raise typer.BadParameter(f"no such indicator: {code}; {_suggestions(code, known)}codes stand in indicators.csv")
    return code


def known_rule(code: str | None) -> str | None:
    """Returns the code of a message, or a rule's name of Great Expectations'. A callback of options."""
    from loaders.messages.explain import explained, similar_codes

    if code is not None and not explained(code):
        near = similar_codes(code)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise typer.BadParameter(f"no such rule: {code}; {hint}huimin explain --list shows all")
    return code


def check_known_report(
    name: str | None, known: Collection[str], reports: Mapping[str, Report], *, unit: str | None, period: str | None
) -> None:
    """Refuses a report that there is not, and a unit or a period that it, or no report at all, has.

    Raises:
        typer.BadParameter: one of them names nothing.
    """
    if name is not None and name not in known:
        raise typer.BadParameter(f"no such report: {name}; there are: {', '.join(sorted(known))}", param_hint="REPORT")
    if name is not None and name in reports:
        check_selection(reports[name], [period] if period else [], [unit] if unit else [])
    if name is None and unit is not None and not any(unit in report.units for report in reports.values()):
        raise typer.BadParameter(f"no report has a unit {unit}", param_hint="--unit")


def check_selection(report: Report, periods: Iterable[str], units: Iterable[str]) -> None:
    """Refuses periods of another kind than the report's, and units that it does not have.

    Raises:
        typer.BadParameter: one of them names nothing of this report.
    """
    for text in periods:
        kind = parse_period(text).kind
        if report.period_kind is None:
            raise typer.BadParameter(f"{report.report} has no periods, found {text}: leave out --period", param_hint="--period")
        if kind is not report.period_kind:
            raise typer.BadParameter(f"{report.report} comes by {report.period_kind}, found {text}", param_hint="--period")
    for code in units:
        if code not in report.units:
            raise typer.BadParameter(f"{report.report} has no unit {code}; it has: {_listed(report.units)}", param_hint="--unit")


def chosen_contracts(report: str | None) -> dict[str, Report]:
    """Returns the contract of one report, or without a name all that are sound. Needs no database.

    Raises:
        typer.BadParameter: there is no such report.
        ContractError: there is no contract at all, or that of the report has faults.
    """
    contracts = load_contracts(expectations_from_environment())
    if not contracts.reports and not contracts.stopped:
        raise ContractError(
            f"there is no contract below {expectations_from_environment()}: set HUIMIN_EXPECTATIONS to their folder"
        )
    if report is None:
        console.print_stopped(contracts.stopped)
        return dict(contracts.reports)
    if report not in {*contracts.reports, *contracts.stopped}:
        raise typer.BadParameter(f"no such report: {report}; there are: {', '.join(contracts.reports)}")
    return {report: contracts.valid_report(report)}


def refuse_existing(target: Path, argument: str, *, is_forced: bool) -> None:
    """Refuses a file that would be replaced without --force.

    Raises:
        typer.BadParameter: it exists.
    """
    if target.exists() and not is_forced:
        raise typer.BadParameter(f"{target} exists: name another file for {argument}, or replace it with --force")


def _dictionary(settings: Settings) -> set[str]:
    with (settings.dbt_project / "seeds" / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        return {row["indicator_code"] for row in csv.DictReader(lines)}


def _suggestions(code: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(code, sorted(known), n=3)
    return f"did you mean {' or '.join(near)}? " if near else ""


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - _MOST_NAMES} more" if len(shown) > _MOST_NAMES else ""
    return ", ".join(shown[:_MOST_NAMES]) + more
