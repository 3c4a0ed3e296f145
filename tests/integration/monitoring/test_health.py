"""What `/health` says is not well, and with which status."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from loaders.monitoring import health
from loaders.outgoing_messages import Message
from loaders.pages.access.viewer import ANYONE
from loaders.pages.app import create_app
from loaders.settings import Settings
from loaders.warehouse import Outbox

pytestmark = pytest.mark.integration
WELL = {"status": "ok", "disk": "ok", "warehouse": "ok", "migrations": "ok", "outbox": "ok"}


def answer(settings: Settings) -> tuple[int, dict[str, object]]:
    reply = TestClient(create_app(settings, lambda _: ANYONE)).get("/health")
    return reply.status_code, reply.json()


def execute(settings: Settings, statement: str) -> None:
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute(statement)


def test_all_is_well(settings: Settings) -> None:
    status, found = answer(settings)
    assert status == 200 and found == {**WELL, "last_loaded_at": None, "last_built_at": None}


def test_the_last_load_is_reported(loaded: Settings) -> None:
    status, found = answer(loaded)
    loaded_at = dt.datetime.fromisoformat(str(found["last_loaded_at"]))
    assert status == 200 and dt.datetime.now(dt.UTC) - loaded_at < dt.timedelta(minutes=10)


def test_an_unreachable_warehouse_fails(settings: Settings) -> None:
    status, found = answer(replace(settings, warehouse_url="postgresql://nobody@127.0.0.1:9/none"))
    assert (status, found["status"], found["warehouse"]) == (503, "failed", "unreachable")


@pytest.mark.parametrize(
    ("revision", "state", "status"), [("r0001", "behind", 503), ("r9999", "ahead", 200)], ids=["behind", "ahead"]
)
def test_tables_of_another_revision(settings: Settings, revision: str, state: str, status: int) -> None:
    execute(settings, f"update ops.alembic_version set version_num = '{revision}'")
    found = answer(settings)
    assert (found[0], found[1]["migrations"]) == (status, state)


def test_an_empty_database_fails(settings: Settings, postgres: object) -> None:
    execute(settings, "drop table ops.alembic_version")
    status, found = answer(settings)
    assert (status, found["migrations"]) == (503, "missing")


def test_a_message_that_nobody_sends_degrades(settings: Settings) -> None:
    Outbox(settings.warehouse_url).queue(Message("a@example.org", "s", "t"), topic="issues", key="k")
    assert answer(settings)[1]["status"] == "ok"
    execute(settings, "update ops.outbox_message set next_attempt_at = now() - interval '31 minutes'")
    status, found = answer(settings)
    assert (status, found["status"], found["outbox"]) == (200, "degraded", "waiting")


def test_a_full_disk_degrades(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A limit that no disk meets, as a disk of a chosen size needs a mount.
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 62)
    monkeypatch.setattr(health, "LEAST_FREE_SHARE", 2.0)
    status, found = answer(settings)
    assert (status, found["status"], found["disk"]) == (200, "degraded", "full")
