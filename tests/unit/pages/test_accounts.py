"""Tokens and sessions: who is let in, until when, and for which units."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from fastapi import Request

from loaders.pages.access.access_file import AccessError, access_file, load_access
from loaders.pages.access.accounts import Accounts, new_token
from loaders.pages.access.viewer import ANYONE, Role
from loaders.period import local_today

TODAY = local_today()


def written(path: Path, **content: object) -> Path:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def accounts_of(path: Path) -> Accounts:
    return Accounts(access_file(path), lambda codes: frozenset(f"{code}01" for code in codes), "a secret")


def request(cookie: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", f"huimin_login={cookie}".encode())]})


def test_a_token_is_good_for_its_units_until_its_last_day(tmp_path: Path) -> None:
    token, sha256 = new_token()
    grant = {"name": "惠城区", "role": "county", "units": ["441302"], "sha256": sha256}
    accounts = accounts_of(written(tmp_path / "access.yml", tokens=[grant | {"until": TODAY + dt.timedelta(days=1)}]))
    viewer = accounts.authenticate(request(f"token.{token}"))
    assert (viewer.name, viewer.role, viewer.units) == ("惠城区", Role.COUNTY, {"44130201"})
    written(tmp_path / "access.yml", tokens=[grant | {"until": TODAY - dt.timedelta(days=2)}])
    assert accounts.authenticate(request(f"token.{token}")) == ANYONE


def test_a_token_that_is_taken_out_of_the_file_is_refused_at_once(tmp_path: Path) -> None:
    token, sha256 = new_token()
    path = written(tmp_path / "access.yml", tokens=[{"name": "x", "role": "operator", "sha256": sha256}])
    accounts = accounts_of(path)
    assert accounts.authenticate(request(f"token.{token}")).units is None
    written(path, tokens=[])
    assert accounts.authenticate(request(f"token.{token}")) == ANYONE


@pytest.mark.parametrize("cookie", ["", "token.", "token.x", "session.x", "session.", "other"])
def test_other_cookies_are_nobodys(tmp_path: Path, cookie: str) -> None:
    assert accounts_of(tmp_path / "access.yml").authenticate(request(cookie)) == ANYONE


def test_a_session_of_another_secret_is_nobodys(tmp_path: Path) -> None:
    oidc = {
        "issuer": "https://a.example",
        "client_id": "huimin",
        "connection": "pages_oidc",
        "grants": [{"value": "g", "role": "unit", "units": ["A"]}, {"value": "c", "role": "city"}],
    }
    path = written(tmp_path / "access.yml", oidc=oidc)
    accounts = accounts_of(path)
    session = accounts.session_cookie("张三", ["g", "unknown"])
    assert accounts.authenticate(request(session)).units == {"A"}
    assert accounts.authenticate(request(accounts.session_cookie("李四", ["g", "c"]))).role is Role.CITY
    assert accounts.authenticate(request(accounts.session_cookie("王五", ["unknown"]))) == ANYONE
    assert Accounts(access_file(path), frozenset, "another").authenticate(request(session)) == ANYONE


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"tokens": [{"name": "x", "role": "county", "sha256": "0" * 64}]}, "units"),
        ({"tokens": [{"name": "x", "role": "city", "units": ["A"], "sha256": "0" * 64}]}, "units"),
        ({"tokens": [{"name": "x", "role": "city", "sha256": "the token itself"}]}, "tokens.0.sha256"),
        ({"tokens": [{"name": n, "role": "city", "sha256": "0" * 64} for n in "ab"]}, "same sha256"),
        ({"check": {"most_megabytes": 0}}, "check.most_megabytes"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_and_no_token_is_shown(tmp_path: Path, content: dict[str, object], field: str) -> None:
    with pytest.raises(AccessError, match=field) as caught:
        load_access(written(tmp_path / "access.yml", **content))
    assert "the token itself" not in str(caught.value)
