"""`huimin replay`: quarantined rows are validated again after a rule or a code list was changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.commands.arguments import check_known_report, check_selection, checked_periods, known_rule
from loaders.contract import load_contracts
from loaders.settings import stack_settings

if TYPE_CHECKING:
    from loaders.warehouse import Difference

_MOST_ROWS_NAMED = 10


def replay(
    report: Annotated[str, typer.Option(help="The name of a report.")],
    rule: Annotated[str | None, typer.Option(help="Only rows that this rule holds, by code.", callback=known_rule)] = None,
    unit: Annotated[list[str], typer.Option(help="Only these reporting units, by code.")] = [],  # noqa: B006
    period: Annotated[list[str], typer.Option(help="Only these periods, e.g. 2023-06.", callback=checked_periods)] = [],  # noqa: B006
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Validate quarantined rows again by today's contract and code lists, from the landed bytes, and load those that pass.

    Rows that are loaded stay as they are; those that today's contract would reject are named, and `huimin load --again` takes
    them back.
    """
    from loaders.operations import replaying

    settings = stack_settings()
    contracts = load_contracts(settings.expectations)
    check_known_report(report, {*contracts.reports, *contracts.stopped}, contracts.reports, unit=None, period=None)
    check_selection(contracts.valid_report(report), period, unit)
    done = replaying.replay(settings, report, rule=rule, units=unit, periods=period, is_dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps({**asdict(done), "is_dry_run": dry_run}, ensure_ascii=False, default=str))
        return
    print_differences(done.differences)
    for skipped in done.skipped:
        console.print_error(skipped)
    if not dry_run:
        states = f"; documents: {console.counts(done.states)}" if done.states else ""
        typer.echo(f"{report}: {done.rows_loaded} quarantined row(s) loaded{states}")


def print_differences(differences: Iterable[Difference]) -> None:
    """Print what a validation by today's contract would change, a line for each document, and the sums."""
    found = list(differences)
    for one in found:
        if not one.is_none:
            place = " ".join(filter(None, (str(one.submission_id), one.unit_code, one.period, one.source_uri)))
            refusal = f"; the document would be refused: {one.refusal}" if one.refusal else ""
            typer.echo(f"{place}: {_rows(one.to_load, 'pass now')}, {_rows(one.to_reject, 'would be rejected')}{refusal}")
    passing, failing = sum(len(one.to_load) for one in found), sum(len(one.to_reject) for one in found)
    typer.echo(
        f"{len(found)} document(s) validated again: {passing} held row(s) pass now, {failing} loaded row(s) would be rejected"
    )


def _rows(places: tuple[tuple[str, int], ...], what: str) -> str:
    if not places:
        return f"0 {what}"
    named = ", ".join(f"{sheet} {row}".strip() for sheet, row in places[:_MOST_ROWS_NAMED])
    return f"{len(places)} {what} (row {named}{', …' if len(places) > _MOST_ROWS_NAMED else ''})"
