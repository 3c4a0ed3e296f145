"""The way back from a figure in the pages: documents of two counties, and each cell is shown to whom it belongs."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from loaders import pipeline
from loaders.settings import PROJECT_ROOT
from tests.dbt.conftest import MakePlace
from tests.support.pages.visitors import OTHER_COUNTY, OWN_COUNTY, Visitors
from tests.support.warehouse.file_drop import load, put, visits

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]
CITY, MONTH = "4413", "2023-05"
LINK = re.compile(r'href="(/evidence/document\?[^"]+)"')


@pytest.fixture(scope="module")
def visitors(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Visitors:
    place = make_place("evidence_pages", PROJECT_ROOT / "dbt_project")
    drop = tmp_path_factory.mktemp("drop")
    settings = replace(place.settings, connections={"social_work_sftp": drop.as_uri()})
    put(settings, f"home_visit/{MONTH}/{OWN_COUNTY}_记录.csv", visits(range(3)))
    others = (
        visits(range(10, 12))
        .replace(b"441302001", b"441303001")
        .replace("桥东街道".encode("gb18030"), "淡水街道".encode("gb18030"))
    )
    put(settings, f"home_visit/{MONTH}/{OTHER_COUNTY}_记录.csv", others)
    load("home_visit", settings)
    pipeline.cross_check(settings)
    pipeline.build(settings)
    return Visitors(settings)


def documents(visitors: Visitors, who: str, area: str) -> list[str]:
    """The addresses of the cells that the evidence of an area leads to."""
    answer = visitors.client(who).get(f"/evidence?indicator=SW-HV-01&area={area}&period={MONTH}")
    assert answer.status_code == 200
    return [unescape(link) for link in LINK.findall(answer.text)]


def test_evidence_leads_to_its_cell_in_the_document(visitors: Visitors) -> None:
    links = documents(visitors, "city", CITY)
    assert len(links) == len(set(links)) == 5
    for link in links:
        answer = visitors.client("city").get(link)
        assert answer.status_code == 200, link
        (row,) = re.findall(r"[?&]row=(\d+)", link)
        (line,) = re.findall(rf'<tr[^>]*>\s*<th scope="row"[^>]*>{row}</th>.*?</tr>', answer.text, re.DOTALL)
        assert "marked mark-warning" in line and answer.text.count("marked mark-") == 1
        assert "记录.csv" in answer.text and "探访人次" in answer.text


def test_a_county_is_shown_the_cells_of_its_own_documents_alone(visitors: Visitors) -> None:
    county = visitors.client("county")
    own, others = documents(visitors, "city", OWN_COUNTY), documents(visitors, "city", OTHER_COUNTY)
    assert (len(own), len(others)) == (3, 2)
    assert documents(visitors, "county", OWN_COUNTY) == own
    assert {county.get(link).status_code for link in own} == {200}
    for link in others:
        assert county.get(link).status_code == 404
        # The area of one's own with the document of another.
        asked = link.replace(f"area={OTHER_COUNTY}", f"area={OWN_COUNTY}")
        assert asked != link and county.get(asked).status_code == 404
        answer = county.get(link.replace(f"area={OTHER_COUNTY}", f"area={CITY}"))
        assert answer.status_code == 404 and "惠阳" not in answer.text.partition("<main")[2]


def test_a_cell_that_does_not_count_for_the_figure_is_not_shown(visitors: Visitors) -> None:
    link = documents(visitors, "city", OWN_COUNTY)[0]
    city = visitors.client("city")
    assert city.get(re.sub(r"row=\d+", "row=1", link)).status_code == 404
    assert city.get(link.replace(f"period={MONTH}", "period=2023-04")).status_code == 404
    assert city.get(link.replace("SW-HV-01", "CH-MD-01")).status_code == 404
    assert city.get(re.sub(r"submission=\d+", "submission=0", link)).status_code == 400
    anonymous = visitors.client("anonymous").get(link)
    assert anonymous.status_code == 401 and "探访人次" not in anonymous.text


def test_a_document_whose_bytes_are_lost_is_a_page_that_says_so(visitors: Visitors) -> None:
    services = visitors.app.state.services
    kept = services.settings
    link = documents(visitors, "city", OWN_COUNTY)[0]
    try:
        services.settings = replace(kept, home=kept.home / "elsewhere")
        answer = visitors.client("city").get(link)
    finally:
        services.settings = kept
    assert answer.status_code == 200 and "探访人次" not in answer.text.partition("<table")[2]
