"""Commands that read the whole warehouse: `huimin status`, `figures`, `fingerprint`, `account`; and `docs`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from loaders.commands import console
from loaders.commands.arguments import checked_period, known_area
from loaders.commands.figures import Hierarchy, figures_of_their_time, former_figures
from loaders.contract import deployment_of
from loaders.settings import reading_settings

EXIT_FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        console.print_table(title, rows)


def docs() -> None:
    """Write dbt's documentation, and a page of each report, as files that need no network."""
    from loaders.dbt.runner import write_docs
    from loaders.pages.static_reports import write_reports

    settings = reading_settings()
    models = write_docs(settings)
    typer.echo(f"wrote {models}")
    typer.echo(f"wrote {write_reports(settings, models.parent / 'reports')}")


def status(as_json: AsJson = False) -> None:
    """Each report: submissions by state, watermark, what is open in quarantine, what never came."""
    from loaders.operations import queries

    _show(queries.status(reading_settings()), as_json, "Reports")


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


def fingerprint() -> None:
    """SHA-256 over all sorted (indicator, area, period, value)."""
    from loaders.operations import queries

    typer.echo(queries.fingerprint(reading_settings()))


def account(as_json: AsJson = False) -> None:
    """Each landed file: rows, loaded, quarantined, furniture, difference. Exit 1 when a row is unaccounted for."""
    from loaders.operations import queries

    rows = queries.account(reading_settings())
    _show(rows, as_json, "Account")
    if not as_json:
        typer.echo(_sum_of(rows))
    if any(row["difference"] for row in rows):
        raise typer.Exit(EXIT_FAILED)


def _sum_of(rows: Sequence[Mapping[str, Any]]) -> str:
    total, loaded, quarantined, furniture, difference = (
        sum(row[name] or 0 for row in rows)
        for name in ("rows_total", "rows_loaded", "rows_quarantined", "rows_furniture", "difference")
    )
    return (
        f"{len(rows):,} files, {total:,} rows = {loaded:,} loaded + {quarantined:,} quarantined + {furniture:,} furniture; "
        f"unaccounted for: {difference:,}"
    )
