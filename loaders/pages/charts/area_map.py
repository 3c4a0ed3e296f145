"""Maps of areas in five shades: by their shapes where a deployment has them, else by tiles in rough positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from loaders.pages.charts.chart import Chart
from loaders.pages.charts.shades import Number, Shades, shades_of
from loaders.pages.charts.svg import element, picture

_TILE = 46
_MAP_WIDTH = 640
_MOST_LETTERS = 3
_NO_SHADE = "shade-none"

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class MappedArea:
    """One area: its name, a short one for its tile, its value (null is drawn, but without a shade), and where it leads."""

    code: str
    name: str
    short_name: str
    value: Number | None
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of an area's tile, from zero, and what it says, if not the area's short name."""

    column: int
    row: int
    label: str = ""


def tile_map(
    title: str, description: str, columns: tuple[str, str], areas: Sequence[MappedArea], tiles: Mapping[str, Tile]
) -> Chart:
    """Returns a square per area that has a tile; areas without one are in the table alone."""
    shades = shades_of([area.value for area in areas])
    placed = [(area, tiles[area.code]) for area in areas if area.code in tiles]
    parts = [_tile(area, tile, shades) for area, tile in placed]
    width = (max((tile.column for _, tile in placed), default=0) + 1) * _TILE
    height = (max((tile.row for _, tile in placed), default=0) + 1) * _TILE
    return _chart(title, picture(width, height, title, description, *parts, has_links=True), columns, areas)


def shape_map(
    title: str,
    description: str,
    columns: tuple[str, str],
    areas: Sequence[MappedArea],
    shapes: Mapping[str, Sequence[Ring]],
) -> Chart:
    """Returns the shape of each area that has one: rings of longitudes and latitudes, north above."""
    shades = shades_of([area.value for area in areas])
    drawn = [(area, shapes[area.code]) for area in areas if area.code in shapes]
    points = [point for _, rings in drawn for ring in rings for point in ring]
    if not points:
        return _chart(title, picture(_MAP_WIDTH, 1, title, description), columns, areas)
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    narrowing = math.cos(math.radians((south + north) / 2))
    scale = _MAP_WIDTH / ((east - west) * narrowing or 1.0)
    parts = [
        _linked(
            area, element("path", _title(area), class_=_class(area, shades), d=_outline(rings, west, north, scale, narrowing))
        )
        for area, rings in drawn
    ]
    height = max(1, round((north - south) * scale))
    return _chart(title, picture(_MAP_WIDTH, height, title, description, *parts, has_links=True), columns, areas)


def _tile(area: MappedArea, tile: Tile, shades: Shades) -> Markup:
    x, y = tile.column * _TILE, tile.row * _TILE
    shape = element("rect", _title(area), class_=_class(area, shades), x=x + 1, y=y + 1, width=_TILE - 2, height=_TILE - 2, rx=3)
    name = element(
        "text",
        (tile.label or area.short_name)[:_MOST_LETTERS],
        class_="tile-name",
        x=x + _TILE / 2,
        y=y + 19,
        text_anchor="middle",
    )
    number = element("text", area.text, class_="tile-value", x=x + _TILE / 2, y=y + 35, text_anchor="middle")
    return _linked(area, element("g", shape, name, number, class_=_class(area, shades).replace("area", "tile")))


def _outline(rings: Sequence[Ring], west: float, north: float, scale: float, narrowing: float) -> str:
    return "".join(_path(((x - west) * narrowing * scale, (north - y) * scale) for x, y in ring) for ring in rings)


def _path(points: Iterator[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _linked(area: MappedArea, shape: Markup) -> Markup:
    return shape if area.link is None else element("a", shape, href=area.link, tabindex=-1, aria_label=f"{area.name} {area.text}")


def _title(area: MappedArea) -> Markup:
    return element("title", f"{area.name} {area.text}")


def _class(area: MappedArea, shades: Shades) -> str:
    shade = shades.shade_of(area.value)
    return f"area shade-{shade}" if shade else f"area {_NO_SHADE}"


def _chart(title: str, svg: Markup, columns: tuple[str, str], areas: Sequence[MappedArea]) -> Chart:
    values = [area.value for area in areas]
    rows = tuple((area.name, area.value) for area in areas)
    return Chart(title, svg, columns, rows, tuple(shades_of(values).ranges(values)))
