"""Tokens that are fetched first, against a server that lets them expire, revokes them, and breaks."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from loaders.sources import SourceError
from loaders.sources.http.auth import tokens
from loaders.sources.retry import TransientError
from tests.integration.http_auth.conftest import Open
from tests.support.servers.background import Background
from tests.support.servers.error_text import full_error_text
from tests.support.servers.guarded_api import GuardedApi, Seen, json_answer

pytestmark = pytest.mark.integration

USER, SECRET = "client", "s3cret:with@signs"
ENCODED = "s3cret%3Awith%40signs"
OAUTH = {"kind": "oauth2_client_credentials", "token_url": "/oauth/token", "scope": "report.read"}
LOGIN = {
    "kind": "token_request",
    "token_url": "/login",
    "body": {"appId": "{user}", "secret": "{password}", "kind": 3},
    "token": "data.token",
    "success": {"path": "code", "values": [0]},
    "lifetime": "data.expiresIn",
    "send_as": {"header": "X-Token"},
}


class TokenServer:
    """Gives numbered tokens; only the newest is valid, and `lifetime` is what it states."""

    def __init__(self, header: str = "Authorization", prefix: str = "Bearer ", path: str = "/oauth/token") -> None:
        self.header, self.prefix, self.path = header, prefix, path
        self.lifetime: Any = 3600
        self.given = 0
        self.answer: web.Response | None = None
        self.forms: list[dict[str, Any]] = []

    def __call__(self, seen: Seen) -> web.Response:
        if seen.path == self.path:
            return self.give(seen)
        is_valid = seen.headers.get(self.header) == f"{self.prefix}token-{self.given}"
        return json_answer({"code": 0, "records": [1]}) if is_valid else json_answer({"code": 401}, 401)

    def give(self, seen: Seen) -> web.Response:
        if self.answer is not None:
            return self.answer
        if self.path == "/login":
            form = json.loads(seen.body)
            if form["secret"] != SECRET:
                return json_answer({"code": 10401, "msg": "密码错误"})
        else:
            form = {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}
            name_and_secret = base64.b64decode(seen.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            if (form.get("client_secret") or name_and_secret.partition(":")[2]) not in {SECRET, ENCODED}:
                return json_answer({"error": "invalid_client", "error_description": f"bad {SECRET}"}, 401)
        self.forms.append(form)
        self.given += 1
        token = f"token-{self.given}"
        if self.path == "/login":
            return json_answer({"code": 0, "data": {"token": token, "expiresIn": self.lifetime}})
        return json_answer({"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime})


@pytest.fixture
def server(api: GuardedApi) -> TokenServer:
    api.handler = TokenServer()
    return api.handler


@pytest.fixture
def login(api: GuardedApi) -> TokenServer:
    api.handler = TokenServer("X-Token", "", "/login")
    return api.handler


@pytest.mark.parametrize("client_auth", ["header", "body"])
def test_oauth2_fetches_one_token_for_all_requests(
    api: GuardedApi, server: TokenServer, open_client: Open, client_auth: str
) -> None:
    auth = OAUTH | {"client_auth": client_auth, "parameters": {"audience": "reports"}}
    client = open_client(auth, api.with_credentials(USER, ENCODED))
    assert [client.get("/list").status_code for _ in range(3)] == [200, 200, 200]
    assert api.paths() == ["/oauth/token", "/list", "/list", "/list"]
    expected = {"grant_type": "client_credentials", "scope": "report.read", "audience": "reports"}
    in_body = {"client_id": USER, "client_secret": SECRET} if client_auth == "body" else {}
    assert server.forms == [expected | in_body]
    assert ("Authorization" in api.requests[0].headers) == (client_auth == "header")


def test_a_token_is_renewed_before_it_ends(
    api: GuardedApi, server: TokenServer, open_client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lifetime = 100
    client = open_client(OAUTH, api.with_credentials(USER, ENCODED))
    client.get("/list")
    now = time.monotonic()
    monkeypatch.setattr(tokens.time, "monotonic", lambda: now + 80)
    client.get("/list")
    assert server.given == 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: now + 95)
    assert client.get("/list").status_code == 200
    assert server.given == 2


def test_a_token_that_expired_at_its_real_time_is_renewed(api: GuardedApi, login: TokenServer, open_client: Open) -> None:
    login.lifetime = 500
    client = open_client(LOGIN | {"lifetime_unit": "milliseconds"}, api.with_credentials(USER, ENCODED))
    client.get("/list")
    time.sleep(0.6)
    assert client.get("/list").status_code == 200
    assert api.paths() == ["/login", "/list", "/login", "/list"]


def test_a_token_that_is_refused_is_renewed_once(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    client = open_client(OAUTH, api.with_credentials(USER, ENCODED))
    client.get("/list")
    server.given = 7
    assert client.get("/list").json()["records"] == [1]
    assert api.paths() == ["/oauth/token", "/list", "/list", "/oauth/token", "/list"]


def test_a_server_that_refuses_every_token_ends_it(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    client = open_client(OAUTH, api.with_credentials(USER, ENCODED))
    server.prefix = "Never "
    assert client.get("/list").status_code == 401
    assert api.paths() == ["/oauth/token", "/list"]
    assert client.get("/list").status_code == 401
    assert api.paths().count("/oauth/token") == 2


def test_the_endless_body_of_a_refusal_is_not_read(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    client = open_client(OAUTH, api.with_credentials(USER, ENCODED))
    client.get("/list")
    server.given, given = 5, server

    def refuse_at_length(seen: Seen) -> web.Response:
        answer = given(seen)
        return web.Response(status=401, body=b"x" * 50_000_000) if answer.status == 401 else answer

    api.handler = refuse_at_length
    with client.stream("GET", "/list") as reply:
        assert reply.status_code == 200
        assert reply.history[0].num_bytes_downloaded < 10_000_000


def test_a_wrong_secret_names_the_connection(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    client = open_client(OAUTH, api.with_credentials(USER, "wrong"))
    with pytest.raises(
        SourceError, match=r"HTTP 401 at the token endpoint /oauth/token \(invalid_client\): user or pass"
    ) as error:
        client.get("/list")
    assert SECRET not in full_error_text(error.value) and "wrong" not in full_error_text(error.value)
    assert api.paths() == ["/oauth/token"]


def test_a_wrong_address_of_tokens_names_the_field(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    api.handler = lambda seen: json_answer({}, 404)
    with pytest.raises(SourceError, match=r"HTTP 404 at the token endpoint /oauth/token; correct source\.auth\.token_url"):
        open_client(OAUTH, api.with_credentials(USER, ENCODED)).get("/list")


def test_an_answer_without_a_token_names_the_field(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    server.answer = json_answer({"token": "abc"})
    with pytest.raises(SourceError, match=r"without access_token.*correct source\.auth\.token_url") as error:
        open_client(OAUTH, api.with_credentials(USER, ENCODED)).get("/list")
    assert "abc" not in full_error_text(error.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_token_endpoint_in_trouble_may_be_asked_again(
    api: GuardedApi, server: TokenServer, open_client: Open, status: int
) -> None:
    server.answer = json_answer({}, status)
    with pytest.raises(TransientError, match=rf"HTTP {status} at the token endpoint /oauth/token \(source\.auth\.token_url\)"):
        open_client(OAUTH, api.with_credentials(USER, ENCODED)).get("/list")


def test_a_token_endpoint_that_is_down_or_hangs_names_the_field(
    api: GuardedApi, server: TokenServer, open_client: Open, background: Background
) -> None:
    other = GuardedApi(background, lambda seen: time.sleep(1.5) or json_answer({}))
    url = api.with_credentials(USER, ENCODED, f"?token_host={other.host}")
    auth = OAUTH | {"token_url": f"http://{other.host}/oauth/token"}
    with pytest.raises(TransientError, match=r"ReadTimeout at the token endpoint .*source\.auth\.token_url"):
        open_client(auth, url, timeout=0.3).get("/list")
    other.close()
    with pytest.raises(TransientError, match=r"ConnectError at the token endpoint .*source\.auth\.token_url"):
        open_client(auth, url).get("/list")
    assert api.requests == []


def test_a_token_endpoint_with_an_endless_answer_is_refused(api: GuardedApi, server: TokenServer, open_client: Open) -> None:
    server.answer = web.Response(body=b" " * 3_000_000)
    with pytest.raises(SourceError, match=r"answers with more than .* bytes"):
        open_client(OAUTH, api.with_credentials(USER, ENCODED)).get("/list")


def test_secrets_go_to_no_other_host(api: GuardedApi, open_client: Open) -> None:
    with pytest.raises(SourceError, match=r"source\.auth\.token_url is at https://elsewhere\.example, expected http://127"):
        open_client(OAUTH | {"token_url": "https://elsewhere.example/token"}, api.with_credentials(USER, ENCODED))
    with pytest.raises(SourceError, match=r"source\.auth\.token_url is at http://"):
        auth = OAUTH | {"token_url": f"http://{api.host}/token"}
        open_client(auth, api.with_credentials(USER, ENCODED).replace("http://", "https://"))


def test_a_token_of_the_systems_own_form(api: GuardedApi, login: TokenServer, open_client: Open) -> None:
    client = open_client(LOGIN, api.with_credentials(USER, ENCODED))
    assert [client.get("/list").status_code for _ in range(2)] == [200, 200]
    assert login.forms == [{"appId": USER, "secret": SECRET, "kind": 3}]
    assert api.requests[1].headers["X-Token"] == "token-1"


def test_a_code_that_is_no_success_names_the_field(api: GuardedApi, login: TokenServer, open_client: Open) -> None:
    with pytest.raises(SourceError, match=r"answers with code: 10401, expected one of 0; check user.*source\.auth\.success"):
        open_client(LOGIN, api.with_credentials(USER, "wrong")).get("/list")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"token": "data.accessToken"},
            r'nothing at "data\.accessToken": data holds the keys expiresIn, token; correct .*auth\.token',
        ),
        (
            {"lifetime": "expires"},
            r'nothing at "expires": the top level holds the keys code, data; correct source\.auth\.lifetime',
        ),
        ({"success": {"path": "ret", "values": ["0"]}}, r"correct source\.auth\.success\.path"),
        ({"token": "data"}, r'holds no text at "data"; correct source\.auth\.token'),
    ],
)
def test_a_wrong_path_names_the_field_and_shows_the_keys(
    api: GuardedApi, login: TokenServer, open_client: Open, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError, match=message) as error:
        open_client(LOGIN | change, api.with_credentials(USER, ENCODED)).get("/list")
    assert "token-1" not in full_error_text(error.value)


def test_a_page_instead_of_json_names_the_fields(api: GuardedApi, login: TokenServer, open_client: Open) -> None:
    login.answer = web.Response(text="<html>login</html>")
    with pytest.raises(SourceError, match=r"something else than JSON; correct source\.auth\.token_url"):
        open_client(LOGIN, api.with_credentials(USER, ENCODED)).get("/list")


def test_an_expired_token_that_only_a_code_tells_of_is_renewed(api: GuardedApi, open_client: Open) -> None:
    server = TokenServer("X-Token", "", "/login")

    def always_200(seen: Seen) -> web.Response:
        answer = server(seen)
        return json_answer({"code": 40001}) if answer.status == 401 else answer

    api.handler = always_200
    auth = LOGIN | {"expired_when": {"path": "code", "values": ["40001"]}}
    client = open_client(auth, api.with_credentials(USER, ENCODED))
    with client.stream("GET", "/list") as reply:
        assert json.loads(b"".join(reply.iter_bytes()))["records"] == [1]
    server.given = 9
    with client.stream("GET", "/list") as reply:
        assert json.loads(b"".join(reply.iter_bytes()))["records"] == [1]
    assert api.paths() == ["/login", "/list", "/list", "/login", "/list"]


def test_a_token_may_come_by_get_and_go_in_the_query(
    api: GuardedApi, open_client: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    digest = hashlib.new("sm3", SECRET.encode()).hexdigest()

    def handle(seen: Seen) -> web.Response:
        if seen.path == "/token":
            is_right = seen.query["pwd"] == digest and seen.query["u"] == USER and seen.query["t"].isdigit()
            return json_answer(["token-9" if is_right else ""])
        return json_answer({}, 200 if seen.query.get("access_token") == "token-9" else 401)

    api.handler = handle
    auth = {
        "kind": "token_request",
        "method": "GET",
        "token_url": "/token",
        "query": {"u": "{user}", "pwd": "{password_sm3}", "t": "{timestamp_ms}"},
        "token": "0",
        "send_as": {"query": "access_token"},
    }
    client = open_client(auth, api.with_credentials(USER, ENCODED))
    assert client.get("/list", params={"page": "2"}).status_code == 200
    assert api.requests[-1].query == {"page": "2", "access_token": "token-9"}
    assert "token-9" not in caplog.text and digest not in caplog.text


@pytest.mark.parametrize("body_format", ["form", "text"])
def test_a_token_request_may_send_a_form_or_a_text(api: GuardedApi, open_client: Open, body_format: str) -> None:
    api.handler = lambda seen: json_answer({"t": "abc"})
    body: Any = {"u": "{user}", "p": "{password}"} if body_format == "form" else "<login>{user}:{password}</login>"
    headers = {"X-Key": "{user}"} | ({"Content-Type": "text/xml"} if body_format == "text" else {})
    auth = {
        "kind": "token_request",
        "token_url": "/t",
        "body": body,
        "body_format": body_format,
        "headers": headers,
        "token": "t",
    }
    open_client(auth, api.with_credentials(USER, ENCODED)).get("/list")
    sent = api.requests[0]
    assert sent.body.decode() == (f"u={USER}&p={ENCODED}" if body_format == "form" else f"<login>{USER}:{SECRET}</login>")
    assert sent.headers["X-Key"] == USER
    assert api.requests[1].headers["Authorization"] == "Bearer abc"
