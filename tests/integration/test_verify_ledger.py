"""Whoever changes the ledger behind the program's back is named, by the landing's records, by the rows and by the releases."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from loaders.landing import landed_path
from loaders.settings import Settings
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import huimin, load, put, visits

pytestmark = pytest.mark.integration
OK = "the ledger agrees with the landing, the rows and the releases\n"
_copies = itertools.count(1)


@pytest.fixture(scope="module")
def origin(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Settings]:
    """A rejected row, a correction, a duplicate, and a held document that a person accepted; loaded once for all tests."""
    name, home = fresh_database(postgres), tmp_path_factory.mktemp("verify")
    connections = {"social_work_sftp": f"file://{home / 'drop'}"}
    settings = Settings(home=home / "home", warehouse_url=postgres.url(name), pii_key=b"k" * 48, connections=connections)
    put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(5)))
    bad = visits([105], day="2023-13-45").split(b"\r\n", 1)[1]
    put(settings, "home_visit/2023-05/441303_记录.csv", visits(range(100, 105)) + bad)
    put(settings, "home_visit/2023-06/441322_记录.csv", visits(range(1000, 1200), day="2023-06-01"))
    load("home_visit", settings)
    put(settings, "home_visit/2023-05/441302_记录.csv", visits(range(6)), hours_ago=24)
    put(settings, "home_visit/2023-05/copy/441302_记录.csv", visits(range(6)), hours_ago=12)
    put(settings, "home_visit/2023-06/441322_记录.csv", visits(range(1000, 1020), day="2023-06-01"), hours_ago=24)
    load("home_visit", settings)
    held = json.loads(huimin(settings, "held", "--json").output)
    done = huimin(settings, "accept", str(held[0]["submission_id"]), "--why", "确已减少", "--by", "王科长")
    assert done.exit_code == 0, done.output
    return name, settings


@pytest.fixture
def loaded(origin: tuple[str, Settings], postgres: EmbeddedPostgres) -> Settings:
    """A copy of that warehouse, beside the same landing."""
    name, settings = origin
    copy = f"verify_{next(_copies)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        statement = "create database {} template {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(copy), sql.Identifier(name)))
    return replace(settings, warehouse_url=postgres.url(copy))


def tamper(settings: Settings, statement: str) -> None:
    """As somebody who may switch the triggers of the ledger off."""
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute("alter table ops.decision disable trigger user")
        connection.execute("alter table ops.submission disable trigger user")
        assert connection.execute(statement).rowcount >= 1, "nothing was changed"


def state_of(settings: Settings, number: int) -> tuple[object, ...]:
    with psycopg.connect(settings.warehouse_url) as connection:
        row = connection.execute("select state, sha256 from ops.submission where submission_id = %s", [number]).fetchone()
    assert row is not None
    return row


def named(settings: Settings) -> list[dict[str, str]]:
    done = huimin(settings, "verify", "ledger", "--json")
    rows: list[dict[str, str]] = json.loads(done.stdout)
    assert done.exit_code == int(bool(rows))
    return rows


def test_a_ledger_that_only_loads_wrote_agrees(loaded: Settings) -> None:
    with psycopg.connect(loaded.warehouse_url) as connection:
        states = {row[0] for row in connection.execute("select state from ops.submission")}
    assert states >= {"accepted", "accepted_with_rejects", "superseded", "rejected"}
    done = huimin(loaded, "verify", "ledger")
    assert (done.exit_code, done.output) == (0, OK)
    assert huimin(loaded, "verify").output == "landing, ledger, releases and audit log are as they were written\n"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update ops.submission set sha256 = repeat('a', 64) where submission_id = 1", "sha256 is not that of"),
        ("update ops.submission set byte_size = 1 where submission_id = 1", "byte_size is not that of"),
        ("update ops.submission set unit_code = '441399' where submission_id = 1", "unit_code is not that of"),
        ("update ops.submission set period = '2023-01' where submission_id = 1", "period is not that of"),
        ("update ops.submission set effective_at = now() where submission_id = 1", "effective_at is not that of"),
        ("update ops.submission set source_uri = 'elsewhere' where submission_id = 1", "the landing has no record of it"),
        ("update ops.submission set arrived_at = now() where submission_id = 1", "the landing has no record of it"),
        (
            "update ops.submission set rows_loaded = 1, rows_total = 1 + rows_furniture"
            " where submission_id = (select max(_submission_id) from raw.home_visit)",
            "its counts in ops.submission are not those of its rows",
        ),
        ("update ops.submission set state = 'withdrawn' where state = 'accepted'", "rows of it are current"),
        ("delete from raw.home_visit where _superseded_at is null and _row = 3", "its counts in ops.submission are not those"),
        (
            "insert into ops.submission (report, unit_code, period, revision, source_uri, source_modified_at, sha256, byte_size,"
            " arrived_at, effective_at) select report, unit_code, period, 9, 'forged', now(), sha256, byte_size, now(), now()"
            " from ops.submission where submission_id = 1",
            "the landing has no record of it: it was added",
        ),
    ],
)
def test_a_row_that_was_changed_or_added_is_named(loaded: Settings, statement: str, what: str) -> None:
    tamper(loaded, statement)
    rows = named(loaded)
    assert any(what in row["what"] for row in rows), rows
    assert all(row["place"] and row["expected"] and row["found"] and row["next_step"] for row in rows)


def test_a_submission_that_was_deleted_is_named(loaded: Settings) -> None:
    uri = "social_work_sftp:/home_visit/2023-05/441303_记录.csv"
    with psycopg.connect(loaded.warehouse_url) as connection:
        (number,) = connection.execute("select submission_id from ops.submission where source_uri = %s", [uri]).fetchall()[0]
        connection.execute("set session_replication_role = replica")
        for table in ("ops.issue", "quarantine.row", "ops.submission"):
            connection.execute(f"delete from {table} where submission_id = %s", [number])
    rows = named(loaded)
    assert [row["expected"] for row in rows if "a document that arrived is not there" in row["what"]] == [uri]
    assert any("rows in raw name it, and it is not there" in row["what"] for row in rows)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update ops.decision set reason = '另有原因'", "reason is not that of the landing's record"),
        ("update ops.decision set decided_by = '李'", "decided_by is not that of the landing's record"),
        ("update ops.decision set submission_id = 1", "it names a submission of another document"),
        ("update ops.decision set decided_at = now()", "the landing has no record of it"),
        ("delete from ops.decision", "a decision is not there: its row was deleted"),
    ],
)
def test_a_decision_that_was_changed_or_deleted_is_named(loaded: Settings, statement: str, what: str) -> None:
    tamper(loaded, statement)
    assert any(what in row["what"] for row in named(loaded))


def test_one_command_names_a_file_a_row_and_a_release(loaded: Settings) -> None:
    path = landed_path(loaded.landing, str(state_of(loaded, 1)[1]))
    content = path.read_bytes()
    tamper(loaded, "update ops.submission set byte_size = 1 where submission_id = 2")
    with psycopg.connect(loaded.warehouse_url) as connection:
        connection.execute("insert into release.draft (period_code, values_digest, summary) values ('2023-05', '', '{}')")
        header = "(1, 1, '2023-05', now(), '王', '', '', '', '', '', '', '', 'forged')"
        connection.execute(f"insert into release.release values {header}")
        backing = "(1, 1, 'home_visit', '441302', '2023-05', 'gone', repeat('b', 64))"
        connection.execute(f"insert into release.submission values {backing}")
    rewrite(path, content[:-3] + b"9\r\n")
    try:
        done, listed = huimin(loaded, "verify"), huimin(loaded, "verify", "--json")
    finally:
        rewrite(path, content)
    assert (done.exit_code, listed.exit_code) == (1, 1)
    lines = done.output.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"landing", "ledger", "releases"}
    assert any("a document behind release 1 is not there as it was" in line for line in lines)
    assert {row["part"] for row in json.loads(listed.stdout)} == {"landing", "ledger", "releases"}


def rewrite(path: Path, content: bytes) -> None:
    path.chmod(0o640)
    path.write_bytes(content)
    path.chmod(0o440)
