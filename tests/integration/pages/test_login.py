"""Logging in with a token and through a provider, on the application as `huimin pages` serves it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from starlette.testclient import TestClient

from loaders.pages.access.accounts import new_token
from loaders.pages.server import standalone_app
from loaders.settings import Settings
from tests.support.pages.visitors import OWN_COUNTY, SAME_ORIGIN
from tests.support.servers.oidc import CLIENT, SECRET, Provider, provider

pytestmark = pytest.mark.integration
COUNTY = {"role": "county", "units": [OWN_COUNTY]}


class Site:
    """The pages with an access file."""

    def __init__(self, settings: Settings, folder: Path, content: dict[str, Any]) -> None:
        path = folder / "access.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        settings = dataclasses.replace(settings, connections={"pages_oidc": f"generic://:{SECRET}@"})
        self.client = TestClient(standalone_app(settings, path), follow_redirects=False)

    def log_in(self, token: str, **form: str) -> httpx.Response:
        return self.client.post("/login", data={"token": token, **form}, headers=SAME_ORIGIN)

    def come_back(self, provider_answer: httpx.Response) -> httpx.Response:
        """Follows the provider's redirect, as the browser would."""
        location = provider_answer.headers["location"]
        return self.client.get(location)


def test_a_token_opens_the_pages_of_its_county_until_logged_out(pages_settings: Settings, tmp_path: Path) -> None:
    token, sha256 = new_token()
    site = Site(pages_settings, tmp_path, {"tokens": [{"name": "惠城区", "sha256": sha256, **COUNTY}]})
    asked = site.client.get("/issues?rule=between")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fissues%3Frule%3Dbetween")
    answer = site.log_in(token, next="/issues?rule=between")
    assert (answer.status_code, answer.headers["location"]) == (303, "/issues?rule=between")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert "惠城区" in site.client.get("/issues").text
    assert site.client.post("/logout", headers=SAME_ORIGIN).status_code == 303
    assert site.client.get("/issues").status_code == 303


def test_a_wrong_token_is_refused_and_not_shown_again(pages_settings: Settings, tmp_path: Path) -> None:
    answer = Site(pages_settings, tmp_path, {}).log_in("a-wrong-token")
    assert answer.status_code == 403
    assert "a-wrong-token" not in answer.text and "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:x"])
def test_a_login_leads_to_no_other_site(pages_settings: Settings, tmp_path: Path, target: str) -> None:
    token, sha256 = new_token()
    site = Site(pages_settings, tmp_path, {"tokens": [{"name": "x", "sha256": sha256, "role": "city"}]})
    assert site.log_in(token, next=target).headers["location"] == "/"


def test_a_clerk_without_an_account_checks_where_the_deployment_says_so(pages_settings: Settings, tmp_path: Path) -> None:
    site = Site(pages_settings, tmp_path, {"check": {"without_account": True}})
    assert site.client.get("/check").status_code == 200
    assert "检查文件" in site.client.get("/reports").text
    assert site.client.get("/").status_code == 303
    template = site.client.get(f"/reports/home_visit/template?unit={OWN_COUNTY}&period=2023-05")
    assert template.status_code == 200 and "attachment" in template.headers["content-disposition"]


@pytest.fixture
def identity_provider() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def site(pages_settings: Settings, tmp_path: Path, identity_provider: Provider) -> Site:
    grants = [{"value": f"county-{OWN_COUNTY}", **COUNTY}]
    oidc = {"issuer": identity_provider.issuer, "client_id": CLIENT, "connection": "pages_oidc", "grants": grants}
    return Site(pages_settings, tmp_path, {"oidc": oidc})


def test_a_provider_logs_somebody_in(site: Site) -> None:
    begun = site.client.get("/login/oidc?next=/issues")
    assert "SameSite=lax" in begun.headers["set-cookie"]
    answer = site.come_back(httpx.get(begun.headers["location"]))
    assert answer.status_code == 200 and 'content="0; url=/issues"' in answer.text
    assert "SameSite=strict" in answer.headers["set-cookie"]
    text = site.client.get("/issues").text
    assert "张三" in text and "惠城区" in text and "惠阳区" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3600},
        {"azp": "another"},
        {"groups": ["somebody-else"]},
        {"groups": None},
    ],
)
def test_a_token_that_is_not_good_logs_nobody_in(site: Site, identity_provider: Provider, wrong: dict[str, Any]) -> None:
    identity_provider.wrong = wrong
    begun = site.client.get("/login/oidc")
    assert site.come_back(httpx.get(begun.headers["location"])).status_code == 403
    assert site.client.get("/issues").status_code == 303


def test_a_token_signed_by_another_key_logs_nobody_in(site: Site, identity_provider: Provider) -> None:
    identity_provider.key, identity_provider.algorithm = SECRET * 2, "HS256"
    begun = site.client.get("/login/oidc")
    assert site.come_back(httpx.get(begun.headers["location"])).status_code == 403


def test_an_answer_to_another_login_is_refused(site: Site) -> None:
    stolen = httpx.get(site.client.get("/login/oidc").headers["location"])
    site.client.get("/login/oidc")
    assert site.come_back(stolen).status_code == 403
    site.client.cookies.clear()
    assert site.come_back(stolen).status_code == 403


def test_a_provider_that_does_not_answer_is_a_refusal_and_no_error(site: Site, identity_provider: Provider) -> None:
    identity_provider.server.close()
    assert site.client.get("/login/oidc").status_code == 403
