"""Each make of database: what is sent to it, what its errors mean, and which of its columns are binary. No server is needed."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from loaders.contract import Database
from loaders.period import Period
from loaders.sources import SourceError
from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings
from loaders.sources.database.exact_values import bits, exact_text, offset_text
from loaders.sources.database.queries import RowFilter, ViewQueries, column, period_values
from loaders.sources.database.registry import database_makes, make_of, open_engine
from loaders.sources.database.view_columns import ViewColumn, selected_columns
from tests.support.databases.urls import URLS
from tests.support.servers.error_text import full_error_text

CHINA = ZoneInfo("Asia/Shanghai")
SETTINGS = SessionSettings(1.0, CHINA)
MAY = Period.parse("2023-05")


def source(**changes: Any) -> Database:
    facts: dict[str, Any] = {"connection": "front", "relation": 'S.V_报"%', "order_by": ["ID"], "updated_column": "U"}
    return Database.model_validate({name: value for name, value in (facts | changes).items() if value is not None})


def sent(scheme: str, query: sa.Select[Any]) -> str:
    """The SQL as the driver gets it, on one line."""
    make = database_makes()[scheme]
    dialect = open_engine("front", URLS[scheme].format(port=1), make, SETTINGS).dialect
    return re.sub(r"\s+", " ", str(query.compile(dialect=dialect)))


QUOTED = {
    "postgresql": '"S"."V_报""%%"',
    "kingbase": '"S"."V_报""%%"',
    "mysql": '`S`.`V_报"%%`',
    "oracle": '"S"."V_报""%"',
    "mssql": '[S].[V_报"%%]',
    "dm": '"S"."V_报""%"',
}


def test_every_make_is_registered_once() -> None:
    assert {make.name for make in database_makes().values()} == {
        "PostgreSQL",
        "KingbaseES",
        "MySQL or MariaDB",
        "Oracle",
        "SQL Server",
        "DM",
    }
    assert set(URLS) <= set(database_makes())


@pytest.mark.parametrize("scheme", list(URLS))
def test_names_are_quoted_as_they_are_written(scheme: str) -> None:
    make = database_makes()[scheme]
    query = ViewQueries(source(), make).documents(RowFilter({}), [column("ID"), column("期")])
    assert f"FROM {QUOTED[scheme]}" in sent(scheme, query)
    quote = QUOTED[scheme][0], QUOTED[scheme][QUOTED[scheme].index("S") + 1]
    assert sent(scheme, query).startswith(f"SELECT {quote[0]}ID{quote[1]}, {quote[0]}期{quote[1]} FROM")
    assert f"ORDER BY {quote[0]}ID{quote[1]}" in sent(scheme, query)


@pytest.mark.parametrize(
    ("scheme", "wanted"),
    [
        (
            "mysql",
            "SELECT `P` AS period_value, count(*) AS row_count, max(`U`) AS newest_update FROM `S`.`V` GROUP BY `P` ORDER BY `P`",
        ),
        (
            "oracle",
            'SELECT "P" AS period_value, count(*) AS row_count, max("U") AS newest_update FROM "S"."V" GROUP BY "P" ORDER BY "P"',
        ),
        (
            "mssql",
            "SELECT [P] AS period_value, count(*) AS row_count, max([U]) AS newest_update FROM [S].[V] GROUP BY [P] ORDER BY [P]",
        ),
        (
            "dm",
            'SELECT "P" AS period_value, count(*) AS row_count, max("U") AS newest_update FROM "S"."V" GROUP BY "P" ORDER BY "P"',
        ),
    ],
)
def test_the_state_of_each_period(scheme: str, wanted: str) -> None:
    queries = ViewQueries(source(relation="S.V", period_column="P"), database_makes()[scheme])
    assert sent(scheme, queries.states(RowFilter({}))) == wanted


@pytest.mark.parametrize(
    ("scheme", "alias", "value"),
    [
        ("postgresql", ") AS huimin_rows", "%(period_start)s::DATE"),
        ("mysql", ") AS huimin_rows", "%(period_start)s"),
        ("oracle", ") huimin_rows", ":period_start"),
        ("mssql", ") AS huimin_rows", "%(period_start)s"),
        ("dm", ") AS huimin_rows", "?"),
    ],
)
def test_a_query_is_a_subquery_with_bound_values(scheme: str, alias: str, value: str) -> None:
    text = "select a from t where d >= :period_start and note <> 'at 10:30, :x'"
    queries = ViewQueries(source(relation=None, query=text, window_days=5), database_makes()[scheme])
    found = sent(scheme, queries.states(RowFilter(period_values(MAY))))
    assert f"FROM (select a from t where d >= {value} and note <> 'at 10:30, :x'{alias}" in found


@pytest.mark.parametrize("scheme", list(URLS))
def test_rows_since_a_time_and_days_of_a_period(scheme: str) -> None:
    queries = ViewQueries(source(relation="S.V", period_column="P"), database_makes()[scheme])
    conditions = (queries.updated_since(dt.datetime.fromisoformat("2023-05-01")), *queries.in_period(MAY, [dt.date(2023, 5, 31)]))
    found = sent(scheme, queries.documents(RowFilter({}, conditions), [column("ID")]))
    assert len(re.findall(r"[\"`\[][UP][\"`\]] (?:>=|<) ", found)) == 3
    assert "2023" not in found, "values are bound"


@pytest.mark.parametrize("scheme", list(URLS))
def test_the_columns_are_asked_for_without_a_row(scheme: str) -> None:
    found = sent(scheme, ViewQueries(source(relation="V"), database_makes()[scheme]).none({}))
    assert found.startswith("SELECT * FROM ") and found.endswith(" WHERE 1 = 0")


def test_values_of_a_padded_column_are_compared_with_and_without_padding() -> None:
    queries = ViewQueries(source(relation="S.V", period_column="P"), database_makes()["oracle"])
    (condition,) = queries.in_period(MAY, ["2023-05   ", "202305"])
    assert condition.right.value == ["2023-05   ", "202305", "2023-05"]


def test_oracle_writes_times_with_a_zone_itself() -> None:
    make = database_makes()["oracle"]
    found = [ViewColumn("A", ColumnKind.PLAIN), ViewColumn("T", ColumnKind.ZONED), ViewColumn("照片", ColumnKind.BINARY)]
    text = sent("oracle", sa.select(*selected_columns(found, make)))
    assert text.startswith("""SELECT "A", to_char("T", 'YYYY-MM-DD"T"HH24:MI:SS.FFTZH:TZM') AS "T\"""")
    assert "照片" not in text


@pytest.mark.parametrize(
    ("scheme", "extra"), [("mysql", "mysql"), ("oracle", "oracle"), ("mssql", "sqlserver"), ("dm", "dameng")]
)
def test_a_missing_driver_is_one_line_with_its_extra(scheme: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, database_makes()[scheme].module, None)
    with pytest.raises(SourceError, match=rf'pip install "huimin\[{extra}\]"') as error:
        make_of("front", URLS[scheme].format(port=1))
    assert "\n" not in str(error.value) and "hush" not in full_error_text(error.value)


def test_a_url_that_the_driver_cannot_use_is_not_shown() -> None:
    url = "mssql://u:hush@h/x?timeout=soon"
    with pytest.raises(SourceError, match=r"compare it with that of SQL Server in docs/databases.md") as error:
        make = make_of("front", url)
        open_engine("front", url, make, SETTINGS).connect()
    assert "hush" not in full_error_text(error.value)


def driver_errors() -> Iterator[tuple[str, BaseException, Failure]]:
    mysql = importlib.import_module("pymysql.err")
    for number, meaning in (
        (1045, Failure.NOT_LET_IN),
        (1049, Failure.NOT_LET_IN),
        (1969, Failure.TIMED_OUT),
        (3024, Failure.TIMED_OUT),
        (1040, Failure.TRANSIENT),
        (2013, Failure.TRANSIENT),
        (1146, Failure.REFUSED),
        (1792, Failure.REFUSED),
    ):
        yield "mysql", mysql.OperationalError(number, "text"), meaning
    yield "mysql", mysql.InterfaceError(0, ""), Failure.TRANSIENT
    oracle = importlib.import_module("oracledb")
    for text, meaning in (
        ("ORA-01017: invalid username/password; logon denied", Failure.NOT_LET_IN),
        ('DPY-6001: cannot connect to database. Service "x" is not registered', Failure.NOT_LET_IN),
        ("DPY-4024: call timeout of 1000 ms exceeded", Failure.TIMED_OUT),
        ("DPY-4011: the database or network closed the connection", Failure.TRANSIENT),
        ("ORA-01555: snapshot too old", Failure.TRANSIENT),
        ("ORA-00942: table or view does not exist", Failure.REFUSED),
    ):
        yield "oracle", oracle.DatabaseError(text), meaning
    tds = importlib.import_module("pytds.tds_base")
    yield "mssql", tds.LoginError("Login failed for user 'u'."), Failure.NOT_LET_IN
    yield "mssql", tds.ClosedConnectionError(), Failure.TRANSIENT
    for number, meaning in ((1205, Failure.TRANSIENT), (4060, Failure.NOT_LET_IN), (208, Failure.REFUSED)):
        error = tds.OperationalError("text")
        error.msg_no = number
        yield "mssql", error, meaning
    dm = importlib.import_module("dmPython")
    yield "dm", dm.DatabaseError("[CODE:-2501]Invalid username or password"), Failure.NOT_LET_IN
    yield "dm", dm.DatabaseError("[CODE:-70028]Create SOCKET connection failure"), Failure.TRANSIENT
    yield "dm", dm.DatabaseError("[CODE:-2106]Invalid table or view name"), Failure.REFUSED


@pytest.mark.parametrize(("scheme", "error", "meaning"), list(driver_errors()), ids=str)
def test_what_an_error_means(scheme: str, error: BaseException, meaning: Failure) -> None:
    assert database_makes()[scheme].failure(error) is meaning


def kinds(make: DatabaseMake, *types: Any) -> list[ColumnKind]:
    cursor = SimpleNamespace(description=[("A", kind, None, None, None, None, True) for kind in types])
    return [make.column_kind(cursor, number) for number in range(len(types))]


def test_which_columns_are_binary_or_padded() -> None:
    plain, padded, zoned, binary = ColumnKind.PLAIN, ColumnKind.PADDED, ColumnKind.ZONED, ColumnKind.BINARY
    oracle = importlib.import_module("oracledb")
    found = (oracle.DB_TYPE_NUMBER, oracle.DB_TYPE_CHAR, oracle.DB_TYPE_TIMESTAMP_TZ, oracle.DB_TYPE_BLOB, oracle.DB_TYPE_CLOB)
    assert kinds(database_makes()["oracle"], *found) == [plain, padded, zoned, binary, plain]
    assert kinds(database_makes()["mssql"], 231, 239, 165, 34) == [plain, padded, binary, binary]
    dm = importlib.import_module("dmPython")
    assert kinds(database_makes()["dm"], dm.STRING, dm.FIXED_STRING, dm.BLOB) == [plain, padded, binary]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (0.1, "0.1"),
        (True, True),
        (2**70, 2**70),
        (dt.datetime.fromisoformat("2023-05-31T10:00:00.5"), "2023-05-31T10:00:00.500000"),
        (dt.datetime.fromisoformat("2023-05-31T10:00:00+02:00"), "2023-05-31T10:00:00+02:00"),
        (dt.date(2023, 5, 31), "2023-05-31"),
        (["a", {"b": 1}], ["a", {"b": 1}]),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_values_as_exact_text(value: Any, text: Any) -> None:
    assert exact_text(value, CHINA) == text


def test_values_that_are_special() -> None:
    assert exact_text(dt.datetime.fromisoformat("2023-05-31T10:00:00"), ZoneInfo("Asia/Tokyo")) == "2023-05-31T10:00:00+09:00"
    assert (bits(b"\x01\x00"), bits(None)) == (256, None)
    assert (offset_text(CHINA), offset_text(ZoneInfo("Europe/Paris"))) == ("+08:00", "Europe/Paris")
    for value in (b"x", bytearray(b"x"), memoryview(b"x")):
        with pytest.raises(TypeError):
            exact_text(value, CHINA)
