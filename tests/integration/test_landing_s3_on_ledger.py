"""Documents whose landing is a bucket: loaded, verified, repaired, killed half-way, rebuilt, purged, backed up and restored."""

import dataclasses
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.landing import LandingError, landed_path, open_store, read_records
from loaders.operations import purge as purging
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.operations.verification import verify_all
from loaders.setting_values.landing_address import BucketAddress
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.integration.conftest import fresh_database
from tests.integration.test_backup import World
from tests.integration.test_kills_between_stages import LOAD, finish, site
from tests.integration.test_report_lifecycle import change, contracts, own_settings, two_months
from tests.integration.test_second_deployment import QINGXI, loaded_and_built
from tests.support.servers.bucket import BucketServer, bucket_server
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits
from tests.support.warehouse.killed_load import run_and_kill

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
__all__ = ["contracts", "own_settings", "site"]
ROWS = "select _submission_id, _row, visit_code, _superseded_at is null from raw.home_visit order by 1, 2"


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    with pytest.MonkeyPatch.context() as patch, bucket_server() as running:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield running


def in_bucket(settings: Settings, server: BucketServer, *, home: Path | None = None, is_locking: bool = True) -> Settings:
    """The same settings with a landing in a bucket of its own."""
    home = home or settings.home
    address = server.landing(home / "landing-cache", is_locking=is_locking)
    return dataclasses.replace(settings, home=home, landing_address=address)


def bucket_of(settings: Settings) -> BucketAddress:
    assert isinstance(settings.landing, BucketAddress)
    return settings.landing


def sha256_of(settings: Settings, unit: str) -> str:
    ((sha256,),) = set(query(settings, "select sha256 from ops.submission where unit_code = %s", unit))
    return str(sha256)


def test_documents_are_loaded_and_the_loss_of_a_machine_costs_nothing(settings: Settings, server: BucketServer) -> None:
    settings = in_bucket(settings, server)
    put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(5)))
    put(settings, "home_visit/2023-05/441303_记录.csv", visits(range(10, 15)))
    (batch,) = pipeline.extract("home_visit", settings)
    shutil.rmtree(settings.home)
    assert pipeline.load_batch("home_visit", batch, settings) == {"accepted": 2}
    check_account(settings)
    assert not (settings.home / "landing").exists()
    assert verify_landing(settings) == []
    assert huimin(settings, "verify", "landing").exit_code == 0


def test_what_is_lost_in_the_bucket_is_fetched_anew_or_named(settings: Settings, server: BucketServer) -> None:
    settings = in_bucket(settings, server)
    paths = [put(settings, f"home_visit/2023-05/{unit}_记录.csv", visits(range(5))) for unit in ("441302",)]
    paths.append(put(settings, "home_visit/2023-05/441303_记录.csv", visits(range(10, 15))))
    load("home_visit", settings)
    shutil.rmtree(settings.home)
    altered, missing = sha256_of(settings, "441302"), sha256_of(settings, "441303")
    server.client.put_object(**server.key(bucket_of(settings), altered), Body=b"rows of an attacker")
    server.client.delete_object(**server.key(bucket_of(settings), missing))
    paths[1].unlink()
    found = {row["kind"]: row for row in verify_landing(settings)}
    assert {kind: row["file"][-64:] for kind, row in found.items()} == {"altered": altered, "missing": missing}
    repaired = {row["kind"]: row["is_repaired"] for row in verify_landing(settings, repair=True)}
    assert repaired == {"altered": True, "missing": False}
    assert [row["kind"] for row in verify_landing(settings)] == ["missing"]


@pytest.mark.parametrize(
    "point",
    [
        "a bucket has the bytes of several documents",
        "records of several documents are on the disk",
        "several documents are in the ledger",
        "a batch is committed",
    ],
)
def test_a_load_killed_between_two_stages_comes_to_the_same_end(
    site: Settings, server: BucketServer, postgres: EmbeddedPostgres, tmp_path: Path, point: str
) -> None:
    expected = finish(site)
    url = postgres.url(fresh_database(postgres))
    killed = in_bucket(dataclasses.replace(site, warehouse_url=url), server, home=tmp_path / "killed")
    assert run_and_kill(killed, point, 1, LOAD) == -signal.SIGKILL
    # The machine did not come back; another one takes over.
    other = dataclasses.replace(bucket_of(killed), cache=tmp_path / "other" / "landing-cache")
    assert finish(dataclasses.replace(killed, home=tmp_path / "other", landing_address=other)) == expected
    assert verify_landing(killed) == []


def test_a_bucket_that_goes_away_loses_nothing_and_is_named(
    settings: Settings, server: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = in_bucket(settings, server)
    first = put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(5)))
    load("home_visit", settings)
    before = query(settings, "select cursor from ops.watermark"), query(settings, ROWS)
    put(settings, "home_visit/2023-05/441303_记录.csv", visits(range(10, 15)))
    put(settings, "home_visit/2023-05/441322_记录.csv", visits(range(20, 25)))
    with bucket_server() as another:
        gone = dataclasses.replace(bucket_of(settings), connection=another.connection)
    away = dataclasses.replace(settings, landing_address=gone)
    with pytest.raises(LandingError, match=r"cannot be used.*huimin_landing"):
        pipeline.extract("home_visit", away)
    done = huimin(away, *LOAD)
    assert done.exit_code == 1 and "cannot be used" in done.output and "Traceback" not in done.output, done.output
    assert (query(settings, "select cursor from ops.watermark"), query(settings, ROWS)) == before
    assert first.exists()
    load("home_visit", settings)
    assert query(settings, "select count(*), sum(rows_loaded) from ops.submission where state = 'accepted'") == [(3, 15)]
    check_account(settings)
    assert verify_landing(settings) == []


def test_a_ledger_is_rebuilt_from_the_bucket_alone(
    settings: Settings, server: BucketServer, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    settings = in_bucket(settings, server)
    two_months(settings)
    load("home_visit", settings)
    states = "select report, source_uri, sha256, state, rows_loaded, rows_quarantined from ops.submission order by 1, 2"
    url = postgres.url(fresh_database(postgres))
    address = dataclasses.replace(bucket_of(settings), cache=tmp_path / "another machine")
    new = dataclasses.replace(settings, warehouse_url=url, connections={}, landing_address=address)
    rebuilt = rebuild_ledger(new)
    assert (rebuilt.skipped, rebuilt.arrivals) == ([], 2)
    assert query(new, states) == query(settings, states)
    assert [row[1:] for row in query(new, ROWS)] == [row[1:] for row in query(settings, ROWS)]


def test_a_purge_leaves_nothing_in_the_bucket(own_settings: Settings, contracts: Path, server: BucketServer) -> None:
    settings = in_bucket(own_settings, server)
    two_months(settings)
    load("home_visit", settings)
    change(contracts, "home_visit", retired={"since": "2023-07", "why": {"zh": "停用", "en": "no longer sent"}})
    hashes = [sha256 for (sha256,) in query(settings, "select sha256 from ops.submission")]
    purged = purging.purge(settings, "home_visit", why="replaced by another", by="li")
    assert (purged.counts.submissions, len(purged.files.landed_files), len(purged.files.records)) == (2, 2, 2)
    assert server.versions(bucket_of(settings)) == []
    assert not any(landed_path(settings.landing, sha256).exists() for sha256 in hashes)
    assert verify_landing(settings) == []


def test_a_backup_of_a_folder_is_restored_into_a_bucket_and_back(
    postgres: EmbeddedPostgres, server: BucketServer, tmp_path: Path
) -> None:
    deployment = tmp_path / "qingxi"
    shutil.copytree(QINGXI, deployment)
    world = World(deployment, loaded_and_built(postgres, tmp_path / "home", deployment))
    world.done("backup", str(tmp_path / "first"))
    address = server.landing(tmp_path / "restored" / "landing-cache", is_locking=True)
    more = {
        "HUIMIN_LANDING": str(address),
        "AIRFLOW_CONN_HUIMIN_LANDING": address.connection,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with EmbeddedPostgres(tmp_path / "server") as empty:
        empty.create_database("warehouse")
        url = empty.url("warehouse")
        restored = dataclasses.replace(
            world.settings, home=tmp_path / "restored", warehouse_url=url, transformer_url=url, landing_address=address
        )
        world.done("restore", str(tmp_path / "first"), settings=restored, **more)
        assert world.facts(restored) == world.facts(world.settings)
        assert verify_all(restored) == {"landing": [], "ledger": [], "releases": [], "audit": []}
        assert open_store(restored.landing).sizes() == open_store(world.settings.landing).sizes()
        assert len(list(read_records(address))) == len(list(read_records(world.settings.landing))) > 8
        world.done("backup", str(tmp_path / "second"), settings=restored, **more)
        names = [
            sorted(path.relative_to(place).as_posix() for kind in ("objects", "records") for path in (place / kind).rglob("*.*"))
            for place in (tmp_path / "first", tmp_path / "second")
        ]
        assert names[0] == names[1]
        checked: subprocess.CompletedProcess[str] = world.huimin("verify", settings=restored, **more)
        assert checked.returncode == 0, checked.stdout + checked.stderr
