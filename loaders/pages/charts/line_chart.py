"""Lines over periods, one per series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from markupsafe import Markup

from loaders.pages.charts.chart import Chart
from loaders.pages.charts.scale import Scale, nice_scale
from loaders.pages.charts.svg import element, picture

_WIDTH, _HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 12, 28
_MOST_LABELS = 12
_COLORS = 7


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value per label of the chart; None where there is none. `is_reference`: a target, which is no measurement."""

    name: str
    values: tuple[Decimal | float | int | None, ...]
    is_reference: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a label: what was printed, from `low` to `high`, or (both equal) a value that is restated. `text` says it."""

    label: str
    low: Decimal | float | int
    high: Decimal | float | int
    text: str
    kind: Literal["print", "restated"]


def line_chart(
    title: str,
    description: str,
    label_name: str,
    labels: Sequence[str],
    series: Sequence[Series],
    marks: Sequence[Mark] = (),
) -> Chart:
    """Returns lines over the labels (periods), on one axis from zero or below, with signs at some of them."""
    known = [float(value) for one in series for value in one.values if value is not None]
    known += [float(bound) for mark in marks for bound in (mark.low, mark.high)]
    scale = nice_scale(min([0.0, *known]), max([0.0, *known]))
    parts = [*_axes(scale, labels), *(part for number, one in enumerate(series) for part in _line(one, number, scale))]
    parts += [_mark(mark, labels, scale) for mark in marks if mark.label in labels]
    rows = tuple((label, *(one.values[place] for one in series)) for place, label in enumerate(labels))
    svg = picture(_WIDTH, _HEIGHT, title, description, *parts)
    return Chart(title, svg, (label_name, *(one.name for one in series)), rows)


def _axes(scale: Scale, labels: Sequence[str]) -> Iterator[Markup]:
    for tick in scale.ticks:
        y = _y(tick, scale)
        yield element("line", class_="axis", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y)
        yield element("text", scale.label(tick), x=_LEFT - 6, y=y + 4, text_anchor="end")
    step = max(1, -(-len(labels) // _MOST_LABELS))
    for place in range(0, len(labels), step):
        yield element("text", labels[place], x=_x(place, len(labels)), y=_HEIGHT - 8, text_anchor="middle")


def _line(series: Series, number: int, scale: Scale) -> Iterator[Markup]:
    color = "reference" if series.is_reference else f"series-{number % _COLORS + 1}"
    points = [
        None if value is None else (_x(place, len(series.values)), _y(float(value), scale))
        for place, value in enumerate(series.values)
    ]
    path = "".join(
        f"{'L' if place and points[place - 1] is not None else 'M'}{point[0]:.1f} {point[1]:.1f}"
        for place, point in enumerate(points)
        if point is not None
    )
    yield element("path", element("title", series.name), class_=f"line {color}", d=path, stroke_dasharray=_dashes(number))
    alone = (
        point
        for place, point in enumerate(points)
        if point is not None and not any(near is not None for near in (points[place - 1 : place] + points[place + 1 : place + 2]))
    )
    for x, y in alone:
        yield element("circle", class_=f"line {color}", cx=x, cy=y, r=2)


def _mark(mark: Mark, labels: Sequence[str], scale: Scale) -> Markup:
    """A bracket over the range of a print, a triangle at a restated value: the shape tells them apart, not the color alone."""
    x = _x(list(labels).index(mark.label), len(labels))
    top, bottom = _y(float(mark.high), scale), _y(float(mark.low), scale)
    if mark.kind == "restated":
        shape = f"M{x - 5:.1f} {top - 6:.1f}L{x + 5:.1f} {top - 6:.1f}L{x:.1f} {top + 3:.1f}Z"
    else:
        shape = f"M{x - 6:.1f} {top:.1f}H{x + 6:.1f}M{x:.1f} {top:.1f}V{bottom:.1f}M{x - 6:.1f} {bottom:.1f}H{x + 6:.1f}"
    return element("path", element("title", mark.text), class_=f"mark-{mark.kind}", d=shape)


def _dashes(number: int) -> str | None:
    """The dashes of a series: color is never the only sign."""
    return (None, "6 3", "2 3", "10 3 2 3")[number % 4]


def _x(place: int, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (place + 0.5) / max(count, 1)


def _y(value: float, scale: Scale) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - scale.share(value))
