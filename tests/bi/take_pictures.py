"""Takes a picture of each dashboard in headless Chromium, and refuses other hosts. Runs in Superset's environment.

    python take_pictures.py < JSON with the keys url, user, password, slugs, folder

Prints as JSON which other hosts were asked, what failed, the errors of the console, and the text of each page by its slug.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT = 1366, 768
_PATIENCE_MS = 180_000
_IS_DONE = """
    () => document.querySelectorAll('.dashboard-component-chart-holder').length > 0
        && document.querySelectorAll('.loading, [data-test="loading-indicator"]').length === 0
"""


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Logs in and visits each dashboard."""
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {"refused": [], "failed": [], "errors": [], "texts": {}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN")
        context.set_default_timeout(_PATIENCE_MS)

        def refuse_others(route: Any) -> None:
            if urlsplit(route.request.url).netloc == urlsplit(given["url"]).netloc:
                route.continue_()
            else:
                found["refused"].append(route.request.url)
                route.abort()

        context.route(lambda url: urlsplit(url).scheme in {"http", "https", "ws", "wss"}, refuse_others)
        page = context.new_page()
        page.on("console", lambda message: found["errors"].append(message.text) if message.type == "error" else None)
        page.on("response", lambda answer: found["failed"].append(answer.url) if answer.status >= 400 else None)
        page.on("pageerror", lambda error: found["errors"].append(str(error)))
        _log_in(page, given)
        for slug in given["slugs"]:
            found["texts"][slug] = _take(page, given["url"], slug, f"{given['folder']}/{slug}.png")
        browser.close()
    return found


def _log_in(page: Any, given: dict[str, Any]) -> None:
    page.goto(f"{given['url']}/login/")
    page.fill("input[name=username], #username", given["user"])
    page.fill("input[name=password], #password", given["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def _take(page: Any, url: str, slug: str, path: str) -> str:
    """Charts below the edge are drawn once they are in view, so the window is as high as the page."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto(f"{url}/superset/dashboard/{slug}/?standalone=1")
    page.wait_for_function(_IS_DONE)
    height = page.evaluate("() => document.querySelector('.grid-content, .dashboard-content').scrollHeight + 90")
    page.set_viewport_size({"width": WIDTH, "height": int(min(height, 4000))})
    page.wait_for_timeout(1_500)
    page.wait_for_function(_IS_DONE)
    page.wait_for_timeout(1_500)
    page.screenshot(path=path)
    return str(page.evaluate("() => document.body.innerText"))


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin)), ensure_ascii=False))
