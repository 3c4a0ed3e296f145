"""A backup that is taken, damaged, taken again and restored into an empty server: figures, account and releases are the same."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.backup.manifest import list_backups, read_manifest
from loaders.backup.place import BackupError, FolderPlace
from loaders.backup.restoring import restore_deployment
from loaders.landing import landed_path
from loaders.operations import queries
from loaders.operations.verification import verify_all
from loaders.settings import PROJECT_ROOT, Settings
from tests.integration.test_second_deployment import QINGXI, loaded_and_built

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

KEY = "k" * 48
LENIENT = "minimum_reporting_rate_pct: 0\nmaximum_outside_published: 99\n"
JULY = "记录编号,服务日期,镇（街道）代码,志愿者编号,服务时长（小时）\nF0701,2025-07-03,990101001,V9001,2.5\n"
BUCKET_KEY, BUCKET_SECRET = "huimin", "s3cret/with@signs+"


@dataclasses.dataclass(frozen=True)
class World:
    """A deployment that was loaded and built, and what the command line needs to work on it."""

    deployment: Path
    settings: Settings

    def huimin(
        self, *words: str, settings: Settings | None = None, key: str = KEY, **more: str
    ) -> subprocess.CompletedProcess[str]:
        at = settings or self.settings
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW", "AWS_", "PG"))}
        connections = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in at.connections.items()}
        own = {
            "PYTHONPATH": str(PROJECT_ROOT),
            "HUIMIN_DEPLOYMENT": str(self.deployment),
            "HUIMIN_HOME": str(at.home),
            "HUIMIN_WAREHOUSE_URL": at.warehouse_url,
            "HUIMIN_TRANSFORMER_URL": at.transformer_url,
            "HUIMIN_PII_KEY": key,
            "HUIMIN_POSTGRES_BIN": str(find_binaries()),
        }
        command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
        return subprocess.run(
            command, env=clean | connections | own | more, capture_output=True, text=True, timeout=300, check=False
        )

    def done(self, *words: str, settings: Settings | None = None, **more: str) -> str:
        done = self.huimin(*words, settings=settings, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def facts(self, settings: Settings) -> dict[str, object]:
        """What must be the same after a restore."""
        with psycopg.connect(settings.transformer_url) as connection:
            versions = connection.execute("select * from bi.indicator_value_version order by 1, 2, 3, 4").fetchall()
            releases = connection.execute("select * from bi.release_value order by 1, 2, 3, 4").fetchall()
        return {
            "fingerprint": queries.fingerprint(settings),
            "account": queries.account(settings),
            "versions": versions,
            "releases": releases,
        }


@pytest.fixture(scope="module")
def world(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    deployment = tmp_path_factory.mktemp("backup") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    (deployment / "release_rules").mkdir()
    (deployment / "release_rules" / "rules.yml").write_text(LENIENT, encoding="utf-8")
    made = World(deployment, loaded_and_built(postgres, tmp_path_factory.mktemp("home"), deployment))
    made.done("release", "prepare", "--period", "2025Q1")
    made.done("release", "publish", "1", "--why", "核对无误", "--by", "王科长")
    return made


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two backups; between them, one document more was loaded."""
    folder = tmp_path_factory.mktemp("place") / "backups"
    assert "landed files that were new" in world.done("backup", str(folder))
    path = world.deployment / "documents" / "volunteering_files" / "service_shift" / "2025-07_志愿服务记录.csv"
    path.write_bytes(JULY.encode("gb18030"))
    os.utime(path, (1_750_000_000, 1_750_000_000))
    world.done("load", "service_shift")
    before = set(folder.rglob("objects/*/*/*"))
    world.done("backup", str(folder))
    assert len(set(folder.rglob("objects/*/*/*")) - before) == 1, "only what is new is copied"
    return folder


@pytest.fixture
def empty(tmp_path: Path, world: World) -> Iterator[Settings]:
    """An empty server, which knows none of the roles, and an empty home."""
    with EmbeddedPostgres(tmp_path / "server") as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        yield dataclasses.replace(world.settings, home=tmp_path / "home", warehouse_url=url, transformer_url=url)
    server.remove()


def test_a_restore_into_an_empty_server_has_all_that_was_there(world: World, place: Path, empty: Settings) -> None:
    done = world.huimin("restore", str(place), settings=empty)
    assert done.returncode == 0 and "is restored and verified" in done.stdout, done.stderr
    assert f"landing {empty.landing}: " in done.stderr
    assert world.facts(empty) == world.facts(world.settings)
    assert verify_all(empty) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    # The owner of each schema is its role again, and a second migration finds nothing to do.
    assert world.done("migrate", settings=empty) == "the warehouse is up to date\n"
    # It goes on where it was: nothing is loaded twice, and the next document is.
    world.done("load", settings=empty)
    assert world.facts(empty)["account"] == world.facts(world.settings)["account"]
    refused = world.huimin("restore", str(place), settings=empty)
    assert refused.returncode == 1 and "expected an empty database" in refused.stderr


def test_an_earlier_backup_has_what_was_there_then(world: World, place: Path, empty: Settings) -> None:
    first, second = list_backups(FolderPlace(place))
    counts = [read_manifest(FolderPlace(place), one).account["documents"] for one in (first, second)]
    assert counts[1] == counts[0] + 1
    world.done("restore", str(place), "--backup", first, settings=empty)
    assert len(queries.account(empty)) == len(queries.account(world.settings)) - 1
    # What came after it is found at its source again.
    world.done("load", settings=empty)
    assert world.facts(empty)["fingerprint"] == world.facts(world.settings)["fingerprint"]


def test_another_key_is_refused_before_anything_is_written(world: World, place: Path, empty: Settings) -> None:
    refused = world.huimin("restore", str(place), settings=empty, key="another key of personal numbers, as long")
    assert refused.returncode == 1 and "fingerprint" in refused.stderr
    assert not empty.landing.exists()
    with psycopg.connect(empty.warehouse_url) as connection:
        assert connection.execute("select count(*) from pg_namespace where nspname = 'ops'").fetchall() == [(0,)]


def test_what_was_altered_at_the_place_is_named_and_not_restored(
    world: World, place: Path, empty: Settings, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(place, copy)
    newest = list_backups(FolderPlace(copy))[-1]
    dump = copy / "backups" / newest / "ledger.dump"
    dump.chmod(0o600)
    dump.write_bytes(dump.read_bytes()[:-1])
    refused = world.huimin("restore", str(copy), settings=empty)
    assert refused.returncode == 1 and "ledger.dump" in refused.stderr and "is not what its manifest says" in refused.stderr
    landed = next(copy.rglob("objects/*/*/*"))
    landed.chmod(0o600)
    landed.write_bytes(b"other bytes")
    refused = world.huimin("restore", str(copy), "--backup", list_backups(FolderPlace(copy))[0], settings=empty)
    assert refused.returncode == 1 and landed.name in refused.stderr


def test_a_backup_of_a_damaged_landing_is_refused(world: World, place: Path) -> None:
    before = list_backups(FolderPlace(place))
    sha256 = queries.account(world.settings)[0]["sha256"]
    path = landed_path(world.settings.landing, sha256)
    content = path.read_bytes()
    path.unlink()
    try:
        refused = world.huimin("backup", str(place))
    finally:
        path.write_bytes(content)
        path.chmod(0o440)
    assert refused.returncode == 1 and sha256 in refused.stderr and "huimin verify landing" in refused.stderr
    assert list_backups(FolderPlace(place)) == before, "what was begun does not count"


def test_a_bucket_serves_as_a_folder_does(world: World, empty: Settings) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        keys = {"aws_access_key_id": BUCKET_KEY, "aws_secret_access_key": BUCKET_SECRET, "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="backups")
        url = f"s3://{BUCKET_KEY}:{quote(BUCKET_SECRET, safe='')}@backups?endpoint_url={quote(endpoint, safe='')}"
        more = {"AIRFLOW_CONN_BACKUP": url, "AWS_EC2_METADATA_DISABLED": "true"}
        world.done("backup", "s3://backups/city", **more)
        world.done("backup", "s3://backups/city", "--keep", "1", **more)
        assert len(world.done("restore", "s3://backups/city", "--list", **more).splitlines()) == 1
        world.done("restore", "s3://backups/city", settings=empty, **more)
    finally:
        server.stop()
    assert world.facts(empty) == world.facts(world.settings)


def test_the_deployment_comes_back_as_it_was(world: World, place: Path, empty: Settings, tmp_path: Path) -> None:
    rules = world.deployment / "release_rules" / "rules.yml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text + "# changed\n", encoding="utf-8")
    try:
        done = world.huimin("restore", str(place), "--deployment", str(tmp_path / "deployment"), settings=empty)
        assert done.returncode == 0, done.stderr
    finally:
        rules.write_text(text, encoding="utf-8")
    assert (tmp_path / "deployment" / "release_rules" / "rules.yml").read_text(encoding="utf-8") == text
    assert not list((tmp_path / "deployment").rglob("target"))


def test_backups_are_listed_without_a_warehouse_and_a_key(world: World, place: Path) -> None:
    none = {"HUIMIN_WAREHOUSE_URL": "", "HUIMIN_PII_KEY": "", "HUIMIN_TRANSFORMER_URL": ""}
    listed = world.done("restore", str(place), "--list", **none).splitlines()
    assert [line.split()[0] for line in listed] == list_backups(FolderPlace(place))
    assert "landed files; its rows: " in listed[0]
    inner = world.huimin("restore", str(place / "backups"), "--list", **none)
    assert inner.returncode == 1 and "the place is what holds backups/, objects/ and records/" in inner.stderr


def test_what_would_fail_later_is_refused_before_anything_is_written(
    world: World, place: Path, empty: Settings, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    older.mkdir()
    (older / "pg_restore").write_text("#!/bin/sh\necho 'pg_restore (PostgreSQL) 14.9'\n", encoding="utf-8")
    (older / "pg_restore").chmod(0o755)
    with psycopg.connect(empty.warehouse_url, autocommit=True) as connection:
        connection.execute("create role nobody_special login password 'for-tests'")
    parts = urlsplit(empty.warehouse_url)
    url = urlunsplit(parts._replace(netloc=f"nobody_special:for-tests@{parts.hostname}:{parts.port}"))
    deployment = tmp_path / "city"
    words = ("restore", str(place), "--deployment", str(deployment))
    for more, expected in (
        ({"HUIMIN_POSTGRES_BIN": str(older)}, "found 14"),
        ({"HUIMIN_WAREHOUSE_URL": url}, "expected a role that may create schemas in the database, found nobody_special"),
    ):
        refused = world.huimin(*words, settings=empty, **more)
        assert refused.returncode == 1 and expected in refused.stderr, refused.stderr
        assert not empty.landing.exists()
        assert not deployment.exists()
    # A deployment that an attempt left is no obstacle to the next; any other file is.
    restore_deployment(FolderPlace(place), read_manifest(FolderPlace(place)), deployment)
    world.done(*words, settings=empty)
    (deployment / "deployment.yml").write_text("other", encoding="utf-8")
    with pytest.raises(BackupError, match="leave out --deployment"):
        restore_deployment(FolderPlace(place), read_manifest(FolderPlace(place)), deployment)


def test_a_forgotten_home_is_named_in_one_line(world: World, tmp_path: Path) -> None:
    elsewhere = dataclasses.replace(world.settings, home=tmp_path / "elsewhere")
    refused = world.huimin("verify", settings=elsewhere)
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert str(elsewhere.landing) in line and "set HUIMIN_HOME" in line


def test_the_account_ends_with_its_sum(world: World) -> None:
    last = world.done("account").splitlines()[-1]
    rows = queries.account(world.settings)
    assert last.startswith(f"{len(rows):,} files, {sum(row['rows_total'] or 0 for row in rows):,} rows = ")
    assert last.endswith("; unaccounted for: 0")
