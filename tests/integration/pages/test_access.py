"""Every route asked as anonymous, as a county, as the city and as an operator; writes also from elsewhere."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from loaders.pages.access.viewer import Role
from loaders.pages.app import page_routes, required_role
from loaders.pages.page import OpenPage, UnitPage
from loaders.settings import Settings
from loaders.warehouse import Warehouse
from tests.support.pages.visitors import OTHER_COUNTY, OWN_COUNTY, SAME_ORIGIN, Visitors

pytestmark = pytest.mark.integration
ROLES = {"anonymous": Role.ANYONE, "county": Role.COUNTY, "city": Role.CITY, "operator": Role.OPERATOR}
# What makes a form that its route understands, where it takes one.
FORMS = {"words": "核实", "reason": "confirmed_true"}
# Without a build and a release, these have nothing to show to those whom they let in.
EMPTY = ("/evidence", "/evidence/document", "/releases/drafts/{draft_id}", "/releases/{number}", "/releases/compare")
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def issue_keys(pages_settings: Settings) -> dict[str, str]:
    """The key of an issue of each county."""
    return {row["unit"]: row["issue_key"] for row in Warehouse(pages_settings.warehouse_url).issue_states()}


def addresses(route: APIRoute, issue_key: str) -> str:
    path = route.path.format(report="home_visit", name="home_visit", key=issue_key, draft_id=1, number=1)
    return f"{path}?period=2023-05&indicator=SW-HV-01&area={OTHER_COUNTY}&submission=1&earlier=1&later=2"


def routes(visitors: Visitors, method: str) -> list[APIRoute]:
    found = [route for route in page_routes(visitors.app) if method in route.methods]
    assert found
    return found


@pytest.mark.parametrize("who", ROLES)
def test_a_page_is_shown_to_its_role_and_above(visitors: Visitors, issue_keys: dict[str, str], who: str) -> None:
    client = visitors.client(who)
    for route in routes(visitors, "GET"):
        role = required_role(route)
        assert role is not None
        if route.path == "/metrics":
            # By the address or a token, not by a role: tests/integration/monitoring/test_metrics.py.
            assert client.get("/metrics").status_code == 403
            continue
        answer = client.get(addresses(route, issue_keys[OWN_COUNTY]))
        is_let_in = ROLES[who] >= role and not (who == "anonymous" and route.path != "/health")
        shown = {404} if route.path in EMPTY else {200}
        assert (answer.status_code in shown) is is_let_in, (route.path, answer.status_code)


def test_a_county_never_sees_rows_of_another(visitors: Visitors, issue_keys: dict[str, str]) -> None:
    county, city = visitors.client("county"), visitors.client("city")
    other = issue_keys[OTHER_COUNTY]
    shown_to_city = 0
    for route in routes(visitors, "GET"):
        for query in ("", f"&unit={OTHER_COUNTY}", "&state=all", f"&unit={OTHER_COUNTY}&state=all"):
            if route.path.startswith(("/reports", "/overlap")):
                # Contracts name all units, and hold no rows.
                continue
            address = addresses(route, other) + query
            shown_to_city += f"{OTHER_COUNTY}_记录.csv" in city.get(address).text or other in city.get(address).text
            answer = county.get(address)
            # The heading repeats the address, in the links to the other language and theme.
            text = answer.text.partition("<main")[2]
            assert OTHER_COUNTY not in text and "惠阳" not in text, address
            assert "{key}" not in route.path or answer.status_code == 404
            assert other not in text, address
    assert shown_to_city


@pytest.mark.parametrize("who", ROLES)
def test_a_write_needs_the_role_and_the_same_origin(visitors: Visitors, issue_keys: dict[str, str], who: str) -> None:
    client = visitors.client(who)
    for route in routes(visitors, "POST"):
        address = addresses(route, issue_keys[OTHER_COUNTY])
        for headers in (
            {},
            {"origin": ELSEWHERE},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        ):
            assert client.post(address, data=FORMS, headers=headers).status_code == 403, (route.path, headers)
        answer = client.post(address, data={}, headers=SAME_ORIGIN)
        role = required_role(route)
        assert role is not None
        if ROLES[who] < role or (who == "anonymous" and route.path == "/check"):
            assert answer.status_code in {401, 403}
        elif who == "county":
            assert answer.status_code in {400, 404}, route.path


def test_only_the_operator_may_override(visitors: Visitors, issue_keys: dict[str, str]) -> None:
    address = f"/issues/{issue_keys[OWN_COUNTY]}/override"
    for who in ("county", "city"):
        assert visitors.client(who).post(address, data=FORMS, headers=SAME_ORIGIN).status_code == 403


@pytest.mark.parametrize("origin", ["http://testserver"])
def test_an_origin_that_is_our_own_is_let_through_without_the_browsers_word(visitors: Visitors, origin: str) -> None:
    answer = visitors.client("county").post("/check", headers={"origin": origin})
    assert answer.status_code == 400


def test_headers_keep_a_page_to_itself(visitors: Visitors) -> None:
    for path in ("/", "/health", "/no_such_page", "/static/huimin.css"):
        headers = visitors.client("city").get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert visitors.client("city").get("/").headers["cache-control"] == "no-store"


def test_no_page_names_another_host_or_holds_inline_style(visitors: Visitors, issue_keys: dict[str, str]) -> None:
    client = visitors.client("operator")
    for route in routes(visitors, "GET"):
        text = client.get(addresses(route, issue_keys[OWN_COUNTY])).text
        if text.startswith("<!doctype"):
            assert 'src="http' not in text and 'href="http' not in text and "url(http" not in text, route.path
            assert "style=" not in text and "<script" not in text and "onclick" not in text, route.path


def test_documentation_of_the_interface_is_switched_off(visitors: Visitors) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert visitors.client("operator").get(path).status_code == 404


def test_a_route_that_declares_no_role_is_found() -> None:
    app = FastAPI()

    @app.get("/open")
    def open_to_all() -> None: ...

    @app.get("/closed")
    def closed(page: UnitPage) -> None: ...

    @app.get("/health")
    def health(page: OpenPage) -> None: ...

    assert {route.path: required_role(route) for route in page_routes(app)} == {
        "/open": None,
        "/closed": Role.UNIT,
        "/health": Role.ANYONE,
    }
