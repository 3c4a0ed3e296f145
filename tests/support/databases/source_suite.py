"""What a database source must do whatever the make. A subclass gives the fixture `system`: a server of one make, just reset."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.period import Period
from loaders.sources import SourceError, StillChanging, retry
from loaders.sources.database.view_source import DatabaseSource
from tests.support.databases.other_system import PASSWORD, READER, SCHEMA, OtherSystem
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import report

VIEW = "V_基金月报"
PLACE = f"front:{SCHEMA}.{VIEW}"
ROWS: list[dict[str, Any]] = [
    {"ID": 1, "报告期": "2023-05", "AMOUNT": "100.10", "UPDATED_AT": "2023-06-03 10:00:00", "备注 %": "first: 10:30"},
    {"ID": 2, "报告期": "2023-05", "AMOUNT": "123456789012345678.12", "UPDATED_AT": "2023-06-03 11:00:00", "备注 %": None},
    {"ID": 3, "报告期": "2023-06", "AMOUNT": "-0.01", "UPDATED_AT": "2023-07-03 10:00:00", "备注 %": "换行\n\u2028\"'\\"},
]


CHINA = dt.timezone(dt.timedelta(hours=8))
TIME = dt.datetime.fromisoformat


def today() -> dt.date:
    return dt.datetime.now(CHINA).date()


def fund_table(system: OtherSystem) -> sa.Table:
    """The table FUND, with names in upper case and in Chinese."""
    columns = [
        sa.Column("ID", sa.Integer, quote=True),
        sa.Column("报告期", sa.String(20), quote=True),
        sa.Column("AMOUNT", sa.Numeric(20, 2), quote=True),
        sa.Column("UPDATED_AT", sa.DateTime, quote=True),
        sa.Column("备注 %", sa.String(200), quote=True),
    ]
    return sa.Table("FUND", sa.MetaData(), *columns, schema=SCHEMA, quote=True, quote_schema=True)


def create_fund(system: OtherSystem) -> None:
    """Makes the table with its rows, and the view of it."""
    fund_table(system).create(system.owner)
    insert(system, *ROWS)
    create_view(system)


def insert(system: OtherSystem, *rows: dict[str, Any]) -> None:
    with system.owner.begin() as connection:
        for row in rows:
            updated = row["UPDATED_AT"]
            values = row | {"UPDATED_AT": None if updated is None else dt.datetime.fromisoformat(updated)}
            connection.execute(fund_table(system).insert().values(values))


def update(system: OtherSystem, number: int, **values: Any) -> None:
    table = fund_table(system)
    with system.owner.begin() as connection:
        connection.execute(table.update().where(number == table.c.ID).values(values))


def delete(system: OtherSystem, number: int) -> None:
    table = fund_table(system)
    with system.owner.begin() as connection:
        connection.execute(table.delete().where(number == table.c.ID))


def create_view(system: OtherSystem, columns: str = "*", *, name: str = VIEW, rest: str = "") -> None:
    """Makes a view of the table FUND anew."""
    view, table = system.quoted(name), system.quoted("FUND")
    with system.owner.begin() as connection:
        connection.exec_driver_sql(f"drop view if exists {view}")
        connection.exec_driver_sql(f"create view {view} as select {columns} from {table} f {rest}".replace("%", "%%"))


def source_at(url: str, timeout: float = 5.0, *, contract: dict[str, Any] | None = None, **changes: Any) -> DatabaseSource:
    """A source on the view. A field that is None is left out."""
    facts: dict[str, Any] = {
        "kind": "database",
        "connection": "front",
        "relation": f"{SCHEMA}.{VIEW}",
        "updated_column": "UPDATED_AT",
        "period_column": "报告期",
        "order_by": ["ID"],
    }
    source = {name: value for name, value in (facts | changes).items() if value is not None}
    key = {"replaces": "key", "columns": [{"name": "id", "header": "ID", "field": "ID", "key": True}]}
    made = report(source, **((key if "window_days" in source else {}) | (contract or {})))
    return DatabaseSource(made, made.source, url, timeout)


def known(*pulls: Pull) -> frozenset[KnownVersion]:
    return frozenset(KnownVersion(one.uri, one.size, one.modified_at) for pulled in pulls for one in pulled.remote_documents)


def names(pulled: Pull) -> list[str]:
    return [one.uri.removeprefix(PLACE) for one in pulled.remote_documents]


def lines(source: DatabaseSource, document: RemoteDocument) -> bytes:
    target = io.BytesIO()
    source.fetch(document, target)
    return target.getvalue()


def rows(source: DatabaseSource, document: RemoteDocument) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(source, document).split(b"\n")[:-1]]


def numbers(source: DatabaseSource, document: RemoteDocument) -> list[int]:
    return [row["ID"] for row in rows(source, document)]


class DatabaseSourceSuite:
    """Tests of one make."""

    @pytest.fixture(autouse=True)
    def _prepare(self, system: OtherSystem, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.02)
        create_fund(system)

    def test_names_in_upper_case_and_in_chinese(self, system: OtherSystem) -> None:
        source = source_at(system.url())
        found = source.pull(None, (), None)
        assert names(found) == ["/2023-05", "/2023-06"]
        assert found.remote_documents[0].modified_at == dt.datetime(2023, 6, 3, 3, 0, tzinfo=dt.UTC)
        wanted = [row | {"UPDATED_AT": row["UPDATED_AT"].replace(" ", "T")} for row in ROWS]
        first, second = found.remote_documents
        assert rows(source, first) == wanted[:2]
        assert rows(source, second) == wanted[2:]
        assert found.present == {f"{PLACE}/2023-05", f"{PLACE}/2023-06"}

    def test_what_changed_is_found(self, system: OtherSystem) -> None:
        source = source_at(system.url())
        first = source.pull(None, (), None)
        assert names(source.pull(None, known(first), None)) == []
        update(system, 1, AMOUNT=5, UPDATED_AT=TIME("2023-09-01"))
        assert names(source.pull(None, known(first), None)) == ["/2023-05"]
        delete(system, 3)
        insert(system, ROWS[0] | {"ID": 9, "报告期": "2023-07"})
        assert names(source.pull(None, known(first), None)) == ["/2023-05", "/2023-07"]
        assert names(source.pull(None, known(first), Selection(periods=(Period.parse("2023-07"),)))) == ["/2023-07"]

    def test_without_an_update_column_the_count_tells_and_a_full_comparison_finds_the_rest(self, system: OtherSystem) -> None:
        source = source_at(system.url(), updated_column=None)
        first = source.pull(None, (), None)
        assert names(first) == ["/2023-05", "/2023-06"]
        assert names(source.pull(None, known(first), None)) == []
        update(system, 1, AMOUNT=5)
        assert names(source.pull(None, known(first), None)) == [], "the count stayed"
        full = source.pull(None, known(first), None, is_full=True)
        assert rows(source, full.remote_documents[0])[0]["AMOUNT"] == "5.00"
        assert full.remote_documents[0].modified_at > first.remote_documents[0].modified_at
        assert names(source.pull(None, known(full), None)) == []
        delete(system, 1)
        assert names(source.pull(None, known(full), None)) == ["/2023-05"]

    def test_the_periods_of_the_window_are_pulled_again(self, system: OtherSystem) -> None:
        current = str(Period.containing(today(), Period.parse("2023-01").kind))
        insert(system, ROWS[0] | {"ID": 9, "报告期": current})
        source = source_at(system.url(), updated_column=None, window_days=40)
        first = source.pull(None, (), None)
        assert names(source.pull(None, known(first), None)) == [f"/{current}"]

    def test_rows_since_the_watermark_less_the_window(self, system: OtherSystem) -> None:
        source = source_at(system.url(), period_column=None, window_days=5)
        first = source.pull(None, (), None)
        assert (names(first), numbers(source, first.remote_documents[0])) == ([""], [1, 2, 3])
        assert first.cursor_to == "2023-07-03T02:00:00+00:00" and first.present is None
        insert(system, ROWS[2] | {"ID": 4, "UPDATED_AT": "2023-06-28 00:00:00"})
        insert(system, ROWS[2] | {"ID": 5, "UPDATED_AT": "2023-06-27 23:59:59"})
        found = source.pull(first.cursor_to, known(first), None)
        assert (names(found), numbers(source, found.remote_documents[0])) == (["/since/2023-06-28"], [3, 4])
        full = source.pull(first.cursor_to, known(first), None, is_full=True)
        assert numbers(source, full.remote_documents[0]) == [1, 2, 3, 4, 5]

    def test_a_row_of_the_future_hides_no_other(self, system: OtherSystem) -> None:
        update(system, 3, UPDATED_AT=TIME("2099-01-01"))
        source = source_at(system.url(), period_column=None, window_days=5)
        first = source.pull(None, (), None)
        insert(system, ROWS[0] | {"ID": 8, "UPDATED_AT": dt.datetime.now(CHINA).replace(tzinfo=None).isoformat(" ", "seconds")})
        found = source.pull(first.cursor_to, known(first), None)
        assert numbers(source, found.remote_documents[0]) == [3, 8]

    def test_the_watermark_does_not_pass_rows_that_could_not_be_had(self, system: OtherSystem) -> None:
        source = source_at(system.url(), period_column=None, window_days=5)
        cursor = source.pull(None, (), None).cursor_to
        function = "rand()" if system.owner.dialect.name == "mysql" else "random()"
        quoted = system.owner.dialect.identifier_preparer.quote_identifier("ID")
        insert(system, *(ROWS[0] | {"ID": number, "UPDATED_AT": "2023-08-01 00:00:00"} for number in range(100, 400)))
        create_view(system, rest=f"where f.{quoted} > 400 * {function}")
        looks = [source.pull(cursor, (), None) for _ in range(10)]
        assert cursor in {look.cursor_to for look in looks}
        create_view(system)
        assert source.pull(cursor, (), None).cursor_to == "2023-07-31T16:00:00+00:00"

    def test_a_query_with_the_time_since(self, system: OtherSystem) -> None:
        inner = system.quoted("FUND")
        quote = system.owner.dialect.identifier_preparer.quote_identifier
        text = f"select f.* from {inner} f where f.{quote('UPDATED_AT')} >= :since and 'at 10:30 %' like '%:30 %'"
        source = source_at(system.url(), relation=None, query=text, period_column=None, window_days=1)
        first = source.pull(None, (), None)
        assert numbers(source, first.remote_documents[0]) == [1, 2, 3]
        assert first.place == "front:query:home_visit"
        found = source.pull(first.cursor_to, (), None)
        assert numbers(source, found.remote_documents[0]) == [3]

    def test_a_query_that_is_asked_once_per_period(self, system: OtherSystem) -> None:
        quote = system.owner.dialect.identifier_preparer.quote_identifier
        day = today()
        this = Period.containing(day, Period.parse("2023-01").kind)
        for number, updated in enumerate((this.start, this.end, this.previous().end, this.next().start), start=20):
            insert(system, ROWS[0] | {"ID": number, "UPDATED_AT": f"{updated} 12:00:00"})
        column = f"f.{quote('UPDATED_AT')}"
        text = (
            f"select f.{quote('ID')}, :period as {quote('期')} from {system.quoted('FUND')} f"
            f" where {column} >= :period_start and {column} < :next_period_start"
        )
        facts = {"relation": None, "query": text, "period_column": None, "updated_column": None}
        source = source_at(system.url(), **facts, window_days=(day - this.start).days + 1)
        found = source.pull(None, (), None)
        assert [str(one.period) for one in found.remote_documents] == [str(this.previous()), str(this)]
        last, current = found.remote_documents
        assert (numbers(source, last), rows(source, current)) == (
            [22],
            [{"ID": number, "期": str(this)} for number in (20, 21)],
        )
        chosen = source.pull(None, known(found), Selection(periods=(Period.parse("2023-06"),)))
        assert [(str(one.period), numbers(source, one)) for one in chosen.remote_documents] == [("2023-06", [1, 2])]

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            (sa.Date(), [dt.date(2023, 5, 1), dt.date(2023, 5, 31), dt.date(2023, 6, 1)]),
            (sa.DateTime(), [TIME("2023-05-01"), TIME("2023-05-31T23:59:59"), TIME("2023-06-30T01:00:00")]),
            (sa.Integer(), [202305, 202305, 202306]),
            (sa.Numeric(8, 1), [202305, 202305, 202306]),
            (sa.CHAR(12), ["2023-05", "2023年5月", "202306"]),
        ],
        ids=["date", "datetime", "integer", "numeric", "char"],
    )
    def test_a_period_column_of_any_type(self, system: OtherSystem, kind: Any, values: list[Any]) -> None:
        table = sa.Table("M", sa.MetaData(), sa.Column("ID", sa.Integer), sa.Column("期", kind), schema=SCHEMA, quote_schema=True)
        table.create(system.owner)
        with system.owner.begin() as connection:
            connection.execute(table.insert(), [{"ID": number, "期": value} for number, value in enumerate(values)])
        source = source_at(system.url(), relation=f"{SCHEMA}.M", period_column="期", updated_column=None)
        found = source.pull(None, (), None)
        assert [str(one.period) for one in found.remote_documents] == ["2023-05", "2023-06"]
        assert [numbers(source, one) for one in found.remote_documents] == [[0, 1], [2]]

    def test_padding_is_stripped(self, system: OtherSystem) -> None:
        system.run(
            f"create table {system.quoted('C')} (id integer, code char(10))",
            f"insert into {system.quoted('C')} values (1, '甲 ')",
        )
        source = source_at(system.url(), relation=f"{SCHEMA}.C", period_column=None, updated_column=None, order_by=["id"])
        assert rows(source, source.pull(None, (), None).remote_documents[0]) == [{"id": 1, "code": "甲"}]

    def test_a_binary_column_is_named_and_left_out_when_it_is_ignored(self, system: OtherSystem) -> None:
        table = system.quoted("FUND")
        system.run(f"alter table {table} add column 照片 {system.binary_type}")
        create_view(system)
        with pytest.raises(SourceError, match='column "照片" is binary: list it under ignored_headers'):
            source_at(system.url()).pull(None, (), None)
        source = source_at(system.url(), contract={"ignored_headers": ["照片"]})
        document = source.pull(None, (), None).remote_documents[0]
        assert list(rows(source, document)[0]) == list(ROWS[0])

    def test_another_time_zone(self, system: OtherSystem) -> None:
        source = source_at(system.url(), time_zone="Asia/Tokyo")
        document = source.pull(None, (), None).remote_documents[0]
        assert document.modified_at == dt.datetime(2023, 6, 3, 2, 0, tzinfo=dt.UTC)
        assert rows(source, document)[0]["UPDATED_AT"] == "2023-06-03T10:00:00+09:00"

    def test_the_same_rows_give_the_same_bytes(self, system: OtherSystem) -> None:
        changed = {"ID": 7, "报告期": "2023-05", "AMOUNT": "1"}
        kept = [changed | {"UPDATED_AT": None, "备注 %": text} for text in ("b", "B", "á", "a", "A ", "Ａ")]
        source = source_at(system.url(), order_by=["备注 %"])
        insert(system, *kept)
        before = lines(source, source.pull(None, (), None).remote_documents[0])
        delete(system, 7)
        insert(system, *reversed(kept))
        assert lines(source, source.pull(None, (), None).remote_documents[0]) == before

    def test_rows_that_change_between_count_and_reading_are_left_for_later(self, system: OtherSystem) -> None:
        """A volatile view stands for a server without snapshots: each look brings other rows."""
        insert(system, *(ROWS[0] | {"ID": number} for number in range(100, 400)))
        function = "rand()" if system.owner.dialect.name == "mysql" else "random()"
        create_view(system, rest=f"where f.{system.owner.dialect.identifier_preparer.quote_identifier('ID')} > 400 * {function}")
        source = source_at(system.url(), period_column=None)
        with pytest.raises(StillChanging):
            for _ in range(10):
                (document,) = source.pull(None, (), None).remote_documents
                lines(source, document)

    def test_a_long_view_comes_whole(self, system: OtherSystem) -> None:
        with system.owner.begin() as connection:
            values = [{"ID": number, "报告期": "2023-05", "AMOUNT": number} for number in range(10, 9_010)]
            connection.execute(fund_table(system).insert(), values)
        source = source_at(system.url())
        assert len(rows(source, source.pull(None, (), None).remote_documents[0])) == 9_002

    def test_a_slow_view_is_ended_once(self, system: OtherSystem) -> None:
        create_view(system, rest=f"where {system.sleep} is not null")
        began = time.monotonic()
        with pytest.raises(SourceError, match=r"no answer within 0.3 s .*; ask the owner of the system for an index"):
            source_at(system.url(), timeout=0.3).pull(None, (), None)
        assert time.monotonic() - began < 3

    def test_a_connection_that_is_cut_is_made_again(self, system: OtherSystem) -> None:
        create_view(system, rest=f"where {system.sleep} is not null")
        cut = threading.Event()

        def cut_once() -> None:
            deadline = time.monotonic() + 10
            while not cut.is_set() and time.monotonic() < deadline:
                if system.cut_connections():
                    cut.set()

        cutter = threading.Thread(target=cut_once)
        cutter.start()
        source = source_at(system.url())
        found = source.pull(None, (), None)
        cutter.join()
        assert cut.is_set()
        assert [len(rows(source, one)) for one in found.remote_documents] == [2, 1]

    @pytest.mark.parametrize(("user", "password"), [(READER, "hush-hush"), ("nobody-knows-me", "hush-hush")])
    def test_a_wrong_password_is_not_tried_again(self, system: OtherSystem, user: str, password: str) -> None:
        began = system.refused_logins()
        with pytest.raises(SourceError, match="check user, password and database") as error:
            source_at(system.url(user, password)).pull(None, (), None)
        assert system.refused_logins() == began + 1, "a second try could lock the account"
        assert password not in full_error_text(error.value)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"relation": f"{SCHEMA}.{VIEW.lower()}"}, rf"compare source.relation \({SCHEMA}.{VIEW.lower()}\) of the contract"),
            ({"relation": "Nowhere.V"}, "compare source.relation"),
            ({"updated_column": "updated_at"}, r'source.updated_column: .*\(write "UPDATED_AT": names are taken exactly\)'),
            ({"period_column": "期"}, 'source.period_column: expected the column "期", found ID, 报告期, AMOUNT'),
            ({"order_by": ["ID", "NO"]}, 'source.order_by: expected the column "NO"'),
            ({"relation": None, "query": "select 1 as a, nothing as b"}, "compare source.query of the contract of home_visit"),
        ],
    )
    def test_a_contract_that_does_not_fit_names_its_field(
        self, system: OtherSystem, changes: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(SourceError, match=reason) as error:
            source_at(system.url(), **changes).pull(None, (), None)
        assert PASSWORD not in full_error_text(error.value)
