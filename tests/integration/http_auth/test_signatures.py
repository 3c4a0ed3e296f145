"""Signatures, against servers that compute them by themselves, each in the way of its own system."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import hashlib
import hmac
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from gmssl.sm2 import CryptSM2
from pydantic import TypeAdapter

from loaders.contract.sources.http.auth import HttpAuth
from loaders.sources import SourceError
from loaders.sources.http.auth import digests, refusal_of
from loaders.sources.http.auth.sm2 import Sm2Key
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
    with pytest.raises(SourceError, match=r"does not have sm3, which source\.auth asks for"):
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


SM2_KEY = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
SM2_PUBLIC = (
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM2 = {
    "kind": "sm2",
    "canonical": "{method}{path}{timestamp_ms}",
    "headers": {"X-Time": "{timestamp_ms}", "X-Sign": "{signature}"},
}


def test_sm2_gives_the_values_of_the_standard() -> None:
    """GB/T 32918.5-2017, appendix A: the message, the key and the random number of the example."""
    number = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
    signature = Sm2Key(SM2_KEY).sign(b"message digest", lambda: number).hex()
    assert signature[:64] == "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    assert signature[64:] == "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"


def test_a_request_signed_by_sm2_is_verified(api: GuardedApi, open_client: Open, tmp_path: Path) -> None:
    def is_valid(seen: Seen) -> bool:
        text = f"GET/list{seen.headers['X-Time']}"
        return CryptSM2("", SM2_PUBLIC).verify_with_sm3(seen.headers["X-Sign"], text.encode())

    api.handler = admit(is_valid)
    (tmp_path / "right.key").write_text(SM2_KEY + "\n")
    (tmp_path / "other.key").write_text(SM2_KEY[::-1])
    client = open_client(SM2, f"{api.url}?sm2_key={tmp_path}/right.key")
    assert client.get("/list", params={"page": "1"}).status_code == client.get("/list").status_code == 200
    assert api.requests[0].headers["X-Sign"] != api.requests[1].headers["X-Sign"]
    assert open_client(SM2, f"{api.url}?sm2_key={tmp_path}/other.key").get("/list").status_code == 401


@pytest.mark.parametrize("text", ["", "0" * 64, "f" * 64, SM2_KEY[1:], "-----BEGIN EC PRIVATE KEY-----"])
def test_a_file_without_an_sm2_key_is_reported(api: GuardedApi, open_client: Open, tmp_path: Path, text: str) -> None:
    (tmp_path / "sm2.key").write_text(text)
    with pytest.raises(SourceError, match="the file of sm2_key holds no SM2 private key; expected 64"):
        open_client(SM2, f"{api.url}?sm2_key={tmp_path}/sm2.key")
    with pytest.raises(SourceError, match="its URL has no sm2_key"):
        open_client(SM2, api.url)
