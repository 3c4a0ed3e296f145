"""One small line per area, all on one scale, so that they can be compared at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from loaders.pages.charts.chart import Chart
from loaders.pages.charts.line_chart import Series
from loaders.pages.charts.scale import Scale, nice_scale
from loaders.pages.charts.svg import element, picture

_PANEL_WIDTH, _PANEL_HEIGHT, _PER_ROW = 180, 96, 4
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 22, 16


def small_multiples(title: str, description: str, label_name: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Returns a panel per series, four in a row, each with its name, its line and its last value."""
    known = [float(value) for one in series for value in one.values if value is not None]
    scale = nice_scale(min([0.0, *known]), max([0.0, *known]))
    panels = [_panel(one, number, scale, labels) for number, one in enumerate(series)]
    rows_count = -(-len(series) // _PER_ROW) or 1
    width = _PANEL_WIDTH * min(_PER_ROW, max(1, len(series)))
    svg = picture(width, _PANEL_HEIGHT * rows_count, title, description, *panels)
    rows = tuple((label, *(one.values[place] for one in series)) for place, label in enumerate(labels))
    return Chart(title, svg, (label_name, *(one.name for one in series)), rows)


def _panel(series: Series, number: int, scale: Scale, labels: Sequence[str]) -> Markup:
    x, y = number % _PER_ROW * _PANEL_WIDTH, number // _PER_ROW * _PANEL_HEIGHT
    return element("g", *_parts(series, scale, labels), transform=f"translate({x} {y})")


def _parts(series: Series, scale: Scale, labels: Sequence[str]) -> Iterator[Markup]:
    bottom = _PANEL_HEIGHT - _BOTTOM
    yield element("text", series.name, class_="heading", x=_LEFT, y=14)
    yield element("line", class_="axis", x1=_LEFT, x2=_PANEL_WIDTH - _RIGHT, y1=bottom, y2=bottom)
    points = [
        (_x(place, len(series.values)), _y(float(value), scale), value)
        for place, value in enumerate(series.values)
        if value is not None
    ]
    path = "".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y, _) in enumerate(points))
    if path:
        last_x, last_y, last = points[-1]
        yield element("path", class_="line series-1", d=path)
        yield element("circle", class_="dot series-1", cx=last_x, cy=last_y, r=3)
        yield element("text", scale.label(float(last)), class_="amount", x=_PANEL_WIDTH - _RIGHT, y=14, text_anchor="end")
    if labels:
        yield element("text", labels[0], x=_LEFT, y=_PANEL_HEIGHT - 3)
        yield element("text", labels[-1], x=_PANEL_WIDTH - _RIGHT, y=_PANEL_HEIGHT - 3, text_anchor="end")


def _x(place: int, count: int) -> float:
    return _LEFT + (_PANEL_WIDTH - _LEFT - _RIGHT) * (place / (count - 1) if count > 1 else 0.5)


def _y(value: float, scale: Scale) -> float:
    return _TOP + (_PANEL_HEIGHT - _TOP - _BOTTOM) * (1 - scale.share(value))
