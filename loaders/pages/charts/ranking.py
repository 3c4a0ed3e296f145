"""Bars beside names, the longest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from loaders.pages.charts.chart import Chart
from loaders.pages.charts.shades import Number
from loaders.pages.charts.svg import element, picture

_WIDTH, _NAME, _VALUE, _ROW = 480, 150, 70, 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `link` is where it leads; `text` is the number as it is written beside it."""

    name: str
    value: Number | None
    text: str
    link: str | None = None


def ranking(title: str, description: str, columns: tuple[str, str], bars: Sequence[Bar], *, most: int) -> Chart:
    """Returns bars from zero on, to the right for positive and to the left for negative numbers; null has none.

    The first `most` are drawn, and all are in the table.
    """
    known = [float(bar.value) for bar in bars if bar.value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    parts = [part for row, bar in enumerate(bars[:most]) for part in _bar(bar, row, low, high - low or 1.0)]
    svg = picture(_WIDTH, max(1, min(len(bars), most)) * _ROW, title, description, *parts, has_links=True)
    return Chart(title, svg, columns, tuple((bar.name, bar.value) for bar in bars))


def _bar(bar: Bar, row: int, low: float, span: float) -> Iterator[Markup]:
    middle = row * _ROW + _ROW / 2
    room = _WIDTH - _NAME - _VALUE
    yield element("text", _short(bar.name), x=_NAME - 8, y=middle + 4, text_anchor="end")
    zero = _NAME + room * -low / span
    length = room * abs(float(bar.value)) / span if bar.value is not None else 0.0
    start = zero if bar.value is None or bar.value >= 0 else zero - length
    shape = element(
        "rect", element("title", f"{bar.name} {bar.text}"), class_="bar", x=start, y=middle - 7, width=max(length, 1.0), height=14
    )
    yield shape if bar.link is None else element("a", shape, href=bar.link, tabindex=-1, aria_label=f"{bar.name} {bar.text}")
    yield element("text", bar.text, class_="amount", x=start + length + 6, y=middle + 4)


def _short(name: str) -> str:
    """The name, cut where it would not fit: the whole one is in the bar's title and in the table."""
    return name if len(name) <= 11 else f"{name[:10]}…"
