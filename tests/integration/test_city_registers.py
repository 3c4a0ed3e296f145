"""Several registers behind one API: each knows its own callers, and only those."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from sample_city.servers.api_server import CLIENTS_PATH, PATH, Register, start_api

pytestmark = pytest.mark.integration
ORGANIZATIONS, CLIENTS = ("huimin", "s1"), ("stations", "s2")


def signed(path: str, caller: tuple[str, str], query: Mapping[str, str]) -> dict[str, str]:
    key, secret = caller
    stamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
    text = f"GET\n{path}\n{urlencode(sorted(query.items()))}\n{key}\n{stamp}\n{nonce}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"X-App-Key": key, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}


async def ask(registers: list[Register], questions: list[tuple[str, tuple[str, str]]]) -> list[httpx.Response]:
    runner, port = await start_api(registers)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            return [
                await client.get(path, params={"page": "1"}, headers=signed(path, who, {"page": "1"})) for path, who in questions
            ]
    finally:
        await runner.cleanup()


def test_each_register_answers_its_own_callers_only(tmp_path: Path) -> None:
    files = {"organizations.jsonl": [{"uscc": "1"}], "clients.jsonl": [{"clientCode": "A"}, {"clientCode": "B"}]}
    for name, records in files.items():
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    registers = [
        Register(PATH, tmp_path / "organizations.jsonl", *ORGANIZATIONS),
        Register(CLIENTS_PATH, tmp_path / "clients.jsonl", *CLIENTS),
    ]
    questions = [
        (PATH, ORGANIZATIONS),
        (CLIENTS_PATH, CLIENTS),
        (CLIENTS_PATH, ORGANIZATIONS),
        (PATH, CLIENTS),
        ("/other", CLIENTS),
    ]
    replies = asyncio.run(ask(registers, questions))
    assert [reply.status_code for reply in replies] == [200, 200, 401, 401, 404]
    assert [record["clientCode"] for record in replies[1].json()["data"]["records"]] == ["A", "B"]
    assert replies[0].json()["data"]["total"] == 1
