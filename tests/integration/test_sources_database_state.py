"""A pull of a view is of one state of it, and a full comparison finds what its update times hide."""

import io
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.model import KnownVersion, Pull
from loaders.sources import retry
from loaders.sources.database.view_source import DatabaseSource
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

PLACE = "front:report.v_fund"
ROWS = """
    insert into report.fund values
    (1, '2023-05', 100, '2023-06-03 10:00+08'), (2, '2023-05', 200, '2023-06-03 11:00+08'),
    (3, '2023-06', 300, '2023-07-03 10:00+08'), (4, '2023-06', 400, '2023-07-03 11:00+08')
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    running.start()
    yield running
    running.remove()


@pytest.fixture
def owner(server: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("drop schema if exists report cascade")
        connection.execute("create schema report")
        connection.execute("create table report.fund (seq int, period_month text, raised numeric, update_time timestamptz)")
        connection.execute(ROWS)
        connection.execute("create view report.v_fund as select * from report.fund")
        yield connection


@pytest.fixture
def source(server: EmbeddedPostgres, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseSource]:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.02)
    facts = {"kind": "database", "connection": "front", "relation": "report.v_fund", "updated_column": "update_time"}
    contract = report(facts | {"period_column": "period_month", "order_by": ["seq"]})
    made = DatabaseSource(contract, contract.source, server.url(), 5.0)
    yield made
    made.close()


def pull(source: DatabaseSource, *before: Pull, is_full: bool = False) -> Pull:
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for pulled in before
        for remote_document in pulled.remote_documents
    ]
    return source.pull(None, seen, None, is_full=is_full)


def rows(source: DatabaseSource, found: Pull) -> dict[str, list[int]]:
    """The numbers of the rows of each document."""
    result = {}
    for remote_document in found.remote_documents:
        target = io.BytesIO()
        source.fetch(remote_document, target)
        result[remote_document.uri.rpartition("/")[2]] = [json.loads(line)["seq"] for line in target.getvalue().splitlines()]
        assert len(result[remote_document.uri.rpartition("/")[2]]) == remote_document.size, "the rows are those that were counted"
    return result


@pytest.mark.parametrize(("seq", "period"), [(4, "2023-05"), (2, "2023-06")], ids=["to the earlier month", "to the later month"])
def test_a_row_that_moves_between_two_fetches_comes_once(
    source: DatabaseSource, owner: psycopg.Connection[Any], seq: int, period: str
) -> None:
    found = pull(source)
    first, second = (Pull(None, (remote_document,)) for remote_document in found.remote_documents)
    taken = rows(source, first if period == "2023-06" else second)
    owner.execute("update report.fund set period_month = %s where seq = %s", (period, seq))
    taken |= rows(source, second if period == "2023-06" else first)
    assert taken == {"2023-05": [1, 2], "2023-06": [3, 4]}
    assert set(rows(source, pull(source, found))) == {"2023-05", "2023-06"}, "the move itself is found by the next pull"


def test_rows_that_move_while_the_view_is_read_come_once(source: DatabaseSource, owner: psycopg.Connection[Any]) -> None:
    """The view is slow, and rows go to and fro all the time."""
    owner.execute("create or replace view report.v_fund as select f.* from report.fund f, pg_sleep(0.05)")
    stop = threading.Event()

    def move() -> None:
        with psycopg.connect(owner.info.dsn, autocommit=True, password=owner.info.password) as other:
            while not stop.wait(0.01):
                other.execute("update report.fund set period_month = case seq % 2 when 0 then '2023-05' else '2023-06' end")
                other.execute("update report.fund set period_month = case when seq < 3 then '2023-05' else '2023-06' end")

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(5):
            assert sorted(seq for found in rows(source, pull(source)).values() for seq in found) == [1, 2, 3, 4]
    finally:
        stop.set()
        mover.join()


def test_the_other_system_is_not_kept_waiting_after_the_pull(source: DatabaseSource, owner: psycopg.Connection[Any]) -> None:
    found = pull(source)
    began = time.monotonic()
    owner.execute("set lock_timeout = '5s'")
    owner.execute("alter table report.fund add column remark text")
    assert time.monotonic() - began < 2
    assert rows(source, found) == {"2023-05": [1, 2], "2023-06": [3, 4]}


@pytest.mark.parametrize(
    "change",
    [
        "update report.fund set raised = 5 where seq = 1",
        "update report.fund set raised = 5, update_time = '2023-06-03 10:30+08' where seq = 1",
        "update report.fund set raised = 5, update_time = '2023-06-03 11:00+08' where seq = 1",
        "delete from report.fund where seq = 1; insert into report.fund values (9, '2023-05', 5, '2023-06-03 09:00+08')",
    ],
    ids=["update time unchanged", "committed late", "same time as the newest", "one for another"],
)
def test_a_full_comparison_finds_what_hides(source: DatabaseSource, owner: psycopg.Connection[Any], change: str) -> None:
    first = pull(source)
    owner.execute(change)
    assert pull(source, first).remote_documents == (), "neither the number of rows nor the newest update time changed"
    found = pull(source, first, is_full=True)
    target = io.BytesIO()
    source.fetch(found.remote_documents[0], target)
    assert any(json.loads(line)["raised"] == "5" for line in target.getvalue().splitlines())


def test_a_period_whose_newest_row_is_gone_does_not_go_back_in_time(
    source: DatabaseSource, owner: psycopg.Connection[Any]
) -> None:
    first = pull(source)
    owner.execute("delete from report.fund where seq = 2")
    again = pull(source, first)
    (remote_document,) = again.remote_documents
    assert (remote_document.size, remote_document.modified_at) == (1, first.remote_documents[0].modified_at)
    assert pull(source, first, again).remote_documents == ()


def test_the_periods_that_are_there_are_reported(source: DatabaseSource, owner: psycopg.Connection[Any]) -> None:
    first = pull(source)
    assert first.present == {f"{PLACE}/2023-05", f"{PLACE}/2023-06"}
    owner.execute("update report.fund set period_month = '2023-07' where period_month = '2023-06'")
    again = pull(source, first)
    assert again.present == {f"{PLACE}/2023-05", f"{PLACE}/2023-07"}
    assert [remote_document.uri for remote_document in again.remote_documents] == [f"{PLACE}/2023-07"]
