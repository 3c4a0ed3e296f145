"""`huimin evidence`: the way back from a figure to file, sheet, row and cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.commands import console
from loaders.commands.arguments import checked_period, known_area, known_indicator
from loaders.settings import Settings, reading_settings

if TYPE_CHECKING:
    from loaders.warehouse.queries.evidence_queries import FigureEvidence

EXIT_USAGE = 2
# What fits on a screen; --json and --to write everything.
_SHOWN = ("quantity", "report", "unit", "period", "file", "sheet", "row", "cell", "field", "text", "loaded_at", "run")


def evidence(
    indicator: Annotated[str, typer.Argument(help="An indicator's code.", callback=known_indicator)],
    area: Annotated[str | None, typer.Option(help="An area's code.", callback=known_area)] = None,
    period: Annotated[str | None, typer.Option(help="A period; without one, all to date.", callback=checked_period)] = None,
    as_reader: Annotated[bool, typer.Option("--as-reader", help="Only what BI shows.")] = False,
    to: Annotated[Path | None, typer.Option(help="Write everything to this workbook (.xlsx).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """The way back from a figure to file, sheet, row and cell, with the text as it stood there and where the landed file is."""
    from loaders.operations import evidence as operation

    settings = reading_settings()
    most = None if as_json or to is not None else console.MOST_ROWS
    found = operation.evidence(settings, indicator, area=area, period=period, as_reader=as_reader, most=most)
    if to is not None:
        _write(operation.write_workbook, found.rows, to)
    if as_json:
        typer.echo(json.dumps(found.rows, ensure_ascii=False, default=str))
        return
    shown = [{name: row[name] for name in _SHOWN} for row in found.rows[: console.MOST_ROWS]]
    console.print_table(f"Evidence for {indicator}", shown)
    typer.echo(console.evidence_total(found.rows_count, found.documents_count, found.quantity))
    is_hidden = operation.hides_evidence(settings, indicator) if as_reader else found.is_hidden
    for line in (*_landed_files(settings, found), *_hidden(is_hidden=is_hidden)):
        console.echo(line)


def _write(write_workbook: Any, rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    try:
        write_workbook(rows, file)
    except OSError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    console.print_note(f"{len(rows)} rows written to {file}")


def _landed_files(settings: Settings, found: FigureEvidence) -> list[str]:
    """Where the landed files of the rows are: each, if they are few."""
    from loaders.landing import landed_place

    if found.documents_count > len(found.documents):
        return [f"{found.documents_count} landed files in {settings.landing} (--json and --to name each)"]
    return [f"{uri.rpartition('/')[2]}: {landed_place(settings.landing, sha256)}" for uri, sha256 in found.documents]


def _hidden(*, is_hidden: bool) -> list[str]:
    """Why BI does not show these rows, if it does not."""
    from loaders.messages import phrase

    if not is_hidden:
        return []
    reason = phrase("evidence.hidden")
    return [reason.zh, reason.en]
