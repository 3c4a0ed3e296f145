"""`huimin evidence`: the way back from a figure to file, sheet, row and cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from loaders.commands import console
from loaders.commands.arguments import checked_period, known_area, known_indicator
from loaders.settings import Settings, reading_settings

EXIT_USAGE = 2
# What fits on a screen; --json and --to write everything.
_SHOWN = ("quantity", "report", "unit", "period", "file", "sheet", "row", "cell", "field", "text", "loaded_at", "run")
_MOST_FILES = 10


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
    rows = operation.evidence(settings, indicator, area=area, period=period, as_reader=as_reader)
    if to is not None:
        _write(operation.write_workbook, rows, to)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    shown = [{name: row[name] for name in _SHOWN} for row in rows[: console.MOST_ROWS]]
    console.print_table(f"Evidence for {indicator}", shown)
    typer.echo(console.evidence_total(rows))
    for line in (*_landed_files(settings, rows), *_hidden(settings, indicator, area, rows, as_reader=as_reader)):
        console.echo(line)


def _write(write_workbook: Any, rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    try:
        write_workbook(rows, file)
    except OSError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    console.print_note(f"{len(rows)} rows written to {file}")


def _landed_files(settings: Settings, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the landed files of the rows are: each, if they are few."""
    landed = dict.fromkeys((row["file"], row["landed"]) for row in rows if row["landed"])
    if len(landed) > _MOST_FILES:
        return [f"{len(landed)} landed files in {settings.landing} (--json and --to name each)"]
    return [f"{file}: {path}" for file, path in landed]


def _hidden(
    settings: Settings, indicator: str, area: str | None, rows: Sequence[Mapping[str, Any]], *, as_reader: bool
) -> list[str]:
    """Why BI does not show these rows, if it does not."""
    from loaders.messages import phrase
    from loaders.operations.evidence import hides_evidence

    is_hidden = hides_evidence(settings, indicator, area) if as_reader else any(row["is_hidden"] for row in rows)
    if not is_hidden:
        return []
    reason = phrase("evidence.hidden")
    return [reason.zh, reason.en]
