"""A release from draft to comparison in the pages, on a real warehouse with dbt's own tables."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from loaders import pipeline
from loaders.settings import PROJECT_ROOT
from loaders.warehouse.releases import ReleaseLog
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place
from tests.support.pages.visitors import SAME_ORIGIN, Visitors

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]
TOWN = "441302112"
LENIENT = "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n"


@pytest.fixture(scope="module")
def place(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = make_place("release_pages", PROJECT_ROOT / "dbt_project")
    rules = tmp_path_factory.mktemp("rules") / "release_rules.yml"
    rules.write_text(LENIENT, encoding="utf-8")
    place = replace(made, settings=replace(made.settings, release_rules=rules))
    load_visits(place, "2023-01", 2)
    return place


def load_visits(place: Place, month: str, count: int) -> None:
    visits = [raw_rows.visit(f"V{month}{number}", TOWN, dt.date.fromisoformat(f"{month}-02"), 1) for number in range(count)]
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441302", month, visits)
    pipeline.cross_check(place.settings)
    pipeline.build(place.settings)


def write(client: TestClient, path: str, **form: str) -> Any:
    return client.post(path, data=form, headers=SAME_ORIGIN)


def prepared(client: TestClient, period: str) -> str:
    answer = write(client, "/releases/prepare", period=period)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    assert re.fullmatch(r"/releases/drafts/\d+", path)
    return path


def test_a_draft_is_prepared_shown_and_published_in_the_words_of_the_operator(place: Place) -> None:
    visitors = Visitors(place.settings)
    operator, city = visitors.client("operator"), visitors.client("city")
    path = prepared(operator, "2023-01")
    assert "批准发布" in operator.get(path).text
    assert "批准发布</button>" not in city.get(path).text
    assert write(city, f"{path}/publish", words="同意").status_code == 403
    assert write(visitors.client("county"), f"{path}/publish", words="同意").status_code == 403
    assert visitors.client("county").get(path).status_code == 403
    assert write(operator, f"{path}/publish", words="   ").status_code == 400
    assert ReleaseLog(place.settings.warehouse_url).releases() == []
    assert write(operator, f"{path}/publish", words="一月数字，联系人13912345678").status_code == 303
    (release,) = ReleaseLog(place.settings.warehouse_url).releases()
    assert (release.period_code, release.approved_by, release.decided_in) == ("2023-01", "数据工程师", "huimin pages")
    listed = city.get("/releases").text
    assert "一月数字" in listed and "13912345678" not in listed
    assert write(operator, f"{path}/publish", words="再次").status_code == 409


def test_a_second_release_is_compared_with_the_first_with_its_cause(place: Place) -> None:
    visitors = Visitors(place.settings)
    operator = visitors.client("operator")
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.supersede(connection, "home_visit", 1)
    load_visits(place, "2023-01", 3)
    load_visits(place, "2023-02", 5)
    path = prepared(operator, "2023-02")
    assert "更正" in operator.get(path).text
    assert write(operator, f"{path}/publish", words="二月").status_code == 303
    text = visitors.client("city").get("/releases/compare?earlier=2&later=1&lang=zh").text
    row = next(row for row in text.split("<tr>") if "area=4413&" in row.replace("&amp;", "&") and "本期" in row)
    assert re.findall(r'class="number">([^<]*)<', row) == ["2", "3"]
    assert "更正" in row
    assert "2023-02" in text
    assert visitors.client("city").get("/releases/2").status_code == 200
    assert visitors.client("city").get("/releases/3").status_code == 404
    assert visitors.client("city").get("/releases/compare?earlier=1&later=9").status_code == 404
    # A figure that was restated by a release is no longer different from it.
    assert "▼ " not in visitors.client("city").get("/figures?indicator=SW-HV-01&period=2023-01").text


def test_a_returned_draft_is_not_published(place: Place) -> None:
    operator = Visitors(place.settings).client("operator")
    load_visits(place, "2023-03", 1)
    path = prepared(operator, "2023-03")
    assert write(operator, f"{path}/return", words="请先补报").status_code == 303
    assert "已退回" in operator.get(path).text
    assert write(operator, f"{path}/publish", words="同意").status_code == 409
    assert [one.period_code for one in ReleaseLog(place.settings.warehouse_url).releases()] == ["2023-01", "2023-02"]


def test_only_approvers_decide_where_the_deployment_names_them(place: Place) -> None:
    rules = place.settings.release_rules
    path = prepared(Visitors(place.settings).client("operator"), "2023-03")
    rules.write_text(LENIENT + 'approvers: [{user: "2", name: 王科长}]\n', encoding="utf-8")
    operator = Visitors(place.settings).client("operator")
    assert "批准发布</button>" not in operator.get(path).text
    assert write(operator, f"{path}/publish", words="同意").status_code == 403
    rules.write_text(LENIENT + 'approvers: [{user: "2", name: 数据工程师}]\n', encoding="utf-8")
    assert write(operator, f"{path}/return", words="不发布").status_code == 303


def test_a_period_without_values_makes_no_draft(place: Place) -> None:
    operator = Visitors(place.settings).client("operator")
    for period in ("1999-01", "nonsense"):
        answer = write(operator, "/releases/prepare", period=period)
        assert answer.status_code == 409 and "未编制发布稿" in answer.text
