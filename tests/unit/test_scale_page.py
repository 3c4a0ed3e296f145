"""The arithmetic of docs/scale.md, and that both pages have the same figures."""

import re
from pathlib import Path

import pytest

from loaders.settings import PROJECT_ROOT
from tests.bench.scale_page import Place, costs_of, places, size, tables, write_into

GB = 1024**3
SCALE = {
    **{"cores": 2, "python": "3.11", "postgresql": "18", "span": "2021-01:2023-12", "documents": 10, "values": 5},
    **{"rows": 500_000, "months": 36, "towns": 71},
    "load": {"seconds": 50.0, "memory_mb": 900},
    "build": {"seconds": 25.0, "memory_mb": 400},
    "landing": {"files": 20, "bytes": GB},
    "schemas": {
        "raw": {"heap": GB, "indexes": GB, "other": 0},
        "indicators": {"heap": 71 * 36 * 1024, "indexes": 0, "other": 0},
    },
}
LOAD = {"rows": 2_000_000, "ours": {"seconds": 20.0, "memory_mb": 300}}


def test_costs_are_per_million_rows_and_values_per_town_and_month() -> None:
    costs = costs_of(SCALE, LOAD)
    assert (costs.load_seconds, costs.build_seconds, costs.large_document_seconds) == (100, 50, 10)
    assert (costs.landing_bytes, costs.bytes_of_rows, costs.bytes_per_town_month) == (2 * GB, 4 * GB, 1024)


def test_a_place_of_a_million_rows_a_month() -> None:
    place, costs = Place(100, 12_000_000), costs_of(SCALE, LOAD)
    assert place.hours(costs.load_seconds) == 1200 / 3600
    assert place.peak_hours(costs) == pytest.approx(150 / 3600 / 3)
    assert place.warehouse_bytes(costs) == 5 * (12 * 4 * GB + 12 * 100 * 1024)
    assert place.landing_bytes(costs) == 5 * 12 * 2 * GB


def test_a_province_has_the_records_of_its_towns() -> None:
    found = places(SCALE)
    assert found["city"] == Place(71, pytest.approx(166_667, abs=1))
    assert found["province"].rows / 1_610 == pytest.approx(found["nation"].rows / 38_642)


@pytest.mark.parametrize(("count", "shown"), [(12, "12 B"), (1536, "1.5 kB"), (GB * 1500, "1.5 TB")])
def test_sizes(count: float, shown: str) -> None:
    assert size(count) == shown


def test_only_what_is_between_the_marks_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- make bench-scale writes from here -->\nold\n<!-- to here -->\nb\n")
    write_into(page, tables(SCALE, LOAD, "en"))
    text = page.read_text()
    assert text.startswith("a\n<!--") and text.endswith("-->\nb\n") and "old" not in text and "| 100 s |" in text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="once"):
        write_into(page, "x")


def test_both_pages_have_the_figures_of_one_run() -> None:
    found, is_said = [], []
    for name in ("scale.md", "scale.zh-CN.md"):
        text = (PROJECT_ROOT / "docs" / name).read_text(encoding="utf-8")
        _, _, rest = text.partition("<!-- make bench-scale writes from here -->")
        content = rest.partition("<!-- to here -->")[0]
        found.append(re.findall(r"[\d,.]*\d", content))
        is_said.append("Not measured yet." in content or "尚未测量。" in content)
    assert found[0] == found[1]
    assert is_said == [len(found[0]) < 60] * 2, "a page has its figures, or says that they are missing"
