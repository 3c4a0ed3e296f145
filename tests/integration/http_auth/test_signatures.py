"""Signatures, against servers that compute them by themselves, each in the way of its own system."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import hashlib
import hmac
import re
import time
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from pydantic import TypeAdapter

from loaders.contract.sources.http_auth import HttpAuth
from loaders.sources import SourceError
from loaders.sources.http.auth import digests, refusal_of
from tests.integration.http_auth.conftest import Open
from tests.support.servers.api import SIGNED
from tests.support.servers.guarded_api import GuardedApi, Seen, json_answer

pytestmark = pytest.mark.integration

KEY, SECRET = "huimin", "s3cret"


def admit(is_valid: Any) -> Any:
    return lambda seen: json_answer({}, 200 if is_valid(seen) else 401)


def test_the_signature_of_the_sample_city(api: GuardedApi, open_client: Open) -> None:
    def is_valid(seen: Seen) -> bool:
        key, stamp, nonce = (seen.headers[name] for name in ("X-App-Key", "X-Timestamp", "X-Nonce"))
        # Written out: the query sorted by name, a blank as plus, the text of the city in UTF-8.
        text = f"GET\n/list\ncity=%E6%83%A0%E5%B7%9E+1&page=2\n{key}\n{stamp}\n{nonce}"
        expected = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        is_now = abs(time.time() * 1000 - int(stamp)) < 5000
        return (key, seen.headers["X-Signature"], is_now) == (KEY, expected, True)

    api.handler = admit(is_valid)
    client = open_client(SIGNED, api.with_credentials(KEY, SECRET))
    assert client.get("/list", params={"page": "2", "city": "惠州 1"}).status_code == 200
    other = open_client(SIGNED, api.with_credentials(KEY, "another"))
    assert other.get("/list", params={"page": "2", "city": "惠州 1"}).status_code == 401


def test_a_vector_computed_by_hand() -> None:
    """RFC 4231, test case 2, and the same by the definition of RFC 2104 with SM3."""
    key, data = b"Jefe", b"what do ya want for nothing?"
    assert digests.keyed_digest("sha256", key, data).hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    block = key.ljust(64, b"\0")
    inner = hashlib.new("sm3", bytes(byte ^ 0x36 for byte in block) + data).digest()
    outer = hashlib.new("sm3", bytes(byte ^ 0x5C for byte in block) + inner).digest()
    assert digests.keyed_digest("sm3", key, data) == outer
    assert digests.keyed_digest("sm3", key, data).hex() == "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ("abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_values_of_the_standard(text: str, expected: str) -> None:
    """GB/T 32905-2016, appendix A."""
    assert digests.digest("sm3", text.encode()).hex() == expected


def test_sm3_over_the_body_in_base64(api: GuardedApi, open_client: Open) -> None:
    def is_valid(seen: Seen) -> bool:
        body_hash = hashlib.new("sm3", seen.body).hexdigest()
        text = f"POST|/query|{body_hash}|{seen.headers['X-Time']}"
        expected = base64.b64encode(hmac.new(SECRET.encode(), text.encode(), "sm3").digest()).decode()
        is_time = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", seen.headers["X-Time"]) is not None
        return is_time and seen.headers["Authorization"] == f"SM3 id={KEY},sign={expected}"

    api.handler = admit(is_valid)
    auth = {
        "kind": "hmac",
        "canonical": "{method}|{path}|{body_hash}|{timestamp_iso}",
        "algorithm": "sm3",
        "encoding": "base64",
        "headers": {"X-Time": "{timestamp_iso}", "Authorization": "SM3 id={key},sign={signature}"},
    }
    client = open_client(auth, api.with_credentials(KEY, SECRET))
    assert client.post("/query", json={"county": "惠城区"}).status_code == 200
    assert client.post("/query", content=b"").status_code == 200


@pytest.mark.parametrize("algorithm", ["md5", "sm3"])
def test_a_digest_over_parameters_and_secret(api: GuardedApi, open_client: Open, algorithm: str) -> None:
    """As many systems sign: parameters with values sorted by name, the secret at the end, in capital letters, in the query."""

    def is_valid(seen: Seen) -> bool:
        given = dict(seen.query)
        sign = given.pop("sign")
        given |= dict(parse_qsl(seen.body.decode()))
        text = "&".join(f"{name}={given[name]}" for name in sorted(given) if given[name]) + f"&key={SECRET}"
        return sign == hashlib.new(algorithm, text.encode()).hexdigest().upper() and len(given["timestamp"]) == 14

    api.handler = admit(is_valid)
    auth = {
        "kind": "hmac",
        "canonical": "{params_sorted}&key={secret}",
        "keyed_by": "canonical",
        "algorithm": algorithm,
        "encoding": "HEX",
        "query": {"appid": "{key}", "timestamp": "{timestamp_text}", "nonce": "{nonce}", "sign": "{signature}"},
    }
    client = open_client(auth, api.with_credentials(KEY, SECRET))
    assert client.get("/list", params={"area": "惠城区 a", "blank": ""}).status_code == 200
    assert client.post("/list", data={"z": "1", "a": "两江/四岸"}).status_code == 200
    assert SECRET not in api.requests[0].target


def test_a_value_that_looks_like_a_name_is_not_replaced(api: GuardedApi, open_client: Open) -> None:
    def is_valid(seen: Seen) -> bool:
        expected = hmac.new(SECRET.encode(), seen.body, hashlib.sha512).hexdigest()
        return seen.headers["X-Sign"] == expected

    api.handler = admit(is_valid)
    auth = {"kind": "hmac", "canonical": "{body}", "algorithm": "sha512", "headers": {"X-Sign": "{signature}"}}
    assert open_client(auth, api.with_credentials(KEY, SECRET)).post("/x", content=b"{secret} {key}").status_code == 200


def test_each_attempt_has_a_nonce_of_its_own(api: GuardedApi, open_client: Open) -> None:
    client = open_client(SIGNED, api.with_credentials(KEY, SECRET))
    for _ in range(3):
        client.get("/list")
    assert len({seen.headers["X-Nonce"] for seen in api.requests}) == 3
    assert len({seen.headers["X-Signature"] for seen in api.requests}) == 3


def test_an_algorithm_that_openssl_lacks_is_named(api: GuardedApi, open_client: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_sm3(*arguments: Any) -> Any:
        raise ValueError("unsupported hash type sm3")

    monkeypatch.setattr(digests.hmac, "new", without_sm3)
    client = open_client(SIGNED | {"algorithm": "sm3"}, api.with_credentials(KEY, SECRET))
    with pytest.raises(SourceError, match=r"does not have sm3, which source\.auth\.algorithm asks for"):
        client.get("/list")
    assert api.requests == []


@pytest.mark.parametrize(("seconds", "message"), [(-600, "(600|601) s ahead of"), (600, "(600|599) s behind"), (0, None)])
def test_a_wrong_clock_is_no_wrong_secret(api: GuardedApi, open_client: Open, seconds: int, message: str | None) -> None:
    date = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    api.handler = lambda seen: json_answer({}, 401, Date=email.utils.format_datetime(date, usegmt=True))
    reply = open_client(SIGNED, api.with_credentials(KEY, SECRET)).get("/list")
    auth: HttpAuth = TypeAdapter(HttpAuth).validate_python(SIGNED)
    what, next_step = refusal_of(auth, reply)
    if message is None:
        assert "clock" not in what and "source.auth.canonical" in next_step
    else:
        assert re.search(message, what) and next_step == "correct the clock first"


def test_a_server_that_asks_who_we_are_names_the_field() -> None:
    none: HttpAuth = TypeAdapter(HttpAuth).validate_python({"kind": "none"})
    what, next_step = refusal_of(none, httpx.Response(403))
    assert "asks who we are" in what and "source.auth" in next_step
