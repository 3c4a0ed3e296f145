"""Airflow as officers see it in Chromium: in the language of the browser, loads by titles, contracts in words with links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.airflow.live_deployment import LiveDeployment, live_deployment
from tests.support.debian_packages import CHROMIUM, chromium, require_packages

pytestmark = [pytest.mark.system, pytest.mark.integration, pytest.mark.timeout(900)]
TITLE = "ZY-R1 志愿服务记录"
# What each language calls the first page, as Airflow's own translations do.
HOMES = {"zh-CN": "首页", "zh": "首页", "en-US": "Home"}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDeployment]:
    require_packages(CHROMIUM)
    with live_deployment(tmp_path_factory.mktemp("airflow")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    require_packages(CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def window(live: LiveDeployment, browser: Any, locale: str) -> Any:
    """A page of a browser in a language, logged in as the administrator."""
    url = live.variables()["AIRFLOW__API__BASE_URL"]
    token = live.api._authorization()["Authorization"].removeprefix("Bearer ")
    context = browser.new_context(base_url=url, locale=locale, viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "_token", "value": token, "url": url}])
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


@pytest.mark.parametrize("locale", HOMES)
def test_airflow_is_in_the_language_of_the_browser(live: LiveDeployment, browser: Any, locale: str) -> None:
    page = window(live, browser, locale)
    page.goto("/")
    page.get_by_role("link", name=HOMES[locale], exact=True).first.wait_for()
    assert page.evaluate("navigator.language") == locale


def test_the_list_of_loads_names_reports_by_their_titles(live: LiveDeployment, browser: Any) -> None:
    page = window(live, browser, "zh-CN")
    page.goto("/dags?limit=50")
    page.get_by_role("link", name=TITLE).first.wait_for()
    text = page.locator("body").inner_text()
    assert "计算指标" in text and "系统：志愿服务系统" in text and "频次：每月" in text
    assert "load_service_shift" not in text


def test_a_load_says_its_contract_in_words_and_leads_to_the_page_of_the_report(live: LiveDeployment, browser: Any) -> None:
    page = window(live, browser, "zh-CN")
    page.goto("/dags/load_service_shift")
    page.get_by_role("heading", name=TITLE).first.wait_for()
    assert "取数" in page.locator("body").inner_text()
    page.get_by_role("button", name="Dag 文档").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name=TITLE).wait_for()
    words = dialog.inner_text()
    assert (
        "service_shift.yml" in words
        and "志愿服务中心" in words
        and "服务时长应在0.5至12小时之间" in words
        and "a shift takes" in words
    )
    assert r"\_" not in words and "**" not in words, "no markup is left"
    link = dialog.get_by_role("link", name="报表").first.get_attribute("href")
    answer = page.goto(link)
    assert answer.status == 200
    assert "志愿服务记录" in page.locator("main").inner_text()
