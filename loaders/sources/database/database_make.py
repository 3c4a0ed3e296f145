"""What distinguishes one make of database from another. Each module of `makes` fills in one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa


class Failure(Enum):
    """What an error of a driver means for the pull."""

    TRANSIENT = "the connection broke or the server is busy: a later attempt may succeed"
    TIMED_OUT = "the statement took too long"
    NOT_LET_IN = "user, password or database are wrong"
    REFUSED = "the server cannot do what the statement asks"


class ColumnKind(Enum):
    """How the values of a column become text."""

    PLAIN = "as the driver gives them"
    PADDED = "without the blanks that fill up a CHAR"
    BITS = "bytes that are a number"
    ZONED = "by the server, because the driver drops the time zone"
    BINARY = "not at all"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What each session is told: after how many seconds a statement ends, and the time zone of times without an offset."""

    timeout: float
    zone: ZoneInfo


def no_preparation(driver: Any, settings: SessionSettings) -> None:
    """Leaves a connection as it is."""


def plain_cursor(cursor: Any, is_text: bool, zone: ZoneInfo) -> None:
    """Leaves a cursor as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseMake:
    """One make of database.

    `drivername` is the dialect and the driver for SQLAlchemy, `module` the driver's module, `extra` the extra of this project
    that installs it (None: always installed). `begin` is called once per connection, before anything is read: it makes the
    session read-only, limits its statements and takes the snapshot, as far as the make can. `prepare` is called with the driver's
    connection before SQLAlchemy uses it, `prepare_cursor` before each statement. `column_kind` takes an item of a cursor's
    description (with the cursor). `abort` breaks a connection whose server hangs; None: the driver has a time-out of its own.
    """

    name: str
    schemes: tuple[str, ...]
    drivername: str
    module: str
    extra: str | None
    connect_arguments: Callable[[SessionSettings], Mapping[str, Any]]
    begin: Callable[[sa.Connection, SessionSettings], None]
    failure: Callable[[BaseException], Failure]
    column_kind: Callable[[Any, int], ColumnKind]
    isolation_level: str | None = None
    prepare: Callable[[Any, SessionSettings], None] = no_preparation
    prepare_cursor: Callable[[Any, bool, ZoneInfo], None] = plain_cursor
    abort: Callable[[Any], None] | None = None
    # A failed statement ends the transaction, so each one needs a savepoint.
    needs_savepoints: bool = False
    # Rows are fetched page by page from the server; otherwise the driver itself reads them from the connection.
    has_server_cursors: bool = False
    newest: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]] = sa.func.max
    # The text of a whole row, to order rows that the contract's order leaves equal; None: the client orders them.
    row_text: Callable[[str], sa.ColumnElement[Any]] | None = None
    zoned_text: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]] | None = None
