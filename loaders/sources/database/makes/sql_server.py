"""SQL Server, by python-tds, which is Python throughout."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings

_ALLOWS_SNAPSHOTS = "select snapshot_isolation_state from sys.databases where name = db_name()"
_NOT_LET_IN = frozenset({4060, 18450, 18451, 18452, 18456, 18470, 18486, 18487, 18488})
# A deadlock, a lock; full, starting or stopping; a snapshot that another transaction ended.
_TRANSIENT = frozenset({617, 701, 921, 1204, 1205, 1222, 3960, 6005, 8645, 8651, 10053, 10054, 10060, 17142, 17197, 40501, 40613})
_BINARY = frozenset({34, 37, 45, 165, 173, 240})
_PADDED = frozenset({47, 175, 239})


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Returns the driver's time-outs, for the login and for each statement."""
    return {"login_timeout": settings.timeout, "timeout": settings.timeout}


def begin(connection: sa.Connection, settings: SessionSettings) -> None:
    """Takes a snapshot where the database allows it. Without one, a document whose rows changed meanwhile is left for later.

    SQL Server has no read-only session: the login may only read.
    """
    connection.exec_driver_sql(f"set lock_timeout {int(settings.timeout * 1000)}")
    if connection.exec_driver_sql(_ALLOWS_SNAPSHOTS).scalar() == 1:
        connection.exec_driver_sql("set transaction isolation level snapshot")
    # An isolation level holds from the next transaction on.
    connection.commit()


def failure(error: BaseException) -> Failure:
    """Classifies an error by its number."""
    from pytds import tds_base

    number = getattr(error, "msg_no", 0) or getattr(error, "number", 0)
    if isinstance(error, tds_base.LoginError) or number in _NOT_LET_IN:
        return Failure.NOT_LET_IN
    is_lost = isinstance(error, tds_base.ClosedConnectionError)
    return Failure.TRANSIENT if is_lost or number in _TRANSIENT else Failure.REFUSED


def column_kind(cursor: Any, number: int) -> ColumnKind:
    """Returns how a column becomes text, by the type number of the protocol."""
    found = cursor.description[number][1]
    if found in _BINARY:
        return ColumnKind.BINARY
    return ColumnKind.PADDED if found in _PADDED else ColumnKind.PLAIN


SQL_SERVER = DatabaseMake(
    name="SQL Server",
    schemes=("mssql", "sqlserver", "mssql+pytds"),
    drivername="mssql+pytds",
    module="sqlalchemy_pytds",
    extra="sqlserver",
    connect_arguments=connect_arguments,
    begin=begin,
    failure=failure,
    column_kind=column_kind,
)
