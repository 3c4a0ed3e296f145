"""Connections to PostgreSQL, from the URLs that people and schedulers write."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

Connection = psycopg.Connection[DictRow]

_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"})


class WarehouseError(RuntimeError):
    """A warehouse that cannot be used; the message says what was expected, what was found, and the next step."""


def plain_url(url: str) -> str:
    """Returns the URL as libpq reads it, `postgresql://…`, whatever driver it names.

    Raises:
        WarehouseError: the URL is none of PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise WarehouseError(f'expected a postgresql:// URL for the warehouse, found one that begins with "{parts.scheme}://"')
    return urlunsplit(parts._replace(scheme="postgresql"))


def driver_url(url: str) -> str:
    """Returns the same URL for SQLAlchemy, with psycopg 3 as its driver."""
    return plain_url(url).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def connect(url: str, **options: Any) -> Iterator[Connection]:
    """Opens a connection for one transaction, which an exception rolls back."""
    with psycopg.connect(plain_url(url), row_factory=dict_row, application_name="huimin", **options) as connection:
        yield connection


class PersistentConnection:
    """A connection that is reused by the next transaction, because opening one costs more than most queries.

    Two transactions at the same time get a connection each. The connections are closed with this object, but never by a forked
    child. psycopg_pool does not serve here: its pool retries a refused connection in a thread until a timeout, where a wrong URL
    or password must fail at once with the server's own message.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        kept = _Kept.connections
        if kept is None:
            self._idle: list[Connection] = []
            weakref.finalize(self, _close_all, self._idle, os.getpid())
        else:
            self._idle = kept.setdefault((os.getpid(), url), [])

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Opens a transaction, which an exception rolls back."""
        connection = self._take() or psycopg.connect(plain_url(self._url), row_factory=dict_row, application_name="huimin")
        try:
            with connection.transaction():
                yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _take(self) -> Connection | None:
        """Returns an idle connection, unless its server has gone meanwhile."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                # Asked before, the list could be emptied by another thread in between.
                return None
            try:
                connection.execute("select 1")
                connection.rollback()
            except psycopg.OperationalError:
                connection.close()
            else:
                return connection


class _Kept:
    """The idle connections of the command that runs, by process and address, if it keeps them."""

    connections: dict[tuple[int, str], list[Connection]] | None = None


@contextmanager
def keep_connections() -> Iterator[None]:
    """Lets all `PersistentConnection`s that are made meanwhile share their idle connections, until the end.

    For a command of many stages: each new connection costs the server as much as dozens of queries.
    """
    outer, _Kept.connections = _Kept.connections, {}
    try:
        yield
    finally:
        kept, _Kept.connections = _Kept.connections, outer
        for (process, _), connections in kept.items():
            _close_all(connections, process)


def _close_all(connections: list[Connection], process: int) -> None:
    if os.getpid() == process:
        for connection in connections:
            connection.close()


def fetch_all(connection: Connection, query: str | sql.Composed, parameters: Any = None) -> list[dict[str, Any]]:
    """Returns all rows of a query, as dictionaries."""
    return connection.execute(query, parameters).fetchall()


def fetch_one(connection: Connection, query: str | sql.Composed, parameters: Any = None) -> dict[str, Any] | None:
    """Returns the first row of a query, or None."""
    return connection.execute(query, parameters).fetchone()
