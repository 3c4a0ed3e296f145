"""A view on someone else's MariaDB: the tests of every make, its own types, a server that dies, and the way to the ledger."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.settings import Settings
from loaders.sources import DocumentError, SourceError, retry
from tests.integration.conftest import fresh_database, migrated_template
from tests.support.databases.mariadb import MariaDb
from tests.support.databases.other_system import PASSWORD, READER, SCHEMA
from tests.support.databases.source_suite import (
    DatabaseSourceSuite,
    create_fund,
    create_view,
    lines,
    numbers,
    rows,
    source_at,
)
from tests.support.debian_packages import MARIADB, require_packages
from tests.support.documents.contracts import VISIT
from tests.support.servers.error_text import full_error_text

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    require_packages(MARIADB)
    running = MariaDb(tmp_path_factory.mktemp("mariadb"))
    try:
        running.start()
        yield running
    finally:
        running.remove()


@pytest.fixture
def system(server: MariaDb) -> MariaDb:
    server.reset()
    return server


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.02)


class TestMariaDb(DatabaseSourceSuite):
    pass


TYPES = {
    "ID": ("bigint unsigned", "18446744073709551615", 18446744073709551615),
    "EXACT": ("decimal(40,10)", "123456789012345678901234567890.0123456789", "123456789012345678901234567890.0123456789"),
    "REAL": ("double", "0.1", "0.1"),
    "ZERO_DAY": ("date", "'0000-00-00'", "0000-00-00"),
    "ZERO_MONTH": ("date", "'2023-00-00'", "2023-00-00"),
    "ZERO_TIME": ("datetime", "'0000-00-00 00:00:00'", "0000-00-00T00:00:00"),
    "DAY": ("date", "'2023-05-31'", "2023-05-31"),
    "TIME_6": ("datetime(6)", "'2023-05-31 10:00:00.123456'", "2023-05-31T10:00:00.123456"),
    # The server keeps it in UTC, and shows it in the session's time zone.
    "STAMP": ("timestamp null", "'2023-05-31 02:00:00'", "2023-05-31T10:00:00"),
    "SPAN": ("time", "'-838:59:59'", "-838:59:59"),
    "YEAR": ("year", "2023", 2023),
    "YES": ("bit(1)", "b'1'", 1),
    "FLAGS": ("bit(12)", "b'100000000001'", 2049),
    "IS_OPEN": ("tinyint(1)", "0", 0),
    "KIND": ("enum('甲','乙')", "'乙'", "乙"),
    "CODE": ("char(10)", "'A1 '", "A1"),
    "LONG": ("longtext", "repeat('长', 70000)", "长" * 70_000),
    "JSON": ("json", """'{"a": 1.50}'""", '{"a": 1.50}'),
    "EMPTY": ("varchar(10)", "''", ""),
    "NOTHING": ("varchar(10)", "null", None),
}


def create_types(system: MariaDb) -> None:
    table = system.quoted("TYPES")
    described = ", ".join(f"`{name}` {kind}" for name, (kind, _, _) in TYPES.items())
    values = ", ".join(value for _, value, _ in TYPES.values())
    with system.owner.begin() as connection:
        connection.exec_driver_sql(f"create table {table} ({described}) charset=utf8mb4")
        connection.exec_driver_sql(f"insert into {table} values ({values})")


def test_every_type_comes_without_loss(system: MariaDb) -> None:
    create_types(system)
    source = source_at(system.url(), relation=f"{SCHEMA}.TYPES", period_column=None, updated_column=None)
    (row,) = rows(source, source.pull(None, (), None).remote_documents[0])
    assert row == {name: shown for name, (_, _, shown) in TYPES.items()}


@pytest.mark.parametrize("column", ["ZERO_DAY", "ZERO_TIME"])
def test_zero_dates_in_the_update_column_are_the_beginning_of_time(system: MariaDb, column: str) -> None:
    create_types(system)
    source = source_at(system.url(), relation=f"{SCHEMA}.TYPES", period_column=None, updated_column=column)
    assert source.pull(None, (), None).remote_documents[0].modified_at == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("column", ["ZERO_DAY", "ZERO_MONTH"])
def test_a_zero_date_in_the_period_column_names_no_period(system: MariaDb, column: str) -> None:
    create_types(system)
    source = source_at(system.url(), relation=f"{SCHEMA}.TYPES", period_column=column, updated_column=None)
    found = source.pull(None, (), None)
    assert found.remote_documents == () and found.unmatched == (f"front:{SCHEMA}.TYPES/{TYPES[column][2]}",)


@pytest.mark.parametrize("kind", ["blob", "longblob", "binary(3)", "varbinary(3)", "point"])
def test_binary_types_are_named(system: MariaDb, kind: str) -> None:
    system.run(f"create table {system.quoted('B')} (ID int, 照片 {kind})")
    source = source_at(system.url(), relation=f"{SCHEMA}.B", period_column=None, updated_column=None)
    with pytest.raises(SourceError, match='column "照片" is binary'):
        source.pull(None, (), None)


def test_an_update_column_of_texts_and_one_that_is_none(system: MariaDb) -> None:
    table = system.quoted("T")
    system.run(
        f"create table {table} (ID int, T varchar(20), N bigint)", f"insert into {table} values (1, '待定', 20230603100000)"
    )
    facts: dict[str, Any] = {"relation": f"{SCHEMA}.T", "period_column": None}
    found = source_at(system.url(), **facts, updated_column="N").pull(None, (), None)
    assert found.remote_documents[0].modified_at == dt.datetime(2023, 6, 3, 2, 0, tzinfo=dt.UTC)
    with pytest.raises(SourceError, match=r'source\.updated_column: expected dates or times in "T", found "待定"'):
        source_at(system.url(), **facts, updated_column="T").pull(None, (), None)


def test_nothing_can_be_written_even_by_a_view_that_tries(system: MariaDb) -> None:
    create_fund(system)
    with system.owner.begin() as connection:
        connection.exec_driver_sql(
            f"create function `{SCHEMA}`.grab() returns int modifies sql data sql security definer"
            f" begin delete from {system.quoted('FUND')}; return 1; end"
        )
    create_view(system, rest=f"where `{SCHEMA}`.grab() = 1")
    with pytest.raises(SourceError, match="READ ONLY transaction"):
        source_at(system.url()).pull(None, (), None)
    create_view(system)
    assert numbers_of_all(system) == [1, 2, 3]


def numbers_of_all(system: MariaDb) -> list[int]:
    source = source_at(system.url(), period_column=None)
    return numbers(source, source.pull(None, (), None).remote_documents[0])


def test_all_documents_are_of_one_snapshot(system: MariaDb) -> None:
    """Rows go to and fro between two periods while both are read."""
    create_fund(system)
    create_view(system, rest="where sleep(0.02) is not null")
    stop = threading.Event()

    def move() -> None:
        with system.owner.connect() as connection:
            while not stop.wait(0.005):
                for period in ("2023-06", "2023-05"):
                    connection.exec_driver_sql(f"update {system.quoted('FUND')} set `报告期` = '{period}' where ID in (2, 3)")
                    connection.commit()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(5):
            source = source_at(system.url())
            found = source.pull(None, (), None).remote_documents
            assert sorted(number for one in found for number in numbers(source, one)) == [1, 2, 3]
    finally:
        stop.set()
        mover.join()


def test_a_server_that_is_killed_in_the_middle_and_comes_back(system: MariaDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 1.0)
    create_fund(system)
    create_view(system, rest="where sleep(0.3) is not null")

    def restart() -> None:
        time.sleep(0.5)
        system.kill()
        system.start()

    restarter = threading.Thread(target=restart)
    restarter.start()
    try:
        source = source_at(system.url())
        found = source.pull(None, (), None)
    finally:
        restarter.join()
    assert [numbers(source, one) for one in found.remote_documents] == [[1, 2], [3]]


def test_a_server_that_stays_away_is_given_up(system: MariaDb, monkeypatch: pytest.MonkeyPatch) -> None:
    create_fund(system)
    url = system.url()
    system.kill()
    try:
        with pytest.raises(SourceError, match="check that the server runs; the next run tries again") as error:
            source_at(url).pull(None, (), None)
        assert PASSWORD not in full_error_text(error.value)
    finally:
        system.start()


def test_a_row_that_fails_stops_only_its_document(system: MariaDb) -> None:
    create_fund(system)
    inner = f"(select a.ID from {system.quoted('FUND')} a where f.ID = 1)"
    create_view(system, f"f.ID, f.`报告期`, f.UPDATED_AT, {inner} as X")
    source = source_at(system.url())
    found = source.pull(None, (), None)
    with pytest.raises(DocumentError, match="more than 1 row"):
        lines(source, found.remote_documents[0])
    assert numbers(source, found.remote_documents[1]) == [3]


class TestLedger:
    """A contract in YAML, and nothing else, brings rows of MariaDB into the warehouse."""

    CONTRACT = VISIT | {
        "name": "fund_month",
        "units": ["4413"],
        "source": {
            "kind": "database",
            "connection": "old_system",
            "relation": f"{SCHEMA}.V_基金月报",
            "updated_column": "UPDATED_AT",
            "period_column": "报告期",
            "order_by": ["ID"],
        },
        "format": {"kind": "records"},
        "columns": [
            {"name": "fund_code", "header": "编号", "field": "ID", "type": "integer", "required": True, "key": True},
            {"name": "amount_yuan", "header": "金额", "field": "AMOUNT", "type": "decimal", "shape": [20, 2], "unit": "元"},
            {"name": "remark", "header": "备注", "field": "备注 %"},
        ],
        "ignored_headers": ["报告期", "UPDATED_AT"],
        "reject_limit_pct": 100,
    }

    @pytest.fixture(scope="class")
    def postgres(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
        running = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
        running.start()
        migrated_template(running)
        yield running
        running.remove()

    @pytest.fixture
    def settings(self, system: MariaDb, postgres: EmbeddedPostgres, tmp_path: Path) -> Settings:
        create_fund(system)
        system.run(f"update {system.quoted('FUND')} set AMOUNT = 1234567890123.45 where ID = 2")
        return Settings(
            home=tmp_path / "home",
            warehouse_url=postgres.url(fresh_database(postgres)),
            pii_key=b"k" * 48,
            connections={"old_system": system.url()},
            expectations=tmp_path / "expectations",
        )

    def load(self, settings: Settings, **changes: Any) -> None:
        path = settings.expectations / "social_work" / "fund_month.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(self.CONTRACT | changes, allow_unicode=True), encoding="utf-8")
        for batch in pipeline.extract("fund_month", settings):
            pipeline.load_batch("fund_month", batch, settings)

    def current(self, settings: Settings) -> list[tuple[Any, ...]]:
        query = "select fund_code, amount_yuan::text, remark from raw.fund_month where _superseded_at is null order by 1"
        with psycopg.connect(settings.warehouse_url) as connection:
            assert connection.execute("select report from ops.account where difference is distinct from 0").fetchall() == []
            return connection.execute(query).fetchall()

    def test_periods(self, system: MariaDb, settings: Settings) -> None:
        self.load(settings)
        assert self.current(settings)[:2] == [(1, "100.10", "first: 10:30"), (2, "1234567890123.45", None)]
        system.run(
            f"update {system.quoted('FUND')} set AMOUNT = 7, UPDATED_AT = '2023-09-01' where ID = 1",
            f"delete from {system.quoted('FUND')} where ID = 2",
        )
        self.load(settings)
        assert [(code, amount) for code, amount, _ in self.current(settings)] == [(1, "7.00"), (3, "-0.01")]

    def test_rows_since_the_watermark(self, system: MariaDb, settings: Settings) -> None:
        source = {name: value for name, value in self.CONTRACT["source"].items() if name != "period_column"}
        changes = {"source": source | {"window_days": 3}, "replaces": "key", "period_kind": None, "cadence": "ad_hoc"}
        self.load(settings, **changes)
        assert [code for code, _, _ in self.current(settings)] == [1, 2, 3]
        system.run(f"update {system.quoted('FUND')} set AMOUNT = 7, UPDATED_AT = '2023-07-04' where ID = 2")
        self.load(settings, **changes)
        self.load(settings, **changes)
        assert [(code, amount) for code, amount, _ in self.current(settings)] == [(1, "100.10"), (2, "7.00"), (3, "-0.01")]

    def test_the_watermark_waits_for_rows_that_could_not_be_had(self, system: MariaDb, settings: Settings) -> None:
        source = {name: value for name, value in self.CONTRACT["source"].items() if name != "period_column"}
        changes = {"source": source | {"window_days": 3}, "replaces": "key", "period_kind": None, "cadence": "ad_hoc"}
        self.load(settings, **changes)
        system.run(
            f"update {system.quoted('FUND')} set UPDATED_AT = '2023-07-20' where ID = 1",
            f"update {system.quoted('FUND')} set AMOUNT = 7, UPDATED_AT = '2023-08-20' where ID = 2",
        )
        failing = f"(select a.ID from {system.quoted('FUND')} a where f.ID = 2)"
        create_view(system, f"f.ID, f.`报告期`, f.UPDATED_AT, {failing} as AMOUNT, f.`备注 %`")
        self.load(settings, **changes)
        create_view(system)
        system.run(f"update {system.quoted('FUND')} set AMOUNT = 8 where ID = 1")
        self.load(settings, **changes)
        assert [(code, amount) for code, amount, _ in self.current(settings)] == [(1, "8.00"), (2, "7.00"), (3, "-0.01")]

    def test_a_zero_date_rejects_its_row(self, system: MariaDb, settings: Settings) -> None:
        create_view(system, "f.*, case f.ID when 1 then cast('0000-00-00' as date) else cast('2023-05-01' as date) end as `日期`")
        column = {"name": "start_date", "header": "日期", "field": "日期", "type": "date"}
        self.load(settings, columns=[*self.CONTRACT["columns"], column])
        assert [code for code, _, _ in self.current(settings)] == [2, 3]
        with psycopg.connect(settings.warehouse_url) as connection:
            found = connection.execute("select message_en from ops.issue where column_name = 'start_date'").fetchall()
        assert len(found) == 1 and "0000-00-00" in found[0][0]

    def test_a_wrong_password_reaches_no_ledger(self, system: MariaDb, settings: Settings) -> None:
        wrong = dataclasses.replace(settings, connections={"old_system": system.url(READER, "hush-hush")})
        with pytest.raises(SourceError, match="Access denied") as error:
            self.load(wrong)
        assert "hush" not in full_error_text(error.value)
