"""Basic, bearer and API key, against a server that refuses everybody else."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from aiohttp import web

from loaders.sources import SourceError
from tests.integration.http_auth.conftest import Open
from tests.support.servers.error_text import full_error_text
from tests.support.servers.guarded_api import GuardedApi, Seen, json_answer

pytestmark = pytest.mark.integration

SECRET = "s3cret/with@signs#"
ENCODED = "s3cret%2Fwith%40signs%23"


def admits(name: str, value: str) -> Any:
    def handle(seen: Seen) -> web.Response:
        return json_answer({}, 200 if seen.headers.get(name) == value else 401)

    return handle


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "basic"}, "Authorization", basic(f"user:{SECRET}")),
        ({"kind": "bearer"}, "Authorization", f"Bearer {SECRET}"),
        ({"kind": "api_key", "header": "X-Api-Key"}, "X-Api-Key", SECRET),
        ({"kind": "api_key", "header": "Authorization", "prefix": "APPCODE "}, "Authorization", f"APPCODE {SECRET}"),
    ],
)
def test_a_secret_is_sent_where_the_contract_says(
    api: GuardedApi, open_client: Open, auth: dict[str, Any], header: str, value: str
) -> None:
    api.handler = admits(header, value)
    assert open_client(auth, api.with_credentials("user", ENCODED)).get("/list").status_code == 200
    assert open_client(auth, api.with_credentials("user", "another")).get("/list").status_code == 401


def test_a_key_in_the_query_is_added_to_the_rest_and_not_logged(
    api: GuardedApi, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    # Airflow's logging quietens httpx for the whole process; the line that could show the key must be there.
    caplog.set_level(logging.DEBUG, logger="httpx")
    client = open_client({"kind": "api_key", "query": "appkey"}, api.with_credentials("", ENCODED))
    client.get("/list", params={"page": "1"})
    assert api.requests[0].query == {"page": "1", "appkey": SECRET}
    assert "/list" in caplog.text
    assert SECRET not in caplog.text and ENCODED not in caplog.text


def test_nobody_is_named_without_authentication(api: GuardedApi, open_client: Open) -> None:
    open_client({"kind": "none"}, api.with_credentials("user", ENCODED)).get("/list")
    assert "Authorization" not in api.requests[0].headers


def test_basic_authentication_may_have_a_user_alone(api: GuardedApi, open_client: Open) -> None:
    api.handler = admits("Authorization", basic("key:"))
    assert open_client({"kind": "basic"}, f"http://key@{api.host}").get("/list").status_code == 200


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_a_connection_without_a_secret_is_reported(api: GuardedApi, open_client: Open, kind: str) -> None:
    with pytest.raises(SourceError, match=f"source.auth.kind: {kind} needs a secret"):
        open_client({"kind": kind}, api.url)


@pytest.mark.parametrize("secret", ["abc%0Ade", "%E5%AF%86%E7%A0%81x"])
def test_a_secret_that_no_header_can_hold_is_not_quoted(api: GuardedApi, open_client: Open, secret: str) -> None:
    client = open_client({"kind": "bearer"}, api.with_credentials("", secret))
    with pytest.raises(SourceError, match="line break or a character that is not ASCII") as error:
        client.get("/list")
    for text in ("abc", "密码"):
        assert text not in full_error_text(error.value)
    assert api.requests == []


def test_credentials_show_no_secret() -> None:
    from loaders.sources.http.auth import credentials_of

    shown = repr(credentials_of("register", f"https://user:{ENCODED}@host/?client_key_password=hidden"))
    assert "register" in shown and "s3cret" not in shown and "hidden" not in shown
