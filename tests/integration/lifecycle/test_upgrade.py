"""A warehouse that an earlier program left is upgraded, goes on, and is rolled back by the backup that was taken before."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.operations import queries
from loaders.operations.verification import verify_all
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import ensure_roles
from tests.integration.conftest import PASSWORDS
from tests.integration.test_backup import JULY, LENIENT, World
from tests.integration.test_second_deployment import QINGXI

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

ARCHIVE = PROJECT_ROOT / "tests" / "support" / "upgrade" / "r0029.tar.xz"


@dataclasses.dataclass(frozen=True)
class Upgrade:
    """The warehouse while it is upgraded: `world` as its owner, what the earlier program told, and where its backup is."""

    world: World
    recorded: dict[str, Any]
    place: Path

    def figures_differ(self, settings: Settings) -> dict[tuple[str, ...], tuple[str, str | None]]:
        """The figures that the earlier program told and that are others now, both values of each."""
        recorded = {tuple(row[:3]): row[3] for row in self.recorded["figures"]}
        assert recorded
        with psycopg.connect(settings.transformer_url) as connection:
            rows = connection.execute(
                "select indicator_code, area_code, period_code, trim_scale(value)::text from bi.indicator_value"
            ).fetchall()
        found = {row[:3]: row[3] for row in rows}
        return {key: (value, found.get(key)) for key, value in recorded.items() if str(found.get(key)) != value}


def as_roles(settings: Settings) -> Settings:
    """The settings of the services: each with its own role, whose password is set anew."""
    ensure_roles(settings.warehouse_url, PASSWORDS)
    server = settings.warehouse_url.rpartition("@")[2]
    urls = [f"postgresql://{role}:{PASSWORDS[role]}@{server}" for role in ("huimin_loader", "huimin_transformer")]
    return dataclasses.replace(settings, warehouse_url=urls[0], transformer_url=urls[1])


def accounts(settings: Settings) -> list[list[Any]]:
    rows = queries.account(settings)
    return sorted([row["sha256"], row["rows_total"], row["rows_loaded"], row["rows_quarantined"]] for row in rows)


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    folder = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(ARCHIVE) as packed:
        packed.extractall(folder / "left", filter="data")
    deployment = folder / "qingxi"
    shutil.copytree(QINGXI, deployment)
    (deployment / "release_rules").mkdir()
    (deployment / "release_rules" / "rules.yml").write_text(LENIENT, encoding="utf-8")
    home = folder / "home"
    shutil.copytree(folder / "left" / "landing", home / "landing")
    with EmbeddedPostgres(folder / "server") as server:
        ensure_roles(server.url(), PASSWORDS)
        server.create_database("warehouse")
        url = server.url("warehouse")
        command = [find_binaries() / "pg_restore", f"--dbname={url}", "--exit-on-error", folder / "left" / "warehouse.dump"]
        subprocess.run(command, check=True, timeout=120)
        settings = Settings(
            home=home,
            warehouse_url=url,
            transformer_url=url,
            pii_key=b"k" * 48,
            connections={one.name: f"file://{one}" for one in (deployment / "documents").iterdir()},
            expectations=deployment / "expectations",
            dbt_project=deployment / "dbt_project",
        )
        recorded = json.loads((folder / "left" / "facts.json").read_text(encoding="utf-8"))
        yield Upgrade(World(deployment, settings), recorded, folder / "backups")
    server.remove()


def revision(settings: Settings) -> str:
    with psycopg.connect(settings.warehouse_url) as connection:
        row = connection.execute("select version_num from ops.alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def test_the_procedure_from_the_backup_to_the_next_document(upgrade: Upgrade) -> None:
    world, settings = upgrade.world, upgrade.world.settings
    assert revision(settings) == "r0029"
    world.done("backup", str(upgrade.place))
    assert revision(settings) == "r0029", "a backup changes nothing"
    world.done("migrate")
    assert revision(settings) > "r0029"
    assert verify_all(settings) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    services = as_roles(settings)
    assert accounts(services) == upgrade.recorded["accounts"]
    # What was there is known again, and counted by the new models as by the old ones.
    world.done("load", "--no-build", settings=services)
    world.done("build", settings=services)
    assert accounts(services) == upgrade.recorded["accounts"]
    assert upgrade.figures_differ(services) == {}
    assert world.done("migrate") == "the warehouse is up to date\n"
    # And it goes on.
    path = world.deployment / "documents" / "volunteering_files" / "service_shift" / "2025-07_志愿服务记录.csv"
    path.write_bytes(JULY.encode("gb18030"))
    os.utime(path, (1_750_000_000, 1_750_000_000))
    world.done("load", "--no-build", settings=services)
    assert len(queries.account(services)) == len(upgrade.recorded["accounts"]) + 1
    # The models of contracts changed: a release asks that documents are validated by them, and nothing of them is another.
    world.done("load", "canteen_quarter", "--again", "--no-build", settings=services)
    found = accounts(services)
    assert all(row in found for row in upgrade.recorded["accounts"])
    assert verify_all(services) == {"landing": [], "ledger": [], "releases": [], "audit": []}


def test_a_rollback_has_what_was_there_before(upgrade: Upgrade, tmp_path: Path) -> None:
    world = upgrade.world
    with EmbeddedPostgres(tmp_path / "server") as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        empty = dataclasses.replace(world.settings, home=tmp_path / "home", warehouse_url=url, transformer_url=url)
        world.done("restore", str(upgrade.place), settings=empty)
        assert accounts(empty) == upgrade.recorded["accounts"]
        assert upgrade.figures_differ(empty) == {}
        # What came since is found at its source again.
        empty = as_roles(empty)
        world.done("load", "--no-build", settings=empty)
        assert len(queries.account(empty)) == len(upgrade.recorded["accounts"]) + 1
    server.remove()


def test_an_older_program_leaves_a_newer_warehouse_alone(upgrade: Upgrade) -> None:
    with psycopg.connect(upgrade.world.settings.warehouse_url) as connection:
        before = revision(upgrade.world.settings)
        connection.execute("update ops.alembic_version set version_num = 'r9999'")
        connection.commit()
        try:
            refused = upgrade.world.huimin("migrate")
        finally:
            connection.execute("update ops.alembic_version set version_num = %s", [before])
    assert refused.returncode == 1
    assert "newer program" in refused.stderr and "r9999" in refused.stderr and "restore the backup" in refused.stderr


def test_airflow_migrates_its_own_database_forward_and_back(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "server") as server:
        server.create_database("airflow")
        url = server.url("airflow")
        environment = os.environ | {
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://"),
        }

        def airflow(*words: str) -> None:
            command = [sys.executable, "-m", "airflow", "db", *words]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]

        def at() -> str:
            with psycopg.connect(url) as connection:
                row = connection.execute("select version_num from alembic_version").fetchone()
            return str(row and row[0])

        airflow("migrate", "--to-version", "3.1.0")
        earlier = at()
        airflow("migrate")
        airflow("check-migrations")
        assert at() != earlier
        airflow("downgrade", "--to-version", "3.1.0", "--yes")
        assert at() == earlier
    server.remove()
