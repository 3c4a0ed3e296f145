"""Oracle, by python-oracledb in its thin mode, which needs no client of Oracle's (12.1 and later)."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings
from loaders.sources.database.exact_values import offset_text

# `ORA-01017: invalid username/password`, `DPY-4011: the database or network closed the connection`
_CODE = re.compile(r"\b(ORA|DPY)-0*(\d+)")
_TIMED_OUT = {"ORA": {1013, 3136}, "DPY": {4024}}
_NOT_LET_IN = {"ORA": {1005, 1017, 1045, 12505, 12514, 28000, 28001}, "DPY": {3010, 4001, 6001, 6003}}
_FULL_OR_STARTING = {18, 20, 1033, 1034, 1089, 1090, 12516, 12518, 12519, 12520, 12528, 12541}
_DEADLOCK_OR_OLD_SNAPSHOT = {60, 1555, 8177}
_LOST = {28, 1012, 2396, 3113, 3114, 3135, 12170, 12537, 12547, 12570}
_TRANSIENT = {"ORA": _FULL_OR_STARTING | _DEADLOCK_OR_OLD_SNAPSHOT | _LOST, "DPY": {1001, 4011, 6000, 6005}}


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Returns the time-out for reaching the server."""
    return {"tcp_connect_timeout": settings.timeout}


def prepare(driver: Any, settings: SessionSettings) -> None:
    """Limits each call to the server."""
    driver.call_timeout = int(settings.timeout * 1000)


def begin(connection: sa.Connection, settings: SessionSettings) -> None:
    """Begins a read-only transaction, which in Oracle is a snapshot; it must be the first statement of its transaction."""
    connection.exec_driver_sql(f"alter session set time_zone = '{offset_text(settings.zone)}'")
    connection.commit()
    connection.exec_driver_sql("set transaction read only")


def failure(error: BaseException) -> Failure:
    """Classifies an error by its code. The first that is known counts: a lost connection names its cause behind it."""
    meanings = ((_TIMED_OUT, Failure.TIMED_OUT), (_NOT_LET_IN, Failure.NOT_LET_IN), (_TRANSIENT, Failure.TRANSIENT))
    for product, number in _CODE.findall(str(error)):
        for codes, meaning in meanings:
            if int(number) in codes[product]:
                return meaning
    return Failure.REFUSED


def column_kind(cursor: Any, number: int) -> ColumnKind:
    """Returns how a column becomes text."""
    import oracledb as driver

    kinds = {
        ColumnKind.BINARY: (driver.DB_TYPE_BLOB, driver.DB_TYPE_BFILE, driver.DB_TYPE_RAW, driver.DB_TYPE_LONG_RAW),
        ColumnKind.PADDED: (driver.DB_TYPE_CHAR, driver.DB_TYPE_NCHAR),
        # The driver returns a time with a zone without its zone.
        ColumnKind.ZONED: (driver.DB_TYPE_TIMESTAMP_TZ, driver.DB_TYPE_TIMESTAMP_LTZ),
    }
    found = cursor.description[number][1]
    return next((kind for kind, types in kinds.items() if found in types), ColumnKind.PLAIN)


def prepare_cursor(cursor: Any, is_text: bool, zone: ZoneInfo) -> None:  # noqa: ARG001 - the form of all makes
    """Makes a cursor return numbers as the server's digits, and a CLOB as text."""
    if is_text:
        cursor.outputtypehandler = text_variable


def text_variable(cursor: Any, metadata: Any) -> Any:
    """Returns the variable that takes a column as text; None for the driver's own."""
    import oracledb as driver

    types = {
        driver.DB_TYPE_NUMBER: driver.DB_TYPE_VARCHAR,
        driver.DB_TYPE_CLOB: driver.DB_TYPE_LONG,
        driver.DB_TYPE_NCLOB: driver.DB_TYPE_LONG_NVARCHAR,
    }
    wanted = types.get(metadata.type_code)
    return None if wanted is None else cursor.var(wanted, arraysize=cursor.arraysize)


def zoned_text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Returns a time with its offset in ISO 8601, written by the server."""
    return sa.func.to_char(column, sa.literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.FFTZH:TZM'"""))


ORACLE = DatabaseMake(
    name="Oracle",
    schemes=("oracle", "oracle+oracledb"),
    drivername="oracle+oracledb",
    module="oracledb",
    extra="oracle",
    connect_arguments=connect_arguments,
    prepare=prepare,
    begin=begin,
    failure=failure,
    column_kind=column_kind,
    prepare_cursor=prepare_cursor,
    zoned_text=zoned_text,
)
