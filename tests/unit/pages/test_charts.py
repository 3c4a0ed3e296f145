"""Scales and lines: round ticks, gaps, one drawing of each number, and nothing that is not escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.pages.charts import Series, line_chart
from loaders.pages.charts.scale import nice_scale
from loaders.pages.charts.svg import element

NUMBERS = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda number: round(number, 3))


@given(NUMBERS, NUMBERS)
def test_a_scale_holds_both_numbers_with_few_ticks(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    ticks = nice_scale(low, high).ticks
    width = ticks[-1] - ticks[0]
    assert ticks[0] <= low + 1e-6 * width and ticks[-1] >= high - 1e-6 * width
    assert 2 <= len(ticks) <= 9


def test_ticks_are_round() -> None:
    assert nice_scale(0, 37).ticks == (0, 10, 20, 30, 40)
    assert [nice_scale(0, 12_000).label(tick) for tick in nice_scale(0, 12_000).ticks][:2] == ["0", "2,500"]


def test_a_gap_breaks_the_line_and_a_value_between_gaps_is_a_point() -> None:
    chart = line_chart("t", "d", "p", ["1", "2", "3", "4"], [Series("s", (1, 2, None, 4))])
    picture = ElementTree.fromstring(str(chart.svg))
    (path,) = picture.iter("{http://www.w3.org/2000/svg}path")
    assert path.attrib["d"].count("M") == 2 and path.attrib["d"].count("L") == 1
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}circle"))) == 1


def test_the_numbers_are_beside_the_picture() -> None:
    chart = line_chart("t", "d", "期", ["2023-01", "2023-02"], [Series("甲", (1, None)), Series("乙", (3, 4))])
    assert chart.columns == ("期", "甲", "乙")
    assert chart.rows == (("2023-01", 1, 3), ("2023-02", None, 4))


def test_texts_are_escaped_and_no_style_is_inline() -> None:
    chart = line_chart('<b>"', "&", "p", ["<i>"], [Series("</title>", (1,))])
    assert "<b>" not in chart.svg and "<i>" not in chart.svg and "style" not in chart.svg
    ElementTree.fromstring(str(chart.svg))


@pytest.mark.parametrize(("value", "text"), [(1.5, "1.5"), (2.0, "2"), ('"', "&#34;")])
def test_an_attribute_is_written_short_and_escaped(value: object, text: str) -> None:
    assert element("a", x=value, y=None) == f'<a x="{text}"></a>'
