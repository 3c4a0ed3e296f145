"""What figures page is asked for: an indicator, an area that may be shown, a period, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from loaders.pages.access.viewer import Viewer
from loaders.pages.page import NothingThere, Page
from loaders.period import Period
from loaders.warehouse.connection import Connection
from loaders.warehouse.queries.figure_page_queries import Basis, areas_with_values, indicators, periods_of

Row = Mapping[str, Any]
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True)
class FigureChoice:
    """What is shown. `areas` are all that may be shown, `periods` those of which the area has values."""

    indicators: Sequence[Row]
    areas: Sequence[Row]
    periods: Sequence[Row]
    indicator: Row
    area: Row
    period: Row
    basis: Basis

    @property
    def kind(self) -> str:
        """The kind of the period: month, quarter, half or year."""
        kind: str = self.period["period_kind"]
        return kind

    @property
    def code(self) -> str:
        """The indicator's code."""
        code: str = self.indicator["indicator_code"]
        return code

    @property
    def area_code(self) -> str:
        """The area's code."""
        code: str = self.area["area_code"]
        return code

    @property
    def period_code(self) -> str:
        """The period's code."""
        code: str = self.period["period_code"]
        return code

    def parts(self) -> list[Row]:
        """The counties and zones that may be shown."""
        return [area for area in self.areas if area["area_level"] in {"county", "zone"}]

    def towns(self) -> list[Row]:
        """The towns in the area, all of them that may be shown where the area is the city."""
        inside = {self.area_code}
        if self.area["area_level"] == "town":
            inside = {self.area["parent_code"], self.area["zone_code"]} - {None}
        return [
            area
            for area in self.areas
            if area["area_level"] == "town"
            and (self.area["area_level"] == "city" or inside & {area["parent_code"], area["zone_code"]})
        ]

    def as_query(self) -> dict[str, str]:
        """The choice as the query of an address."""
        return {"indicator": self.code, "area": self.area_code, "period": self.period_code, "basis": self.basis}


def is_visible(viewer: Viewer, area: Row) -> bool:
    """Whether the figures of an area may be shown: all to the city, to others those of their own divisions."""
    around = {area["area_code"], area["parent_code"], area["zone_code"]}
    return viewer.units is None or bool(viewer.units & around)


def chosen_figure(
    page: Page, connection: Connection, indicator: str | None, area: str | None, period: str | None, basis: str | None
) -> FigureChoice:
    """Returns what an address asks for; what it leaves open is the first indicator, the largest area, the last month.

    Raises:
        NothingThere: there is no such indicator, or no such area that may be shown.
    """
    known = indicators(connection)
    areas = [one for one in areas_with_values(connection) if is_visible(page.viewer, one)]
    if not known or not areas:
        raise NothingThere
    chosen = _named(known, "indicator_code", indicator, known[0])
    place = _named(areas, "area_code", area, _largest(areas))
    periods = periods_of(connection, chosen["indicator_code"], place["area_code"])
    if not periods:
        raise NothingThere
    counted: Basis = next((one for one in BASES if one == basis), "value")
    return FigureChoice(known, areas, periods, chosen, place, _period(periods, period), counted)


def _named(rows: Sequence[Row], column: str, wanted: str | None, default: Row) -> Row:
    if not wanted:
        return default
    found = next((row for row in rows if row[column] == wanted), None)
    if found is None:
        raise NothingThere
    return found


def _largest(areas: Sequence[Row]) -> Row:
    levels = ("city", "county", "zone", "town")
    return min(areas, key=lambda area: levels.index(area["area_level"]) if area["area_level"] in levels else len(levels))


def _period(periods: Sequence[Row], wanted: str | None) -> Row:
    months = [one for one in periods if one["period_kind"] == "month"] or list(periods)
    try:
        code = str(Period.parse(wanted)) if wanted else None
    except ValueError:
        code = None
    return next((one for one in periods if one["period_code"] == code), months[-1])
