"""DM (达梦), by dmPython with a dialect of our own: dmSQLAlchemy does not import beside SQLAlchemy 2.1."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect

from loaders.sources.database.database_make import ColumnKind, DatabaseMake, Failure, SessionSettings

# `[CODE:-70028]Create SOCKET connection failure`
_CODE = re.compile(r"\[CODE:(-?\d+)\]")
_WRONG_PASSWORD = -2501
# No connection, or one that was lost. The driver has no code of its own for a statement that takes too long.
_TRANSIENT = frozenset({-6001, -6007, -70019, -70028})


class DamengDialect(DefaultDialect):
    """Standard SQL with names in double quotes, which is all that reading takes."""

    name = "dm"
    driver = "dmPython"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """Returns the driver."""
        import dmPython

        return dmPython

    def create_connect_args(self, url: sa.URL) -> Any:
        """Returns the driver's arguments for a URL. The path names the schema, as `?schema=` does."""
        arguments: dict[str, Any] = {"user": url.username, "password": url.password, "server": url.host, "port": url.port or 5236}
        if url.database:
            arguments["schema"] = url.database
        return (), {name: value for name, value in (arguments | dict(url.query)).items() if value is not None}


registry.register("dm.dmPython", __name__, DamengDialect.__name__)


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Returns a read-only session of serializable transactions, each of which is a snapshot, with the driver's time-outs."""
    import dmPython as driver

    seconds = max(1, int(settings.timeout))
    return {
        "login_timeout": seconds,
        "connection_timeout": seconds,
        "access_mode": driver.DSQL_MODE_READ_ONLY,
        "txn_isolation": driver.ISO_LEVEL_SERIALIZABLE,
        "autoCommit": driver.DSQL_AUTOCOMMIT_OFF,
        "local_code": driver.PG_UTF8,
    }


def begin(connection: sa.Connection, settings: SessionSettings) -> None:
    """Sends nothing: the connection's attributes make the session read-only and its transaction a snapshot."""


def failure(error: BaseException) -> Failure:
    """Classifies an error by its code."""
    match = _CODE.search(str(error))
    code = int(match[1]) if match else 0
    if code == _WRONG_PASSWORD:
        return Failure.NOT_LET_IN
    return Failure.TRANSIENT if code in _TRANSIENT else Failure.REFUSED


def column_kind(cursor: Any, number: int) -> ColumnKind:
    """Returns how a column becomes text."""
    import dmPython as driver

    found = cursor.description[number][1]
    if found in (driver.BLOB, driver.BFILE, driver.BINARY, driver.FIXED_BINARY, driver.LONG_BINARY):
        return ColumnKind.BINARY
    return ColumnKind.PADDED if found is driver.FIXED_STRING else ColumnKind.PLAIN


DAMENG = DatabaseMake(
    name="DM",
    schemes=("dm", "dameng", "dm+dmPython"),
    drivername="dm+dmPython",
    module="dmPython",
    extra="dameng",
    connect_arguments=connect_arguments,
    begin=begin,
    failure=failure,
    column_kind=column_kind,
)
