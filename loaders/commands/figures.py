"""`huimin figures` with `--as-of`, `--release` or `--hierarchy`: values as they were known, published, or of their time."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

import typer

from loaders.commands import console
from loaders.settings import Settings

EXIT_USAGE = 2


class Hierarchy(StrEnum):
    """Which areas lay in which: as today, or as at the time of the event (of a stock: at the end of the period)."""

    TODAY = "today"
    THEN = "then"


def figures_of_their_time(
    settings: Settings, as_of: str | None, release: int | None, *, area: str | None, period: str | None, indicator: str | None
) -> list[dict[str, Any]]:
    """Reads values under the hierarchy of their time, as known now or as of a day; one of area, period and indicator is given.

    Raises:
        typer.BadParameter: no choice is given, the day is none, or a release is asked for.
        typer.Exit: nothing is known of that day; the message is printed.
    """
    from loaders.operations import queries

    if release is not None:
        raise typer.BadParameter(
            "a release holds values under the hierarchy of the day on which it was made; name that day with --as-of",
            param_hint="--hierarchy",
        )
    if not (area or period or indicator):
        raise typer.BadParameter("name an --area, a --period or an --indicator too", param_hint="--hierarchy")
    if as_of is None:
        return queries.figures_then(settings, area=area, period=period, indicator=indicator)
    try:
        return queries.figures_as_of(settings, _day(as_of), area=area, period=period, indicator=indicator, is_then=True)
    except queries.NotKnown as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None


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
