"""`huimin overlap`: facts that several reports ask for. It reads contracts only."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import typer

from loaders.commands import console
from loaders.contract import load_contracts
from loaders.settings import expectations_from_environment


def overlap(
    report: Annotated[str | None, typer.Argument(help="Only facts of this report.")] = None,
    least: Annotated[float | None, typer.Option("--least", min=0, max=1, help="The least score, 0.5 as a rule.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the reasons.")] = "zh",
    every: Annotated[bool, typer.Option("--all", help="All pairs, not only the surest report per column.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: all reasons with their weights.")] = False,
) -> None:
    """List facts that are asked for more than once, what could fill them in, and why; then what is asked again each period."""
    from loaders.operations.forms.overlaps import best_per_column, overlap_rows, repeated_rows
    from loaders.overlap import LEAST_SCORE, find_overlaps

    contracts = load_contracts(expectations_from_environment())
    if report is not None:
        contracts.valid_report(report)
    found = find_overlaps(contracts.reports, LEAST_SCORE if least is None else least)
    rows = overlap_rows(found, contracts.reports, lang, report=report)
    repeated = repeated_rows(contracts.reports, report=report)
    console.print_stopped(contracts.stopped)
    if as_json:
        typer.echo(json.dumps({"overlaps": rows, "repeated": repeated}, ensure_ascii=False))
        return
    shown = rows if every or report is not None else best_per_column(rows)
    console.print_table("Asked more than once", [_table_row(row) for row in shown])
    console.print_table("Asked again each period", [_listed(row) for row in repeated])


def _table_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "asked": f"{row['report']}.{row['column']} {row['header']}",
        "known": f"{row['known_report']}.{row['known_column']} {row['known_header']}",
        "relation": row["relation"],
        "link": row["link"],
        "score": row["score"],
        "asked of": row["asked_of"],
        "why": "; ".join(reason["text"] for reason in row["evidence"]),
    }


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "、".join(value) if isinstance(value, list) else value for name, value in row.items()}
