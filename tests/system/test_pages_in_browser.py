"""The pages in Chromium: each one, in both languages and sizes, as each role. Nothing is asked of another host, nothing is said
on the console, and axe-core finds nothing serious. A clerk finds the way from a file to what is wrong with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import yaml

from loaders.pages.access.accounts import new_token
from loaders.pages.server import standalone_app
from loaders.settings import Settings
from loaders.warehouse import Warehouse
from tests.integration.conftest import postgres  # noqa: F401 - a fixture
from tests.integration.pages.conftest import pages_settings  # noqa: F401 - a fixture
from tests.support.debian_packages import CHROMIUM, chromium, require_packages
from tests.support.pages.visitors import OWN_COUNTY
from tests.support.warehouse.file_drop import visits

pytestmark = [pytest.mark.system, pytest.mark.integration, pytest.mark.timeout(900)]
SIZES = ((1366, 768), (390, 844))
GRAVE = {"serious", "critical"}
ROLES: dict[str, dict[str, Any]] = {"county": {"role": "county", "units": [OWN_COUNTY]}, "operator": {"role": "operator"}}


@dataclass(frozen=True)
class Site:
    """The served pages, and a token for each role."""

    url: str
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def site(pages_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:  # noqa: F811
    made = {role: new_token() for role in ROLES}
    tokens = [{"name": role, "sha256": made[role][1], **grant} for role, grant in ROLES.items()]
    path: Path = tmp_path_factory.mktemp("access") / "access.yml"
    path.write_text(yaml.safe_dump({"tokens": tokens, "check": {"without_account": True, "per_minute": 600}}), encoding="utf-8")
    config = uvicorn.Config(standalone_app(pages_settings, path), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Site(f"http://127.0.0.1:{port}", {role: token for role, (token, _) in made.items()})
    finally:
        server.should_exit = True
        thread.join(30)


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


class Walk:
    """One visitor in one window, who notes what a page should not do."""

    def __init__(self, browser: Any, site: Site, size: tuple[int, int], scheme: str = "light") -> None:
        self._site = site
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self._note(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda asked: None if asked.url.startswith((site.url, "data:")) else self._note(asked.url))

    def log_in(self, token: str) -> None:
        self.page.goto(f"{self._site.url}/login")
        self.page.fill("input[name=token]", token)
        self.page.click("main button[type=submit]")

    def look_at(self, path: str) -> None:
        """Opens a page and has it looked over."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.goto(self._site.url + path)
        found = Axe().run(self.page).response
        assert found["passes"], "axe-core looked at nothing"
        for violation in found["violations"]:
            if violation["impact"] in GRAVE:
                self._note(f"{violation['id']}: {violation['nodes'][0]['html'][:200]}")
        width, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if width > window:
            self._note(f"the page is {width} wide in a window of {window}")

    def _note(self, text: str) -> None:
        self.wrong.append(f"{self.page.url}: {text}")


def paths(settings: Settings, role: str) -> list[str]:
    if role == "anonymous":
        return ["/login", "/check", "/reports", "/reports/home_visit", "/no_such_page"]
    key = next(row["issue_key"] for row in Warehouse(settings.warehouse_url).issue_states(unit=OWN_COUNTY))
    issue = f"/issues/{key}"
    own = [
        "/?until=2023-12",
        "/completeness/home_visit?period=2023-05",
        "/issues",
        "/issues?state=all",
        issue,
        f"{issue}/document",
    ]
    return [*own, "/check", "/reports", "/reports/station"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_each_page_is_sound(
    site: Site,
    browser: Any,
    pages_settings: Settings,  # noqa: F811
    role: str,
    size: tuple[int, int],
    scheme: str,
) -> None:
    walk = Walk(browser, site, size, scheme)
    if role in site.tokens:
        walk.log_in(site.tokens[role])
    for path in paths(pages_settings, role):
        for lang in ("zh", "en"):
            walk.look_at(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    walk.context.close()
    # The browser itself reports the answer 404 of the page that there is not.
    assert [text for text in walk.wrong if "no_such_page" not in text] == []


def test_a_clerk_finds_what_is_wrong_and_what_is_right(site: Site, browser: Any, tmp_path: Path) -> None:
    walk = Walk(browser, site, SIZES[0])
    path = tmp_path / f"{OWN_COUNTY}_2023-05.csv"
    path.write_bytes(visits(range(9)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04"))
    walk.page.goto(f"{site.url}/check?lang=zh")
    walk.page.set_input_files("input[type=file]", path)
    walk.page.click("main button[type=submit]")
    assert "2023-15-04" in walk.page.inner_text(".mark-error")
    with walk.page.expect_download() as download:
        walk.page.click("a[download]")
    assert download.value.suggested_filename == f"{OWN_COUNTY}_2023-05.xlsx"
    walk.page.click("main p a >> nth=0")
    path.write_bytes(visits(range(9)))
    walk.page.set_input_files("input[type=file]", path)
    walk.page.click("main button[type=submit]")
    assert "可以报送" in walk.page.inner_text(".outcome-0")
    assert walk.wrong == []
    walk.context.close()


def test_the_keyboard_reaches_the_content_first(site: Site, browser: Any) -> None:
    walk = Walk(browser, site, SIZES[0])
    walk.page.goto(f"{site.url}/check?lang=en")
    walk.page.keyboard.press("Tab")
    assert walk.page.evaluate("document.activeElement.className") == "skip"
    walk.page.keyboard.press("Enter")
    assert walk.page.evaluate("document.activeElement.id") == "content"
    walk.page.keyboard.press("Tab")
    assert walk.page.evaluate("document.activeElement.id") == "file"
    walk.context.close()
