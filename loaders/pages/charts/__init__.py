"""Charts as SVG made on the server: no script, no inline style, every number also in a table beside it."""

from __future__ import annotations

from loaders.pages.charts.chart import Chart
from loaders.pages.charts.line_chart import Series, line_chart

__all__ = ["Chart", "Series", "line_chart"]
