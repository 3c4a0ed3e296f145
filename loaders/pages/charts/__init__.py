"""Charts as SVG made on the server: no script, no inline style, every number also in a table beside it."""

from __future__ import annotations

from loaders.pages.charts.area_map import MappedArea, Tile, shape_map, tile_map
from loaders.pages.charts.chart import Chart
from loaders.pages.charts.line_chart import Mark, Series, line_chart
from loaders.pages.charts.ranking import Bar, ranking
from loaders.pages.charts.small_multiples import small_multiples

__all__ = [
    "Bar",
    "Chart",
    "MappedArea",
    "Mark",
    "Series",
    "Tile",
    "line_chart",
    "ranking",
    "shape_map",
    "small_multiples",
    "tile_map",
]
