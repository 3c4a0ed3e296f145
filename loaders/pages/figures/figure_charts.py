"""The charts of the figures page, from rows of the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loaders.pages.charts import (
    Bar,
    Chart,
    MappedArea,
    Mark,
    Series,
    line_chart,
    ranking,
    shape_map,
    small_multiples,
    tile_map,
)
from loaders.pages.figures.area_places import AreaPlaces
from loaders.pages.figures.figure_choice import FigureChoice
from loaders.pages.page import Page
from loaders.pages.rendering import format_number

Row = Mapping[str, Any]
_MOST_BARS = 25


def trend(page: Page, choice: FigureChoice, values: Iterable[Row], targets: Sequence[Row], marks: Sequence[Mark]) -> Chart:
    """The line of the area over all periods of the kind, with the target to be reached by then."""
    by_period = {row["period_code"]: row["value"] for row in values if row["area_code"] == choice.area_code}
    labels = _labels(choice)
    series = [Series(area_name(choice.area), tuple(by_period.get(label) for label in labels))]
    expected = expected_by_month(choice, targets)
    if expected:
        series.append(
            Series(page.text("page.figures.expected"), tuple(expected.get(label) for label in labels), is_reference=True)
        )
    title = page.text("page.figures.trend", indicator=indicator_name(page, choice.indicator), area=area_name(choice.area))
    description = page.text("page.figures.trend.description", unit=choice.indicator["unit"])
    return line_chart(title, description, page.text("page.period"), labels, series, marks)


def expected_by_month(choice: FigureChoice, targets: Sequence[Row]) -> dict[str, Any]:
    """What the target asks for by each month; none unless the page shows the number that the target counts."""
    column = {"ytd": "is_of_year", "to_date": "is_to_date"}.get(choice.basis)
    counted = [row for row in targets if row["expected"] is not None and row["is_of_year"] is not None]
    # A stock is the same to date and in its month.
    column = column or ("is_to_date" if choice.indicator["stock_or_flow"] == "stock" else None)
    if choice.kind != "month" or column is None or not all(row[column] for row in counted):
        return {}
    return {row["period_code"]: row["expected"] for row in counted}


def parts_chart(page: Page, choice: FigureChoice, values: Iterable[Row]) -> Chart:
    """A small line per county and zone."""
    labels = _labels(choice)
    found: dict[str, dict[str, Any]] = {}
    for row in values:
        found.setdefault(row["area_code"], {})[row["period_code"]] = row["value"]
    series = [
        Series(_short(area), tuple(found.get(area["area_code"], {}).get(label) for label in labels)) for area in choice.parts()
    ]
    title = page.text("page.figures.parts", indicator=indicator_name(page, choice.indicator))
    return small_multiples(title, page.text("page.figures.parts.description"), page.text("page.period"), labels, series)


def town_map(page: Page, choice: FigureChoice, values: Mapping[str, Any], places: AreaPlaces) -> Chart | None:
    """The towns by their shapes, else by their tiles; None where the deployment has neither."""
    areas = [
        MappedArea(
            code, area_name(area), _short(area), values.get(code), format_number(values.get(code)), _evidence(page, choice, code)
        )
        for area in choice.towns()
        for code in [area["area_code"]]
    ]
    columns = (page.text("page.figures.town"), _value_name(page, choice))
    title = page.text("page.figures.map", indicator=indicator_name(page, choice.indicator), period=choice.period_code)
    codes = {area.code for area in areas}
    if codes & places.shapes.keys():
        return shape_map(title, page.text("page.figures.map.shapes"), columns, areas, places.shapes)
    if codes & places.tiles.keys():
        return tile_map(title, page.text("page.figures.map.tiles"), columns, areas, places.tiles)
    return None


def town_ranking(page: Page, choice: FigureChoice, values: Mapping[str, Any]) -> Chart:
    """The towns with a value, the largest first."""
    known = {code: value for code, value in values.items() if value is not None}
    towns = [(area, known[area["area_code"]]) for area in choice.towns() if area["area_code"] in known]
    ordered = sorted(towns, key=lambda one: (-one[1], one[0]["area_code"]))
    bars = [
        Bar(area_name(area), value, format_number(value), _evidence(page, choice, area["area_code"])) for area, value in ordered
    ]
    title = page.text("page.figures.ranking", indicator=indicator_name(page, choice.indicator), period=choice.period_code)
    columns = (page.text("page.figures.town"), _value_name(page, choice))
    return ranking(title, page.text("page.figures.ranking.description"), columns, bars, most=_MOST_BARS)


def figure_marks(page: Page, choice: FigureChoice, prints: Sequence[Row], restated: Sequence[Row]) -> list[Mark]:
    """What was printed of the area, and its values that differ from their last release."""
    printed = [
        Mark(row["period_code"], row["low"], row["high"], page.text("page.figures.printed", words=row["published"]), "print")
        for row in prints
        if row["basis"] == choice.basis and row["low"] is not None and row["high"] is not None
    ]
    if choice.basis != "value":
        return printed
    changed = [
        Mark(row["period_code"], row["current_value"], row["current_value"], restatement_text(page, row), "restated")
        for row in restated
        if row["current_value"] is not None
    ]
    return [*printed, *changed]


def restatement_text(page: Page, row: Row) -> str:
    """What a value was when it was released, and why it differs now."""
    causes = "、".join(page.text(f"release.cause.{cause}") for cause in row["causes"])
    before = format_number(row["published_value"])
    return page.text("page.figures.restated", number=row["release_number"], value=before, causes=causes)


def indicator_name(page: Page, indicator: Row) -> str:
    """The name of an indicator in the language of the page."""
    name: str = indicator["name_en"] if page.lang == "en" else indicator["name_zh"]
    return name


def area_name(area: Row) -> str:
    """The name of an area."""
    name: str = area["area_name"]
    return name


def _short(area: Row) -> str:
    return area["short_name"] or area_name(area)


def _labels(choice: FigureChoice) -> list[str]:
    return [one["period_code"] for one in choice.periods if one["period_kind"] == choice.kind]


def _value_name(page: Page, choice: FigureChoice) -> str:
    return f"{page.text(f'page.figures.basis.{choice.basis}')} ({choice.indicator['unit']})"


def _evidence(page: Page, choice: FigureChoice, area: str) -> str:
    return page.link("/evidence", **choice.as_query() | {"area": area})
