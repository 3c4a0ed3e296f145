"""MySQL and MariaDB, by PyMySQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings
from loaders.sources.database.exact_values import localized, offset_text

_TIMED_OUT = frozenset({1969, 3024})
_NOT_LET_IN = frozenset({1044, 1045, 1049, 1698, 1820, 1862, 3118, 4151})
# Full, starting or stopping; a lock, a deadlock; a connection that was killed or lost.
_TRANSIENT = frozenset(
    {1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1317, 1927, 2003, 2006, 2013, 2055, 3169, 4031}
)
_UNKNOWN_VARIABLE = 1193
_BINARY_CHARSET = 63


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Returns the driver's time-outs: the server ends a slow statement itself, but cannot notice that it hangs."""
    return {
        "connect_timeout": max(1, int(settings.timeout)),
        "read_timeout": 2 * settings.timeout,
        "write_timeout": 2 * settings.timeout,
        "charset": "utf8mb4",
        "local_infile": False,
    }


def begin(connection: sa.Connection, settings: SessionSettings) -> None:
    """Limits the statements of a session, and begins a read-only transaction that is a snapshot (of InnoDB's tables)."""
    connection.exec_driver_sql(f"set session time_zone = '{offset_text(settings.zone)}'")
    is_mariadb = getattr(connection.dialect, "is_mariadb", False)
    limit = f"max_statement_time = {settings.timeout}" if is_mariadb else f"max_execution_time = {int(settings.timeout * 1000)}"
    try:
        connection.exec_driver_sql(f"set session {limit}")
    except sa.exc.DBAPIError as error:
        # MySQL before 5.7.8 has no such limit; the driver's time-out remains.
        if _number(error.orig) != _UNKNOWN_VARIABLE:
            raise
    connection.exec_driver_sql("start transaction with consistent snapshot, read only")


def failure(error: BaseException) -> Failure:
    """Classifies an error by its number."""
    from pymysql.err import InterfaceError

    number = _number(error)
    if number in _TIMED_OUT:
        return Failure.TIMED_OUT
    if number in _NOT_LET_IN:
        return Failure.NOT_LET_IN
    # An interface error: the connection is closed already.
    return Failure.TRANSIENT if number in _TRANSIENT or isinstance(error, InterfaceError) else Failure.REFUSED


def _number(error: BaseException | None) -> int | None:
    number = error.args[0] if error is not None and error.args else None
    return number if isinstance(number, int) else None


def column_kind(cursor: Any, number: int) -> ColumnKind:
    """Returns how a column becomes text. Only the character set tells a BLOB from a TEXT."""
    from pymysql.connections import TEXT_TYPES
    from pymysql.constants import FIELD_TYPE

    field = cursor._result.fields[number]
    if field.type_code == FIELD_TYPE.BIT:
        return ColumnKind.BITS
    if field.type_code in TEXT_TYPES - {FIELD_TYPE.BIT} and field.charsetnr == _BINARY_CHARSET:
        return ColumnKind.BINARY
    return ColumnKind.PLAIN


def prepare_cursor(cursor: Any, is_text: bool, zone: ZoneInfo) -> None:
    """Makes a cursor return numbers with a fraction, dates and times as the server writes them, or as Python's values."""
    from pymysql.converters import decoders

    cursor.connection.decoders = {**decoders, **_text_decoders(zone)} if is_text else decoders


def _text_decoders(zone: ZoneInfo) -> dict[int, Callable[[str], str]]:
    from pymysql.constants import FIELD_TYPE

    numbers = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE)
    days_and_times = (FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE, FIELD_TYPE.TIME)
    texts: dict[int, Callable[[str], str]] = dict.fromkeys((*numbers, *days_and_times), str)
    return {**texts, **dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), partial(_iso_datetime, zone))}


def _iso_datetime(zone: ZoneInfo, text: str) -> str:
    """`2023-06-03 10:00:00` -> `2023-06-03T10:00:00`; a TIMESTAMP is in the session's time zone, which is the same."""
    return localized(text.replace(" ", "T"), zone)


MYSQL = DatabaseMake(
    name="MySQL or MariaDB",
    schemes=("mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql"),
    drivername="mysql+pymysql",
    module="pymysql",
    extra="mysql",
    isolation_level="REPEATABLE READ",
    connect_arguments=connect_arguments,
    begin=begin,
    failure=failure,
    column_kind=column_kind,
    prepare_cursor=prepare_cursor,
    has_server_cursors=True,
)
