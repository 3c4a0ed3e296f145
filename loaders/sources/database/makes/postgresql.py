"""PostgreSQL, by psycopg."""

from __future__ import annotations

import os
import re
import socket
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings
from loaders.sources.database.text_loaders import as_text

_ENDED_BY_TIMEOUT = "57014"
_TRANSIENT_SQLSTATES = ("08", "40", "53", "57P")
# Only the text of a refused connection says why. A server that is starting, stopping or full will accept us later; any other
# FATAL (in the server's language) is permanent, and a retry could lock the account.
_REFUSED = re.compile(r"FATAL|致命错误")
_REFUSED_TEMPORARILY = re.compile(r"starting up|shutting down|recovery|too many|connection slots")
_BYTEA = 17
_BPCHAR = 1042


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Returns the options of a read-only session with a limit on each statement."""
    options = (
        f"-c statement_timeout={int(settings.timeout * 1000)} -c default_transaction_read_only=on -c timezone={settings.zone.key}"
    )
    return {"connect_timeout": max(1, int(settings.timeout)), "options": options}


def begin(connection: sa.Connection, settings: SessionSettings) -> None:
    """Sends nothing: options and isolation level make the session read-only and its transaction a snapshot."""


def failure(error: BaseException) -> Failure:
    """Classifies an error by its SQLSTATE; a refused connection has none."""
    state = getattr(error, "sqlstate", None)
    if state is not None:
        if state == _ENDED_BY_TIMEOUT:
            return Failure.TIMED_OUT
        return Failure.TRANSIENT if state.startswith(_TRANSIENT_SQLSTATES) else Failure.REFUSED
    from psycopg import OperationalError

    if not isinstance(error, OperationalError):
        return Failure.REFUSED
    reason = str(error)
    return Failure.NOT_LET_IN if _REFUSED.search(reason) and not _REFUSED_TEMPORARILY.search(reason) else Failure.TRANSIENT


def column_kind(cursor: Any, number: int) -> ColumnKind:
    """Returns how a column becomes text."""
    return {_BYTEA: ColumnKind.BINARY, _BPCHAR: ColumnKind.PADDED}.get(cursor.description[number].type_code, ColumnKind.PLAIN)


def prepare_cursor(cursor: Any, is_text: bool, zone: ZoneInfo) -> None:
    """Makes a cursor return values as the server writes them."""
    if is_text:
        as_text(cursor, zone)


def abort(driver: Any) -> None:
    """Breaks the connection of a server that neither answers nor ends the statement."""
    if not driver.closed:
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def newest(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Returns the newest time. One row dated `infinity` must not hide the changes of its period."""
    return sa.func.max(column).filter(sa.func.isfinite(column))


def row_text(alias: str) -> sa.ColumnElement[Any]:
    """Returns the text of a whole row."""
    return sa.cast(sa.column(sa.sql.quoted_name(alias, True)), sa.Text)


POSTGRESQL = DatabaseMake(
    name="PostgreSQL",
    schemes=("postgresql", "postgres", "postgresql+psycopg"),
    drivername="postgresql+psycopg",
    module="psycopg",
    extra=None,
    isolation_level="REPEATABLE READ",
    connect_arguments=connect_arguments,
    begin=begin,
    failure=failure,
    column_kind=column_kind,
    prepare_cursor=prepare_cursor,
    abort=abort,
    needs_savepoints=True,
    has_server_cursors=True,
    newest=newest,
    row_text=row_text,
)
