"""`huimin template`: a document of a report, for a person to fill in. Without `--known`, it needs neither a
database nor a setting.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, chosen_contracts, parse_period, refuse_existing
from loaders.contract import FileDrop, load_contracts
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.settings import divisions_from_environment, expectations_from_environment, reading_settings

if TYPE_CHECKING:
    from loaders.template import TemplateRequest

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
    known: Annotated[
        bool, typer.Option("--known", help="Fill in what was reported before and is still there; reads the warehouse.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file.")] = False,
) -> None:
    """Write a document to be filled in that lets in what `check` accepts: an .xlsx, or a text where the report comes as CSV."""
    from loaders.template import TemplateError, TemplateRequest, make_template

    (contract,) = chosen_contracts(report).values()
    check_selection(contract, [str(period)] if period else [], [unit] if unit else [])
    if unit is None and len(contract.units) == 1:
        unit = contract.units[0]
    divisions = Divisions.load(divisions_from_environment())
    try:
        request = TemplateRequest(contract, divisions, unit, period, rows, lang)
        made = make_template(_with_known_rows(request) if known else request)
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


def _with_known_rows(request: TemplateRequest) -> TemplateRequest:
    from loaders.operations.forms.known_rows import known_rows

    reports = load_contracts(expectations_from_environment()).reports
    found = known_rows(reading_settings(), reports, request.report, request.unit, request.period)
    if not found.rows:
        console.print_note("nothing is known before: no earlier document has things that stay, and no register names them")
    sources = [reports[name].title.zh for name in found.sources]
    return replace(request, known=found.rows, sources=sources, withheld=frozenset(found.withheld))
