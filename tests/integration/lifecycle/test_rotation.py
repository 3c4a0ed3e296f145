"""The key of personal numbers is rotated: killed half-way, resumed, and again, with the same persons before, during and after."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.identifiers.personal_keys import key_fingerprint
from loaders.operations.verification import verify_all
from loaders.settings import Settings
from tests.integration.lifecycle.persons import PERSONS, SHIFTS, TOWNS, distinct, write_month
from tests.integration.test_backup import KEY, World

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

NEW, NEWEST, OTHER = "n" * 48, "N" * 50, "o" * 48
ADMIN = "postgres"


def admin(postgres: EmbeddedPostgres, world: World) -> psycopg.Connection:
    name = psycopg.conninfo.conninfo_to_dict(world.settings.warehouse_url)["dbname"]
    return psycopg.connect(postgres.url(str(name)))


def raw_hashes(postgres: EmbeddedPostgres, world: World) -> set[str]:
    with admin(postgres, world) as connection:
        return {row[0] for row in connection.execute("select volunteer_code_key from raw.service_shift")}


def counted(world: World, period: str, area: str = "990101") -> tuple[int, int]:
    """The persons of a period, and to date, as the engine counts them before any is hidden."""
    with psycopg.connect(world.settings.transformer_url) as connection:
        row = connection.execute(
            "select value::integer, to_date::integer from indicators.measure_value "
            "where (measure_code, area_code, period_code) = ('ZY-SV-01', %s, %s)",
            [area, period],
        ).fetchone()
    assert row is not None, (period, area)
    return row[0], row[1]


def remembered(postgres: EmbeddedPostgres, world: World) -> Counter[tuple[object, ...]]:
    """What the ledger of disclosures knows of its units, without their keys."""
    query = "select measure_code, footprint, signature, batch, is_late, was_elsewhere, is_sole from ops.disclosure_unit"
    with admin(postgres, world) as connection:
        return Counter(connection.execute(query).fetchall())


def shown(postgres: EmbeddedPostgres, world: World) -> list[tuple[object, ...]]:
    query = "select measure_code, series_code, period_code, basis, value, opened_build, closed_build from ops.disclosed_value"
    with admin(postgres, world) as connection:
        return sorted(connection.execute(query).fetchall(), key=str)


def dump(postgres: EmbeddedPostgres, world: World) -> str:
    name = psycopg.conninfo.conninfo_to_dict(world.settings.warehouse_url)["dbname"]
    command = [find_binaries() / "pg_dump", "--data-only", postgres.url(str(name))]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def hash_under(key: str, value: str) -> str:
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


def assert_counts_are_right(world: World, months: tuple[str, ...]) -> None:
    last = months[-1]
    assert counted(world, last) == (distinct((last,)), distinct(months))
    for town in TOWNS:
        assert counted(world, last, town) == (distinct((last,), (town,)), distinct(months, (town,)))


@pytest.fixture(scope="module")
def prepared(persons_world: World, place: Path) -> World:
    """May under the first key; June while processes hold both, before the rotation; a backup under the first key."""
    persons_world.done("backup", str(place))
    write_month(persons_world.deployment, "2025-06", SHIFTS["2025-06"])
    persons_world.done("load", "service_shift", HUIMIN_PII_KEY=NEW, HUIMIN_PII_KEY_OLD=KEY)
    persons_world.done("build")
    return persons_world


def test_before_the_rotation_both_keys_serve_as_the_first_one(postgres: EmbeddedPostgres, prepared: World) -> None:
    assert_counts_are_right(prepared, ("2025-05", "2025-06"))
    assert raw_hashes(postgres, prepared) <= {hash_under(KEY, person) for person in PERSONS}
    refused = prepared.huimin("load", "service_shift", "--again", "--period", "2025-06", HUIMIN_PII_KEY=OTHER)
    assert refused.returncode == 1
    assert key_fingerprint(KEY.encode()) in refused.stderr and key_fingerprint(OTHER.encode()) in refused.stderr
    refused = prepared.huimin("rotate-key", HUIMIN_PII_KEY=NEW, HUIMIN_PII_KEY_OLD=OTHER)
    assert refused.returncode == 1 and key_fingerprint(KEY.encode()) in refused.stderr
    refused = prepared.huimin("rotate-key", HUIMIN_PII_KEY=NEW)
    assert refused.returncode == 1 and "HUIMIN_PII_KEY_OLD" in refused.stderr


def test_a_rotation_that_is_killed_changed_nothing(postgres: EmbeddedPostgres, prepared: World) -> None:
    before = raw_hashes(postgres, prepared)
    # It has rewritten all rows when it comes to this table, and waits there.
    kill_rotation_at(postgres, prepared, "ops.disclosure_unit")
    assert raw_hashes(postgres, prepared) == before
    prepared.done("load", "service_shift")
    (line,) = prepared.done("rotate-key", "--list").splitlines()
    assert line.startswith(key_fingerprint(KEY.encode()))


def kill_rotation_at(postgres: EmbeddedPostgres, world: World, table: str) -> None:
    with admin(postgres, world) as holder:
        holder.execute(f"lock table {table} in access exclusive mode")
        process = start_rotation(world)
        wait_for_lock(postgres, world, table)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def start_rotation(world: World) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW", "PG"))}
    environment |= {
        "PYTHONPATH": os.environ.get("PYTHONPATH", "."),
        "HUIMIN_DEPLOYMENT": str(world.deployment),
        "HUIMIN_HOME": str(world.settings.home),
        "HUIMIN_WAREHOUSE_URL": world.settings.warehouse_url,
        "HUIMIN_TRANSFORMER_URL": world.settings.transformer_url,
        "HUIMIN_PII_KEY": NEW,
        "HUIMIN_PII_KEY_OLD": KEY,
    }
    return subprocess.Popen([sys.executable, "-c", "from loaders.cli import main; main()", "rotate-key"], env=environment)


def wait_for_lock(postgres: EmbeddedPostgres, world: World, table: str) -> None:
    query = "select count(*) from pg_locks where not granted and relation = %s::regclass"
    deadline = time.monotonic() + 60
    with admin(postgres, world) as connection:
        connection.autocommit = True
        while connection.execute(query, [table]).fetchone() == (0,):
            assert time.monotonic() < deadline, f"the rotation never came to {table}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def rotated(postgres: EmbeddedPostgres, prepared: World) -> World:
    """The warehouse after the rotation; nothing that people see may have changed, before and after the next build."""
    facts, units, numbers = prepared.facts(prepared.settings), remembered(postgres, prepared), shown(postgres, prepared)
    both = {"HUIMIN_PII_KEY": NEW, "HUIMIN_PII_KEY_OLD": KEY}
    # Killed again, between the ledger and the tables of dbt: the key is in force, and the rest is done by the next attempt.
    kill_rotation_at(postgres, prepared, "evidence.superseded_evidence")
    assert prepared.facts(prepared.settings) == facts
    said = prepared.huimin("rotate-key", "--why", "policy", "--by", "王科长", **both)
    assert said.returncode == 0 and "0 different hashes in 0 rows and" in said.stderr, said.stderr
    assert prepared.facts(prepared.settings) == facts
    assert prepared.done("build", **both)
    assert prepared.facts(prepared.settings) == facts
    assert (remembered(postgres, prepared), shown(postgres, prepared)) == (units, numbers)
    return prepared


def test_the_other_hashes_are_those_of_the_chain(postgres: EmbeddedPostgres, rotated: World) -> None:
    first = {hash_under(KEY, person) for person in PERSONS}
    found = raw_hashes(postgres, rotated)
    assert not found & first and len(found) == distinct(("2025-05", "2025-06"))
    assert "is in force already" in rotated.huimin("rotate-key", HUIMIN_PII_KEY=NEW, HUIMIN_PII_KEY_OLD=KEY).stderr


def test_whoever_has_the_first_key_alone_recognizes_nobody(postgres: EmbeddedPostgres, rotated: World) -> None:
    text = dump(postgres, rotated)
    for person in PERSONS:
        old = hash_under(KEY, person)
        assert person not in text and old not in text
        for derived in (old, f"ZY-SV-01|{old}"):
            assert hashlib.md5(derived.encode(), usedforsecurity=False).hexdigest() not in text
    for key in (KEY, NEW):
        assert key not in text and key.encode().hex() not in text


def test_documents_after_the_rotation_join_those_before(postgres: EmbeddedPostgres, rotated: World) -> None:
    write_month(rotated.deployment, "2025-07", SHIFTS["2025-07"])
    refused = rotated.huimin("load", "service_shift")
    assert refused.returncode == 1 and key_fingerprint(NEW.encode()) in refused.stderr, "a process with the old key alone"
    rotated.done("load", "service_shift", HUIMIN_PII_KEY=NEW, HUIMIN_PII_KEY_OLD=KEY)
    rotated.done("build", HUIMIN_PII_KEY=NEW)
    assert_counts_are_right(rotated, ("2025-05", "2025-06", "2025-07"))
    assert len(raw_hashes(postgres, rotated)) == distinct(("2025-05", "2025-06", "2025-07"))


def test_the_same_rows_in_another_document_are_known_again(rotated: World) -> None:
    shifts = SHIFTS["2025-06"]
    path = write_month(rotated.deployment, "2025-06", shifts, "志愿服务记录（重报）")
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], *reversed(lines[1:-1]), b""]))
    rotated.done("load", "service_shift", HUIMIN_PII_KEY=NEW)
    with psycopg.connect(rotated.settings.warehouse_url) as connection:
        query = "select state from ops.submission where source_uri like '%%重报%%' or source_uri like '%%E9%%87%%8D%%'"
        states = [row[0] for row in connection.execute(query)]
    path.unlink()
    assert states == ["duplicate"]


def test_the_old_key_serves_until_its_last_day(rotated: World) -> None:
    both = {"HUIMIN_PII_KEY": NEW, "HUIMIN_PII_KEY_OLD": KEY}
    rotated.done("rotate-key", "--old-until", "2020-01-31", **both)
    refused = rotated.huimin("load", "service_shift", "--again", "--period", "2025-07", **both)
    assert refused.returncode == 1 and "2020-01-31" in refused.stderr and "HUIMIN_PII_KEY_OLD" in refused.stderr
    rotated.done("load", "service_shift", HUIMIN_PII_KEY=NEW)
    rotated.done("rotate-key", "--old-until", "2999-12-31", **both)
    rotated.done("load", "service_shift", **both)


@pytest.fixture
def empty(tmp_path: Path, rotated: World) -> Iterator[Settings]:
    with EmbeddedPostgres(tmp_path / "server") as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        yield dataclasses.replace(rotated.settings, home=tmp_path / "home", warehouse_url=url, transformer_url=url)
    server.remove()


def test_a_backup_of_before_is_restored_with_its_key_and_rotated(
    postgres: EmbeddedPostgres, rotated: World, place: Path, empty: Settings
) -> None:
    both = {"HUIMIN_PII_KEY": NEW, "HUIMIN_PII_KEY_OLD": KEY}
    refused = rotated.huimin("restore", str(place), settings=empty, key=NEW)
    assert refused.returncode == 1 and "HUIMIN_PII_KEY_OLD" in refused.stderr
    rotated.done("restore", str(place), settings=empty, **both)
    rotated.done("rotate-key", settings=empty, **both)
    with psycopg.connect(empty.warehouse_url) as connection:
        found = {row[0] for row in connection.execute("select volunteer_code_key from raw.service_shift")}
    assert found < raw_hashes(postgres, rotated), "the same key gives the same hashes"
    rotated.done("load", settings=empty, HUIMIN_PII_KEY=NEW)
    rotated.done("build", settings=empty, HUIMIN_PII_KEY=NEW)
    assert_counts_are_right(dataclasses.replace(rotated, settings=empty), ("2025-05", "2025-06", "2025-07"))


def test_a_second_rotation_and_a_whole_build_count_the_same(postgres: EmbeddedPostgres, rotated: World, place: Path) -> None:
    before = raw_hashes(postgres, rotated)
    rotated.done("rotate-key", HUIMIN_PII_KEY=NEWEST, HUIMIN_PII_KEY_OLD=NEW)
    write_month(rotated.deployment, "2025-08", SHIFTS["2025-08"])
    rotated.done("load", "service_shift", HUIMIN_PII_KEY=NEWEST)
    rotated.done("build", HUIMIN_PII_KEY=NEWEST)
    months = ("2025-05", "2025-06", "2025-07", "2025-08")
    assert_counts_are_right(rotated, months)
    assert not before & raw_hashes(postgres, rotated)
    fingerprint = rotated.done("fingerprint")
    rotated.done("build", "--full", HUIMIN_PII_KEY=NEWEST)
    assert rotated.done("fingerprint") == fingerprint
    assert_counts_are_right(rotated, months)
    assert verify_all(rotated.settings) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    # Used before: whoever had it once could recognize people again.
    refused = rotated.huimin("rotate-key", HUIMIN_PII_KEY=KEY, HUIMIN_PII_KEY_OLD=NEWEST)
    assert refused.returncode == 1 and "in force before" in refused.stderr
    # A backup says which key it needs, and none is taken with another.
    refused = rotated.huimin("backup", str(place), HUIMIN_PII_KEY=NEW)
    assert refused.returncode == 1 and key_fingerprint(NEWEST.encode()) in refused.stderr
    assert key_fingerprint(NEWEST.encode()) in rotated.done("backup", str(place), HUIMIN_PII_KEY=NEWEST)
