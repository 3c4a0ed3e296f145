"""The upgrade of PostgreSQL itself: a backup of an older server, restored into a newer one, which then goes on."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.operations.verification import verify_all
from loaders.settings import Settings
from tests.integration.conftest import migrated_template
from tests.integration.test_backup import LENIENT, World
from tests.integration.test_second_deployment import QINGXI, loaded_and_built
from tests.support.debian_packages import POSTGRES_15

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def major(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10_000


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A deployment that was loaded, built and released on PostgreSQL 15."""
    binaries = POSTGRES_15.command()
    assert binaries is not None, "apt-get install postgresql-15"
    deployment = tmp_path_factory.mktemp("major") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    (deployment / "release_rules").mkdir()
    (deployment / "release_rules" / "rules.yml").write_text(LENIENT, encoding="utf-8")
    with EmbeddedPostgres(tmp_path_factory.mktemp("older") / "server", binaries=binaries) as server:
        migrated_template(server)
        made = World(deployment, loaded_and_built(server, tmp_path_factory.mktemp("home"), deployment))
        made.done("release", "prepare", "--period", "2025Q1")
        made.done("release", "publish", "1", "--why", "核对无误", "--by", "王科长")
        yield made
    server.remove()


@pytest.fixture
def newer(older: World, tmp_path: Path) -> Iterator[Settings]:
    with EmbeddedPostgres(tmp_path / "server", binaries=find_binaries()) as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        yield dataclasses.replace(older.settings, home=tmp_path / "home", warehouse_url=url, transformer_url=url)
    server.remove()


def test_a_newer_server_goes_on_where_the_older_one_was(older: World, newer: Settings, tmp_path: Path) -> None:
    assert major(newer.warehouse_url) > major(older.settings.warehouse_url)
    # With the programs of the server that is read: a later minor release may write what an earlier pg_dump of any major does not
    # know (`pg_attver` of 15.20 in a dump by 18.4).
    older.done("backup", str(tmp_path / "backups"), HUIMIN_POSTGRES_BIN=str(POSTGRES_15.command()))
    older.done("restore", str(tmp_path / "backups"), settings=newer)
    assert older.facts(newer) == older.facts(older.settings)
    assert verify_all(newer) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    assert older.done("migrate", settings=newer) == "the warehouse is up to date\n"
    older.done("load", settings=newer)
    older.done("build", "--full", settings=newer)
    assert older.facts(newer)["fingerprint"] == older.facts(older.settings)["fingerprint"]
    assert older.facts(newer)["account"] == older.facts(older.settings)["account"]
