"""Reads rows of another system's PostgreSQL: read-only, in one snapshot, with a deadline, retried when the connection breaks."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from loaders.sources.connections import parse_connection_url
from loaders.sources.database.text_loaders import as_text
from loaders.sources.deadline import abort_after
from loaders.sources.errors import SourceError
from loaders.sources.retry import TransientError, with_retries

Result = TypeVar("Result")
Rows = Iterator[dict[str, Any]]

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_PAGE_ROWS = 2_000
_ENDED_BY_TIMEOUT = "57014"
_TRANSIENT_SQLSTATES = ("08", "40", "53", "57P")
# Only the text of a refused connection says why. A server that is starting, stopping or full will accept us later; any other
# FATAL (in the server's language) is permanent, and a retry could lock the account.
_REFUSED = re.compile(r"FATAL|致命错误")
_REFUSED_TEMPORARILY = re.compile(r"starting up|shutting down|recovery|too many|connection slots")


class SnapshotReader:
    """Reads from one database. `of` names, for messages, what is read and what it must agree with."""

    def __init__(self, connection: str, url: str, timeout: float, *, of: str) -> None:
        parse_connection_url(connection, url, _SCHEMES)
        self._connection = connection
        self._of = of
        self._timeout = timeout
        options = f"-c statement_timeout={int(timeout * 1000)} -c default_transaction_read_only=on -c timezone=Asia/Shanghai"
        self._engine = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"),
            poolclass=sa.NullPool,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": max(1, int(timeout)), "options": options},
        )
        self._driver: Any = None
        sa.event.listen(self._engine, "do_connect", self._connect)
        sa.event.listen(self._engine, "before_cursor_execute", _apply_text_only)

    def in_snapshot(self, use: Callable[[Snapshot], Result]) -> Result:
        """Returns the result of `use` on one snapshot; it is called again, with another snapshot, when the connection breaks.

        The transaction ends with it, so that the other system's tables are locked against changes of their owner only briefly.

        Raises:
            SourceError: the server cannot be reached or does not let us in, or gives no answer in time.
        """

        def attempt() -> Result:
            with self._translated_errors(SourceError):
                with self._with_deadline():
                    connection = self._engine.connect()
                try:
                    return use(Snapshot(self, connection))
                finally:
                    with self._with_deadline():
                        connection.close()

        try:
            return with_retries(attempt)
        except TransientError as failure:
            raise SourceError(
                self._connection, str(failure), next_step="check that the server runs; the next run tries again"
            ) from None

    def read(self, connection: sa.Connection, query: sa.Select[Any], refused_as: type[SourceError], text_only: bool) -> Rows:
        """See `Snapshot.read`."""
        # A query that the server refuses must not end the transaction in which the others are read.
        with self._translated_errors(refused_as), connection.begin_nested():
            with self._with_deadline():
                result = connection.execute(query, execution_options={"yield_per": _PAGE_ROWS, "text_only": text_only})
            pages = result.mappings().partitions()
            while True:
                with self._with_deadline():
                    page = next(pages, None)
                if page is None:
                    return
                yield from map(dict, page)

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def _connect(self, dialect: sa.Dialect, record: Any, arguments: Any, options: Any) -> Any:  # noqa: ARG002 - an event's form
        """Registers the connection before SQLAlchemy uses it, because SQLAlchemy queries it before handing it out."""
        self._driver = dialect.connect(*arguments, **options)
        return self._driver

    @contextmanager
    def _translated_errors(self, refused_as: type[SourceError]) -> Iterator[None]:
        """Translates errors of the driver; transient ones are retried."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            reason = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
            state = getattr(error.orig, "sqlstate", None)
            if _is_transient(error, state, reason):
                raise TransientError(reason) from None
            raise self._refusal(error, state, reason, refused_as) from None

    @contextmanager
    def _with_deadline(self) -> Iterator[None]:
        """Aborts what the server does not end: it cancels a slow statement itself, but cannot notice that it hangs."""

        def abort() -> None:
            if self._driver is not None and not self._driver.closed:
                with socket.socket(fileno=os.dup(self._driver.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)

        with abort_after(2 * self._timeout, abort):
            yield

    def _refusal(self, error: sa.exc.DBAPIError, state: str | None, reason: str, kind: type[SourceError]) -> SourceError:
        if state == _ENDED_BY_TIMEOUT:
            what = f"no answer within {self._timeout:g} s ({reason})"
            return SourceError(self._connection, what, next_step="ask the owner of the system for an index, or a quieter hour")
        if state is None and isinstance(error, sa.exc.OperationalError):
            return SourceError(self._connection, reason, next_step="check user, password and database")
        return kind(self._connection, reason, next_step=f"compare {self._of}")


class Snapshot:
    """One state of a database: everything read from it was true at one moment."""

    def __init__(self, rows: SnapshotReader, connection: sa.Connection) -> None:
        self._rows = rows
        self._connection = connection

    def read(self, query: sa.Select[Any], *, refused_as: type[SourceError], text_only: bool = False) -> Rows:
        """Returns the rows of a query; with `text_only`, all but integers and booleans as text, exactly as the server has them.

        Raises:
            SourceError: the server gives no answer in time; `refused_as` when it cannot do what the query asks.
            TransientError: the line broke.
        """
        return self._rows.read(self._connection, query, refused_as, text_only)


def _apply_text_only(
    connection: sa.Connection,  # noqa: ARG001 - an event's form
    cursor: Any,
    statement: str,  # noqa: ARG001
    parameters: Any,  # noqa: ARG001
    context: Any,
    executemany: bool,  # noqa: ARG001
) -> None:
    if context is not None and context.execution_options.get("text_only"):
        as_text(cursor)


def _is_transient(error: sa.exc.DBAPIError, state: str | None, reason: str) -> bool:
    if state is not None:
        return state.startswith(_TRANSIENT_SQLSTATES)
    is_refused = _REFUSED.search(reason) and not _REFUSED_TEMPORARILY.search(reason)
    return isinstance(error, sa.exc.OperationalError) and not is_refused
