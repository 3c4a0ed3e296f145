"""The heat map of what was reported, and one report and period by unit."""

from __future__ import annotations

import pytest

from tests.support.pages.visitors import OTHER_COUNTY, Visitors

pytestmark = pytest.mark.integration


def test_the_city_sees_the_worst_state_of_each_period(visitors: Visitors) -> None:
    text = visitors.client("city").get("/?until=2023-12&lang=en").text
    assert "2023-05 Missing 5" in text
    assert "2023-04 Missing 6" in text


def test_a_county_sees_its_own_units_alone(visitors: Visitors) -> None:
    client = visitors.client("county")
    text = client.get("/?until=2023-12&lang=en").text
    assert "2023-05 Rows rejected 1" in text
    assert "2023-05 Refused" not in text
    assert OTHER_COUNTY not in client.get("/completeness/home_visit?period=2023-05").text


def test_units_are_listed_with_names_and_states(visitors: Visitors) -> None:
    text = visitors.client("city").get("/completeness/home_visit?period=2023-05").text
    assert "惠阳区" in text and "整份退回" in text and "缺报" in text


def test_what_is_not_there_is_a_page_that_says_so(visitors: Visitors) -> None:
    answer = visitors.client("county").get("/completeness/no_such_report?period=2023-05")
    assert answer.status_code == 404
    assert "没有此页" in answer.text


def test_nobody_is_shown_the_page_without_an_account(visitors: Visitors) -> None:
    assert visitors.client("anonymous").get("/").status_code in {303, 401}


def test_the_address_chooses_language_and_theme_and_the_browser_remembers(visitors: Visitors) -> None:
    client = visitors.client("city", **{"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="en" data-theme="auto">' in client.get("/").text
    assert '<html lang="zh-CN" data-theme="dark">' in client.get("/?lang=zh&theme=dark").text
    assert '<html lang="zh-CN" data-theme="dark">' in client.get("/").text
