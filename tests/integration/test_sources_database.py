"""A view on someone else's PostgreSQL: what changed is found, values come as they are, trouble ends as one clear error."""

import datetime as dt
import io
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.sources import DocumentError, SourceError, StillChanging, retry
from loaders.sources.database.view_source import DatabaseSource
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

READER, PASSWORD = "reader", "s3cret/with@signs"
PLACE = "front:report.v_fund"
ROWS = """
    insert into report.fund values
    (1, '2023-05', 'F1', 100.10, '2023-05-31', '2023-06-03 10:00+08', 'first'),
    (2, '2023-05', 'F2', 12345678901234567890.12, null, '2023-06-03 10:00:01.5+08', null),
    (3, '2023-06', 'F1', 0, '2023-06-30', '2023-07-03 10:00+08', '换行' || chr(10) || chr(8232) || '"')
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    running.start()
    yield running
    running.remove()


@pytest.fixture
def admin(server: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    """The owner of the other system, with a fresh view of three rows."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("drop schema if exists report cascade; drop role if exists reader")
        connection.execute(f"create role {READER} login password '{PASSWORD}'")
        connection.execute("create schema report")
        connection.execute(
            "create table report.fund (seq int, period_month text, fund_no text, raised numeric, counted_on date,"
            " update_time timestamptz, remark text)"
        )
        connection.execute(ROWS)
        connection.execute("create view report.v_fund as select * from report.fund")
        connection.execute(f"grant usage on schema report to {READER}; grant select on report.v_fund to {READER}")
        yield connection


@pytest.fixture
def source(server: EmbeddedPostgres, admin: psycopg.Connection[Any]) -> Iterator[DatabaseSource]:
    made = source_at(server.url(user=READER, password=PASSWORD))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.02)


def source_at(url: str, timeout: float = 5.0, **changes: Any) -> DatabaseSource:
    facts = {
        "kind": "database",
        "connection": "front",
        "relation": "report.v_fund",
        "updated_column": "update_time",
        "period_column": "period_month",
        "order_by": ["fund_no"],
    }
    contract = report(facts | changes)
    return DatabaseSource(contract, contract.source, url, timeout)


def pull(source: DatabaseSource, seen: frozenset[KnownVersion] = frozenset(), only: Selection | None = None) -> Pull:
    return source.pull("2023-07-03", seen, only)


def known(pulled: Pull) -> frozenset[KnownVersion]:
    return frozenset(
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in pulled.remote_documents
    )


def lines(source: DatabaseSource, remote_document: RemoteDocument) -> bytes:
    target = io.BytesIO()
    source.fetch(remote_document, target)
    return target.getvalue()


def rows(source: DatabaseSource, remote_document: RemoteDocument) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(source, remote_document).split(b"\n")[:-1]]


def names(pulled: Pull) -> list[str]:
    return [remote_document.uri for remote_document in pulled.remote_documents]


def test_each_period_is_one_document(source: DatabaseSource) -> None:
    found = pull(source)
    assert names(found) == [f"{PLACE}/2023-05", f"{PLACE}/2023-06"]
    first = found.remote_documents[0]
    assert (first.size, str(first.period), first.unit) == (2, "2023-05", "4413")
    assert first.modified_at == dt.datetime(2023, 6, 3, 2, 0, 1, 500_000, tzinfo=dt.UTC)
    assert found.cursor_to == "2023-07-03T02:00:00+00:00"


def test_values_come_exactly_as_the_server_has_them(source: DatabaseSource) -> None:
    first, second = pull(source).remote_documents
    assert rows(source, first) == [
        {
            "seq": 1,
            "period_month": "2023-05",
            "fund_no": "F1",
            "raised": "100.10",
            "counted_on": "2023-05-31",
            "update_time": "2023-06-03T10:00:00+08:00",
            "remark": "first",
        },
        {
            "seq": 2,
            "period_month": "2023-05",
            "fund_no": "F2",
            "raised": "12345678901234567890.12",
            "counted_on": None,
            "update_time": "2023-06-03T10:00:01.5+08:00",
            "remark": None,
        },
    ]
    assert rows(source, second)[0]["remark"] == '换行\n\u2028"'


def test_what_the_ledger_knows_is_not_offered_again(source: DatabaseSource) -> None:
    assert pull(source, known(pull(source))).remote_documents == ()


def test_chosen_periods_are_offered_though_known(source: DatabaseSource) -> None:
    found = pull(source)
    only = Selection(periods=(found.remote_documents[1].period,)) if found.remote_documents[1].period else Selection()
    assert names(pull(source, known(found), only)) == [f"{PLACE}/2023-06"]


def test_a_row_that_was_committed_late_with_an_earlier_time_is_found(
    source: DatabaseSource, admin: psycopg.Connection[Any]
) -> None:
    seen = known(pull(source))
    admin.execute("insert into report.fund values (9, '2023-05', 'F9', 1, null, '2023-06-03 09:00+08', null)")
    assert names(pull(source, seen)) == [f"{PLACE}/2023-05"]


def test_a_row_that_is_gone_is_found(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    seen = known(pull(source))
    admin.execute("delete from report.fund where seq = 1")
    assert names(pull(source, seen)) == [f"{PLACE}/2023-05"]


def test_a_past_period_that_was_changed_is_found(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    seen = known(pull(source))
    admin.execute("update report.fund set raised = 5, update_time = '2023-09-01 08:00+08' where seq = 1")
    changed = pull(source, seen)
    assert names(changed) == [f"{PLACE}/2023-05"]
    assert rows(source, changed.remote_documents[0])[0]["raised"] == "5"


def test_a_late_commit_of_an_update_is_found_while_the_period_is_fresh(
    source: DatabaseSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("update report.fund set update_time = now() - interval '1 hour' where seq = 1")
    seen = known(pull(source))
    admin.execute("update report.fund set raised = 7, update_time = now() - interval '2 hours' where seq = 2")
    again = pull(source, seen)
    assert names(again) == [f"{PLACE}/2023-05"]
    assert rows(source, again.remote_documents[0])[1]["raised"] == "7"


def test_a_time_in_the_future_hides_nothing(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("update report.fund set update_time = '2099-01-01' where seq = 3")
    first = pull(source)
    admin.execute("update report.fund set raised = 5, update_time = '2023-09-01 08:00+08' where seq = 1")
    assert f"{PLACE}/2023-05" in names(source.pull(first.cursor_to, known(first), None))


def test_dates_and_numbers_beyond_all_bounds_are_left_to_the_validation(
    source: DatabaseSource, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("update report.fund set counted_on = 'infinity', raised = 'NaN', update_time = 'infinity' where seq = 1")
    admin.execute("update report.fund set counted_on = '0044-03-15 BC', raised = '-infinity' where seq = 2")
    found = pull(source)
    one, two = rows(source, found.remote_documents[0])
    assert (one["counted_on"], one["raised"], one["update_time"]) == ("infinity", "NaN", "infinity")
    assert (two["counted_on"], two["raised"]) == ("0044-03-15 BC", "-Infinity")
    assert json.loads(lines(source, found.remote_documents[0]).split(b"\n")[0], parse_constant=pytest.fail)


def test_rows_without_an_update_time_are_offered_once(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("update report.fund set update_time = null where seq = 3")
    first = pull(source)
    assert names(first) == [f"{PLACE}/2023-05", f"{PLACE}/2023-06"]
    assert pull(source, known(first)).remote_documents == ()
    assert first.cursor_to == "2023-07-03"


def test_a_period_that_is_none_is_reported_and_stops_no_other(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    for number, period in enumerate(("2023-13", "五月", "2023Q2", ""), start=20):
        admin.execute("insert into report.fund values (%s, %s, 'F', 1, null, now(), null)", (number, period))
    admin.execute("insert into report.fund values (30, null, 'F', 1, null, now(), null)")
    found = pull(source)
    assert names(found) == [f"{PLACE}/2023-05", f"{PLACE}/2023-06"]
    assert set(found.unmatched) == {f"{PLACE}/{text}" for text in ("2023-13", "五月", "2023Q2", "", "None")}


def test_a_period_written_in_two_ways_is_one_document(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("insert into report.fund values (9, '202305', 'F0', 1, null, '2023-08-01', null)")
    found = pull(source)
    assert names(found) == [f"{PLACE}/2023-05", f"{PLACE}/2023-06"]
    assert found.remote_documents[0].size == 3
    assert [row["period_month"] for row in rows(source, found.remote_documents[0])] == ["202305", "2023-05", "2023-05"]


def test_a_period_column_of_dates_is_understood(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("drop view report.v_fund")
    columns = "to_date(period_month, 'YYYY-MM') as period_month, fund_no, update_time"
    admin.execute(f"create view report.v_fund as select {columns} from report.fund")
    admin.execute(f"grant select on report.v_fund to {READER}")
    found = pull(source)
    assert names(found) == [f"{PLACE}/2023-05", f"{PLACE}/2023-06"]
    assert [row["period_month"] for row in rows(source, found.remote_documents[0])] == ["2023-05-01"] * 2


def test_times_without_a_zone_are_chinas(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("drop view report.v_fund")
    columns = "period_month, fund_no, update_time at time zone 'Asia/Shanghai' as update_time"
    admin.execute(f"create view report.v_fund as select {columns} from report.fund")
    admin.execute(f"grant select on report.v_fund to {READER}")
    found = pull(source)
    assert found.remote_documents[1].modified_at == dt.datetime(2023, 7, 3, 2, 0, tzinfo=dt.UTC)
    assert rows(source, found.remote_documents[1])[0]["update_time"] == "2023-07-03T10:00:00"


def test_a_view_without_periods_is_one_document(server: EmbeddedPostgres, admin: psycopg.Connection[Any]) -> None:
    source = source_at(server.url(user=READER, password=PASSWORD), period_column=None)
    found = pull(source)
    assert names(found) == [PLACE] and found.remote_documents[0].size == 3
    assert len(rows(source, found.remote_documents[0])) == 3
    admin.execute("delete from report.fund")
    assert pull(source).remote_documents == ()


def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_lie(
    source: DatabaseSource, admin: psycopg.Connection[Any]
) -> None:
    for number in (4, 5):
        admin.execute("insert into report.fund values (%s, '2023-05', 'F1', 1, null, null, 'twin')", (number,))
    before = lines(source, pull(source).remote_documents[0])
    admin.execute("update report.fund set raised = raised where seq = 1; update report.fund set raised = raised where seq = 4")
    assert lines(source, pull(source).remote_documents[0]) == before


def test_a_long_period_comes_whole(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute("insert into report.fund select n, '2023-05', 'G' || n, n, null, now(), null from generate_series(10, 9009) n")
    assert len(rows(source, pull(source).remote_documents[0])) == 9_002


def test_a_statement_that_takes_too_long_is_ended_once(server: EmbeddedPostgres, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create or replace view report.v_fund as select f.* from report.fund f, pg_sleep(3)")
    source = source_at(server.url(user=READER, password=PASSWORD), timeout=0.3)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"no answer within 0.3 s .*; ask the owner of the system for an index"):
        pull(source)
    assert time.monotonic() - began < 2.5


def test_a_server_that_freezes_is_given_up(server: EmbeddedPostgres, admin: psycopg.Connection[Any]) -> None:
    """Stopped in the middle of an answer, the server neither answers nor ends the statement."""
    admin.execute("create or replace view report.v_fund as select f.* from report.fund f, pg_sleep(0.3)")
    source = source_at(server.url(user=READER, password=PASSWORD), timeout=1.0)
    backends: list[int] = []

    def freeze() -> None:
        with psycopg.connect(server.url(), autocommit=True) as watcher:
            deadline = time.monotonic() + 10
            while not backends and time.monotonic() < deadline:
                found = watcher.execute("select pid from pg_stat_activity where usename = %s", (READER,)).fetchall()
                backends.extend(pid for (pid,) in found)
        os.kill(backends[0], signal.SIGSTOP)

    freezer = threading.Thread(target=freeze)
    freezer.start()
    began = time.monotonic()
    try:
        assert len(pull(source).remote_documents) == 2, "the second attempt meets a server process that works"
        assert 2.0 <= time.monotonic() - began < 20
    finally:
        freezer.join()
        os.kill(backends[0], signal.SIGCONT)


def test_a_connection_that_is_cut_is_made_again(
    source: DatabaseSource, admin: psycopg.Connection[Any], server: EmbeddedPostgres
) -> None:
    admin.execute("create or replace view report.v_fund as select f.* from report.fund f, pg_sleep(0.2)")
    cut = threading.Event()

    def cut_once() -> None:
        with psycopg.connect(server.url(), autocommit=True) as watcher:
            deadline = time.monotonic() + 10
            while not cut.is_set() and time.monotonic() < deadline:
                found = watcher.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (READER,))
                if found.fetchall():
                    cut.set()

    cutter = threading.Thread(target=cut_once)
    cutter.start()
    found = pull(source)
    cutter.join()
    assert cut.is_set()
    assert [len(rows(source, remote_document)) for remote_document in found.remote_documents] == [2, 1]


def test_a_host_that_takes_calls_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "TRIES", 2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        source = source_at(f"postgresql://{READER}:hush@127.0.0.1:{mute.getsockname()[1]}/x", timeout=1)
        with pytest.raises(SourceError, match="check that the server runs; the next run tries again") as failure:
            pull(source)
    assert "hush" not in full_error_text(failure.value)


@pytest.mark.parametrize(
    ("user", "password", "database", "reason"),
    [
        (READER, "hush-hush", "postgres", "password authentication failed"),
        ("nobody-knows-me", "hush-hush", "postgres", "password authentication failed"),
        (READER, PASSWORD, "nowhere", 'database "nowhere" does not exist'),
    ],
)
def test_a_refusal_is_not_tried_again_and_tells_no_password(
    server: EmbeddedPostgres, admin: psycopg.Connection[Any], user: str, password: str, database: str, reason: str
) -> None:
    url = server.url(database, user=user, password=password)
    began = server_log(server).count("FATAL")
    with pytest.raises(SourceError, match="check user, password and database") as failure:
        pull(source_at(url))
    assert reason in str(failure.value)
    assert server_log(server).count("FATAL") == began + 1, "a second try could lock the account"
    assert password not in full_error_text(failure.value)


def server_log(server: EmbeddedPostgres) -> str:
    return (Path(server._state) / "server.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"relation": "report.nothing"}, r'relation "report.nothing" does not exist; compare source.relation \(report.nothing\)'),
        ({"relation": "report.V_FUND"}, 'relation "report.V_FUND" does not exist'),
        ({"updated_column": "changed_at"}, 'source.updated_column: expected the column "changed_at", found seq, period_month'),
        ({"updated_column": "Update_Time"}, r'write "update_time": names are taken exactly'),
        ({"period_column": "quarter"}, 'source.period_column: expected the column "quarter", found seq, period_month'),
        ({"order_by": ["fund"]}, 'source.order_by: expected the column "fund", found seq, period_month'),
        ({"relation": "report.fund"}, r"permission denied for table fund; compare source.relation \(report.fund\)"),
        ({"updated_column": "remark"}, "isfinite"),
    ],
)
def test_a_view_that_is_not_as_the_contract_says_is_reported(
    server: EmbeddedPostgres, admin: psycopg.Connection[Any], changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as failure:
        pull(source_at(server.url(user=READER, password=PASSWORD), **changes))
    assert re.search(r"; compare .*the contract of home_visit with .", str(failure.value))


def test_a_period_that_the_server_cannot_give_stops_only_itself(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute(
        "create or replace view report.v_fund as select seq, period_month, fund_no, raised, counted_on, update_time,"
        " case when period_month = '2023-05' then (1 / (seq - seq))::text else remark end as remark from report.fund"
    )
    found = pull(source)
    with pytest.raises(DocumentError, match="division by zero") as failure:
        lines(source, found.remote_documents[0])
    assert not isinstance(failure.value, StillChanging)
    assert len(rows(source, found.remote_documents[1])) == 1


def test_nothing_can_be_written_even_by_a_view_that_tries(source: DatabaseSource, admin: psycopg.Connection[Any]) -> None:
    admin.execute(
        "create function report.grab() returns int security definer language plpgsql as"
        " $$ begin delete from report.fund; return 1; end $$"
    )
    admin.execute("create or replace view report.v_fund as select f.* from report.fund f where report.grab() = 1")
    with pytest.raises(SourceError, match="read-only transaction"):
        pull(source)


@pytest.mark.parametrize("url", ["redis://u:hush@h/x", "postgresql://u:hu/sh@h:5432/x", "postgresql://u:hush@h:port/x"])
def test_a_url_that_cannot_be_used_is_not_reported(url: str) -> None:
    with pytest.raises(SourceError, match='connection "front"') as failure:
        source_at(url)
    assert "hu" not in full_error_text(failure.value).replace("hu/sh", "hu")
