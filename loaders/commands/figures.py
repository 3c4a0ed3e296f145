"""`huimin figures --as-of` and `--release`: values as they were known or published."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer

from loaders.commands import console
from loaders.settings import Settings

EXIT_USAGE = 2


def former_figures(
    settings: Settings, as_of: str | None, release: int | None, *, area: str | None, period: str | None, indicator: str | None
) -> list[dict[str, Any]]:
    """Reads values as of a day or a release; one of the two is given, and one of area, period and indicator.

    Raises:
        typer.BadParameter: both or no choice is given, or the day is none.
        typer.Exit: nothing is known of that day, or there is no such release; the message is printed.
    """
    from loaders.operations import queries

    if as_of is not None and release is not None:
        raise typer.BadParameter("name a day or a release, not both", param_hint="--as-of")
    if not (area or period or indicator):
        raise typer.BadParameter("name an --area, a --period or an --indicator too", param_hint="--as-of, --release")
    try:
        if release is not None:
            return queries.figures_of_release(settings, release, area=area, period=period, indicator=indicator)
        return queries.figures_as_of(settings, _day(as_of or ""), area=area, period=period, indicator=indicator)
    except queries.NotKnown as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"no such day: {text}; write it as 2023-07-01", param_hint="--as-of") from None
