"""Maps, bars and small lines: what is drawn where, in which shade, and that each number is in the table too."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.divisions import Divisions
from loaders.pages.charts import (
    Bar,
    Chart,
    MappedArea,
    Mark,
    Series,
    Tile,
    line_chart,
    ranking,
    shape_map,
    small_multiples,
    tile_map,
)
from loaders.pages.charts.shades import shades_of
from loaders.pages.figures.area_places import AreaPlaceError, area_places
from loaders.settings import deployment_from_environment, divisions_from_environment

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = ("镇", "数")


def picture(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart.svg))


def area(code: str, value: Decimal | int | None, link: str | None = None) -> MappedArea:
    return MappedArea(code, f"{code}镇", code, value, str(value), link)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60))
def test_a_larger_value_never_has_a_lighter_shade(values: list[int]) -> None:
    shades = shades_of(values)
    found = [shades.shade_of(value) for value in sorted(values)]
    assert found == sorted(found)
    assert min(found) >= 1 and max(found) <= 5
    ranges = shades.ranges(values)
    assert ranges[0][1] == min(values) and ranges[-1][2] == max(values)


def test_a_single_large_value_does_not_make_all_others_one_shade() -> None:
    shades = shades_of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10_000])
    assert len({shades.shade_of(value) for value in range(1, 10)}) >= 4
    assert shades.shade_of(None) == 0


def test_tiles_are_where_they_belong_and_null_has_no_shade() -> None:
    chart = tile_map("t", "d", COLUMNS, [area("A", 1), area("B", None), area("C", 9)], {"A": Tile(0, 0), "B": Tile(2, 1, "短名")})
    drawn = picture(chart)
    rects = list(drawn.iter(f"{SVG}rect"))
    assert len(rects) == 2, "C has no tile, and is in the table"
    assert [float(rect.attrib["x"]) for rect in rects] == [1, 2 * 46 + 1]
    assert "shade-none" in rects[1].attrib["class"]
    texts = ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]
    assert "短名" in texts
    assert chart.rows == (("A镇", 1), ("B镇", None), ("C镇", 9))
    assert next((shade, least) for shade, least, _ in chart.shades) == (1, 1)


def test_north_is_above_and_east_is_to_the_right() -> None:
    square = lambda x, y: [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]]  # noqa: E731
    shapes = {"N": square(114, 24), "S": square(114, 22), "E": square(116, 22)}
    chart = shape_map("t", "d", COLUMNS, [area("N", 1), area("S", 2), area("E", 3)], shapes)
    starts = {}
    for path in picture(chart).iter(f"{SVG}path"):
        name = path.findtext(f"{SVG}title", "")
        starts[name[0]] = tuple(map(float, path.attrib["d"][1:].split("L")[0].split()))
    assert starts["N"][1] < starts["S"][1]
    assert starts["E"][0] > starts["S"][0]


def test_bars_are_as_long_as_their_numbers_and_lead_somewhere() -> None:
    bars = [Bar("甲", 10, "10", "/evidence?a=1&b=2"), Bar("乙", 5, "5"), Bar("丙", 1, "1")]
    chart = ranking("t", "d", COLUMNS, bars, most=2)
    rects = list(picture(chart).iter(f"{SVG}rect"))
    assert len(rects) == 2 and len(chart.rows) == 3
    assert float(rects[0].attrib["width"]) == pytest.approx(2 * float(rects[1].attrib["width"]), rel=0.01)
    (link,) = picture(chart).iter(f"{SVG}a")
    assert link.attrib["href"] == "/evidence?a=1&b=2"
    assert picture(chart).attrib["role"] == "group", "an image would hide its links"


def test_a_negative_bar_goes_to_the_left() -> None:
    plus, minus = picture(ranking("t", "d", COLUMNS, [Bar("甲", 4, "4"), Bar("乙", -4, "-4")], most=9)).iter(f"{SVG}rect")
    assert float(minus.attrib["x"]) < float(plus.attrib["x"])


def test_small_lines_share_a_scale() -> None:
    chart = small_multiples(
        "t", "d", "期", ["1", "2"], [Series("大", (0, 100)), Series("小", (0, 1)), Series("空", (None, None))]
    )
    drawn = picture(chart)
    circles = [float(circle.attrib["cy"]) for circle in drawn.iter(f"{SVG}circle")]
    assert len(circles) == 2 and circles[0] < circles[1]
    assert chart.rows == (("1", 0, 0, None), ("2", 100, 1, None))


def test_a_print_is_a_bracket_and_a_restated_value_a_triangle() -> None:
    marks = [Mark("1", 3, 5, "多", "print"), Mark("2", 4, 4, "更正", "restated"), Mark("9", 1, 1, "无", "print")]
    target = Series("目标", (5, 5), is_reference=True)
    drawn = picture(line_chart("t", "d", "期", ["1", "2"], [Series("s", (4, 4)), target], marks))
    classes = [path.attrib["class"] for path in drawn.iter(f"{SVG}path")]
    assert classes == ["line series-1", "line reference", "mark-print", "mark-restated"]
    titles = [path.findtext(f"{SVG}title") for path in drawn.iter(f"{SVG}path")]
    assert titles[2:] == ["多", "更正"]


def test_texts_of_maps_are_escaped() -> None:
    chart = tile_map("t", "d", COLUMNS, [MappedArea("A", "<b>", "<i>", 1, "&")], {"A": Tile(0, 0)})
    assert "<b>" not in chart.svg and "<i>" not in chart.svg
    picture(chart)


def test_every_town_of_the_deployment_has_a_tile_of_its_own() -> None:
    places = area_places(deployment_from_environment() / "pages").value
    towns = {division.code for division in Divisions.load(divisions_from_environment()).level("town")}
    assert places.tiles.keys() == towns
    assert len({(tile.column, tile.row) for tile in places.tiles.values()}) == len(towns)


@pytest.mark.parametrize("row", ["441302001,x,1,", "441302001,-1,1,", "441302001,0,0,\n441302002,0,0,"])
def test_a_wrong_tile_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    (tmp_path / "town_tiles.csv").write_text(f"area_code,column,row,label\n{row}\n", encoding="utf-8")
    with pytest.raises(AreaPlaceError, match=r"town_tiles.csv line [23]"):
        _ = area_places(tmp_path).value


def test_shapes_are_polygons_by_the_code_of_their_area(tmp_path: Path) -> None:
    ring = [[114.0, 23.0], [114.1, 23.0], [114.1, 23.1], [114.0, 23.0]]
    features = [
        {"properties": {"area_code": "A"}, "geometry": {"type": "Polygon", "coordinates": [ring]}},
        {"properties": {"area_code": "B"}, "geometry": {"type": "MultiPolygon", "coordinates": [[ring], [ring]]}},
    ]
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    shapes = area_places(tmp_path).value.shapes
    assert [len(shapes[code]) for code in ("A", "B")] == [1, 2]
    (tmp_path / "areas.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(AreaPlaceError, match="features"):
        _ = area_places(tmp_path).value
