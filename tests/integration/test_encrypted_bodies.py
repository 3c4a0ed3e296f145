"""Bodies encrypted with SM4, from a server that encrypts and decrypts by itself, on the way to the ledger and back."""

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.padding import PKCS7

from loaders import pipeline
from loaders.contract.sources.http.cipher import Sm4Cipher
from loaders.landing import landed_path
from loaders.settings import Settings
from loaders.sources import SourceError, retry
from loaders.sources.http.auth import Credentials
from loaders.sources.http.body_cipher import BodyCipher, NotDecrypted
from tests.support.servers.error_text import full_error_text
from tests.support.servers.little import Handler, serving
from tests.support.warehouse.api_world import ROWS, ApiWorld, as_json

pytestmark = pytest.mark.integration

# The key and the block of the example in GB/T 32907.
KEY = "0123456789abcdeffedcba9876543210"
IV = "000102030405060708090a0b0c0d0e0f"
MODES: dict[str, dict[str, Any]] = {
    "cbc, base64": {"mode": "cbc", "iv": "connection", "encoding": "base64"},
    "cbc, prefix, hex": {"mode": "cbc", "iv": "prefix", "encoding": "hex"},
    "cbc, key, HEX": {"mode": "cbc", "iv": "key", "encoding": "HEX"},
    "ecb, base64": {"mode": "ecb", "encoding": "base64"},
}


def platform_cipher(facts: dict[str, Any], iv: bytes) -> Any:
    key = bytes.fromhex(KEY)
    return Cipher(SM4(key), modes.ECB() if facts["mode"] == "ecb" else modes.CBC(iv))


def platform_encrypt(facts: dict[str, Any], plain: bytes) -> str:
    iv = {"connection": bytes.fromhex(IV), "key": bytes.fromhex(KEY)}.get(facts.get("iv", ""), b"p" * 16)
    padder = PKCS7(128).padder()
    encryptor = platform_cipher(facts, iv).encryptor()
    data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    data = iv + data if facts.get("iv") == "prefix" else data
    return {"base64": base64.b64encode(data).decode(), "hex": data.hex(), "HEX": data.hex().upper()}[facts["encoding"]]


def platform_decrypt(facts: dict[str, Any], text: str) -> bytes:
    data = base64.b64decode(text) if facts["encoding"] == "base64" else bytes.fromhex(text)
    iv = {"connection": bytes.fromhex(IV), "key": bytes.fromhex(KEY)}.get(facts.get("iv", ""), data[:16])
    decryptor = platform_cipher(facts, iv).decryptor()
    unpadder = PKCS7(128).unpadder()
    data = decryptor.update(data[16:] if facts.get("iv") == "prefix" else data) + decryptor.finalize()
    return unpadder.update(data) + unpadder.finalize()


def platform(facts: dict[str, Any], asked: list[dict[str, Any]]) -> Handler:
    """Pages of two records; `data` is encrypted both ways, what is around it is not."""

    async def handler(request: web.Request) -> web.Response:
        sent = await request.json()
        question = json.loads(platform_decrypt(facts, sent["data"]))
        asked.append({"appId": sent["appId"]} | question)
        start = (question["page"] - 1) * 2
        text = f'{{"total": {len(ROWS)}, "list": {as_json(ROWS[start : start + 2])}}}'
        return web.json_response({"code": 0, "data": platform_encrypt(facts, text.encode())})

    return handler


def connect(world: ApiWorld, base: str, query: str = f"?sm4_key={KEY}&sm4_iv={IV}", secret: str = "t0ken") -> None:
    world.settings = Settings(
        home=world.settings.home,
        warehouse_url=world.settings.warehouse_url,
        pii_key=world.settings.pii_key,
        expectations=world.settings.expectations,
        connections={"api": f"http://huimin:{secret}@{base}/{query}"},
    )


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> ApiWorld:
    return ApiWorld(tmp_path, warehouse_url)


SOURCE: dict[str, Any] = {
    "request": {"method": "POST", "path": "/list", "body": {"json": {"appId": "hm", "data": {"area": "惠城区"}}}},
    "paging": {"kind": "page_number", "page": "data.page", "size": "data.size", "page_size": 2, "in": "body"},
    "success": {"path": "code", "values": [0]},
    "records": "data.list",
    "total": "data.total",
}


@pytest.mark.parametrize("name", MODES)
def test_request_and_answer_are_encrypted(world: ApiWorld, name: str) -> None:
    facts, asked = MODES[name], []
    with serving(platform(facts, asked)) as server:
        cipher = {"kind": "sm4", "request": "data", "answer": "data"} | facts
        world.contract(server, SOURCE | {"cipher": cipher})
        connect(world, server.base)
        world.load()
    assert world.rows() == ROWS, "no digit is lost"
    assert asked[0] == {"appId": "hm", "area": "惠城区", "page": 1, "size": 2}
    assert all("惠城区" not in body and "area" not in body for body in server.bodies)
    world.check()
    check_kept_without_the_source(world)


def check_kept_without_the_source(world: ApiWorld) -> None:
    """The answers are kept as they came; the document is read again without server and key."""
    ((sha256, answers_sha256),) = world.query("select sha256, answers_sha256 from ops.submission")
    with zipfile.ZipFile(landed_path(world.settings.landing, answers_sha256)) as archive:
        assert all(isinstance(json.loads(archive.read(member))["data"], str) for member in archive.namelist())
        assert b"k1" not in archive.read(archive.namelist()[0])
    assert b'"k1"' in landed_path(world.settings.landing, sha256).read_bytes()
    before = world.rows()
    connect(world, "127.0.0.1:1", "")
    with pytest.raises(SourceError):
        world.load()
    (submission,) = [number for (number,) in world.query("select submission_id from ops.submission")]
    pipeline.load_batch("visit", [submission], world.settings)
    assert world.rows() == before


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        ({"kind": "records"}, as_json(ROWS).encode()),
        ({"kind": "delimited"}, ("编号,金额\n" + "".join(f"{code},{amount}\n" for code, amount in ROWS)).encode()),
    ],
    ids=["json", "file"],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_the_whole_answer_is_encrypted(world: ApiWorld, form: dict[str, str], plain: bytes, quoted: bool) -> None:
    facts = MODES["cbc, base64"]
    encrypted = platform_encrypt(facts, plain)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=json.dumps(encrypted) if quoted else encrypted)

    with serving(handler) as server:
        answer = {"answer": "file"} if form["kind"] == "delimited" else {}
        world.contract(server, {"cipher": {"kind": "sm4", "answer": "$"} | facts} | answer, format=form)
        connect(world, server.base)
        world.load()
        assert world.rows() == ROWS
        ((answers_sha256,),) = world.query("select answers_sha256 from ops.submission")
        with zipfile.ZipFile(landed_path(world.settings.landing, answers_sha256)) as archive:
            assert encrypted.encode() in archive.read("00001.bin")
        world.check()


def test_the_whole_request_is_encrypted(world: ApiWorld) -> None:
    facts = MODES["ecb, base64"]

    async def handler(request: web.Request) -> web.Response:
        asked = json.loads(platform_decrypt(facts, await request.text()))
        return web.Response(text=as_json(ROWS) if asked == {"open": True} else "[]", content_type="application/json")

    with serving(handler) as server:
        request = {"method": "POST", "path": "/list", "body": {"json": {"open": True}}}
        world.contract(server, {"request": request, "cipher": {"kind": "sm4", "request": "$"} | facts})
        # The password is the key: 16 characters.
        connect(world, server.base, "", secret=bytes.fromhex(KEY).hex())
        world.load()
        assert world.rows() == ROWS


def answering(content: Any) -> Callable[[web.Request], Any]:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(content)

    return handler


GOOD = {"code": 0, "data": platform_encrypt(MODES["ecb, base64"], b'{"total": 0, "list": []}')}


@pytest.mark.parametrize(
    ("content", "query", "message"),
    [
        (GOOD, f"?sm4_key={KEY[8:]}{KEY[:8]}", r"not encrypted as `source\.cipher` says \(its padding .*\); change source"),
        ({"code": 0, "data": "AAA"}, f"?sm4_key={KEY}", "it is no base64"),
        ({"code": 0, "data": "AAAA"}, f"?sm4_key={KEY}", "3 bytes are no whole number of blocks of 16"),
        (
            {"code": 7, "msg": "密钥已停用", "data": None},
            f"?sm4_key={KEY}",
            "the answer says code 7, expected 0, saying .密钥已停用",
        ),
        ({"code": 7, "msg": "密钥已停用", "data": "x"}, f"?sm4_key={KEY}", "it is no base64.*saying .密钥已停用"),
        (GOOD, "?sm4_key=short", r"the key .* has 5 bytes, expected 16; write 32 hexadecimal digits"),
    ],
)
def test_what_cannot_be_decrypted_names_the_field(world: ApiWorld, content: Any, query: str, message: str) -> None:
    with serving(answering(content)) as server:
        cipher = {"kind": "sm4", "mode": "ecb", "request": "data", "answer": "data"}
        world.contract(server, SOURCE | {"cipher": cipher})
        connect(world, server.base, query)
        with pytest.raises(SourceError, match=message) as error:
            world.load()
        assert KEY not in full_error_text(error.value)


def test_sm4_gives_the_value_of_the_standard() -> None:
    cipher = BodyCipher(
        Sm4Cipher(mode="ecb", encoding="hex", answer="$"), Credentials("api", "https://h", extras={"sm4_key": KEY})
    )
    assert cipher.encrypt(bytes.fromhex(KEY))[:32] == "681edf34d206965e86b3e94f536e4246"
    assert cipher.decrypt(cipher.encrypt(b"")) == b""
    with pytest.raises(NotDecrypted):
        cipher.decrypt("")
    assert KEY not in repr(cipher)
