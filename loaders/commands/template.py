"""`huimin template`: an empty document of a report, for a person to fill in. It needs neither a database nor a setting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, chosen_contracts, parse_period, refuse_existing
from loaders.contract import FileDrop
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.settings import divisions_from_environment

_MOST_ROWS = 20_000


def template(
    report: Annotated[str, typer.Argument(help="The report, by its name in the contract.")],
    out: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="Where to write; else here, under the name it is sent by.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="The reporting unit's code; not needed where there is one.")] = None,
    period: Annotated[Period | None, typer.Option(parser=parse_period, help="As 2023-06, 2023Q2 or 2023.")] = None,
    rows: Annotated[int, typer.Option(min=1, max=_MOST_ROWS, help="The number of rows to fill in.")] = 200,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of notes and messages.")] = "zh",
    force: Annotated[bool, typer.Option("--force", help="Replace a file.")] = False,
) -> None:
    """Write an empty document that lets in what `check` accepts: an .xlsx, or the header line of a report that comes as CSV."""
    from loaders.template import TemplateError, TemplateRequest, make_template

    (contract,) = chosen_contracts(report).values()
    check_selection(contract, [str(period)] if period else [], [unit] if unit else [])
    if unit is None and len(contract.units) == 1:
        unit = contract.units[0]
    divisions = Divisions.load(divisions_from_environment())
    try:
        made = make_template(TemplateRequest(contract, divisions, unit, period, rows, lang))
    except TemplateError as error:
        raise typer.BadParameter(str(error), param_hint="REPORT") from None
    target = out if out is not None else Path(made.file_name)
    suffix = Path(made.file_name).suffix
    if target.suffix.lower() != suffix:
        raise typer.BadParameter(f"{report} comes as {suffix}: name the file so", param_hint="OUT")
    refuse_existing(target, "OUT", is_forced=force)
    target.write_bytes(made.content)
    folder = contract.source.folder if isinstance(contract.source, FileDrop) else ""
    sent_as = "/".join(part for part in (folder, made.path) if part) if made.path else None
    console.print_note(f"template written to {target}" + (f"; send it as {sent_as}" if sent_as else ""))
