"""Reads rows of another system's database: read-only, in one snapshot, with a deadline, retried when the connection breaks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from loaders.sources.database.database_make import DatabaseMake, Failure, SessionSettings
from loaders.sources.database.registry import make_of, open_engine
from loaders.sources.database.view_columns import ViewColumn, described_columns
from loaders.sources.deadline import abort_after, call_within
from loaders.sources.errors import SourceError
from loaders.sources.retry import TransientError, with_retries

Result = TypeVar("Result")
Rows = Iterator[Sequence[Any]]

_PAGE_ROWS = 2_000
# OSError: not every driver wraps what its socket raises.
_DRIVER_ERRORS = (sa.exc.DBAPIError, OSError)


class SnapshotReader:
    """Reads from one database. `compare` says, for messages, what of the contract must agree with it."""

    def __init__(self, connection: str, url: str, settings: SessionSettings, *, compare: str) -> None:
        self.make: DatabaseMake = make_of(connection, url)
        self.connection = connection
        self._compare = compare
        self._settings = settings
        self._engine = open_engine(connection, url, self.make, settings)
        self._driver: Any = None
        sa.event.listen(self._engine, "do_connect", self._connect)
        sa.event.listen(self._engine, "before_cursor_execute", self._prepare_cursor)

    def in_snapshot(self, use: Callable[[Snapshot], Result]) -> Result:
        """Returns the result of `use` on one snapshot; it is called again, with another snapshot, when the connection breaks.

        The transaction ends with it, so that the other system's tables are locked against changes of their owner only briefly.

        Raises:
            SourceError: the server cannot be reached or does not let us in, or gives no answer in time.
        """

        def attempt() -> Result:
            connection = self._open()
            # Errors of reading are translated where they name what was read; this is for ending the transaction.
            with self._translated_errors(SourceError):
                try:
                    return use(Snapshot(self, connection))
                finally:
                    with self._with_deadline():
                        connection.close()

        try:
            return with_retries(attempt)
        except TransientError as failure:
            raise SourceError(
                self.connection, str(failure), next_step="check that the server runs; the next run tries again"
            ) from None

    def read(self, connection: sa.Connection, query: sa.Select[Any], refused_as: type[SourceError], is_text: bool) -> Rows:
        """See `Snapshot.read`."""
        with self._translated_errors(refused_as), self._savepoint(connection):
            result = self._execute(connection, query, is_text)
            pages = result.partitions(_PAGE_ROWS)
            while True:
                with self._with_deadline():
                    page = next(pages, None)
                if page is None:
                    return
                yield from page

    def describe(self, connection: sa.Connection, query: sa.Select[Any]) -> tuple[ViewColumn, ...]:
        """See `Snapshot.describe`."""
        with self._translated_errors(SourceError), self._savepoint(connection):
            result = self._execute(connection, query, is_text=False)
            columns = described_columns(result.cursor, self.make)
            with self._with_deadline():
                result.close()
        return columns

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def _open(self) -> sa.Connection:
        with self._translated_errors(SourceError, is_connecting=True), self._with_deadline():
            connection = self._engine.connect()
            try:
                self.make.begin(connection, self._settings)
            except BaseException:
                connection.close()
                raise
            return connection

    def _execute(self, connection: sa.Connection, query: sa.Select[Any], is_text: bool) -> sa.CursorResult[Any]:
        options: dict[str, Any] = {"is_text": is_text, "stream_results": self.make.has_server_cursors}
        if self.make.has_server_cursors:
            options["max_row_buffer"] = _PAGE_ROWS
        with self._with_deadline():
            return connection.execute(query, execution_options=options)

    @contextmanager
    def _savepoint(self, connection: sa.Connection) -> Iterator[None]:
        """Keeps a query that the server refuses from ending the transaction in which the others are read."""
        if not self.make.needs_savepoints:
            yield
            return
        with self._with_deadline():
            savepoint = connection.begin_nested()
        try:
            yield
        except BaseException:
            with self._with_deadline():
                savepoint.__exit__(*sys.exc_info())
            raise
        with self._with_deadline():
            savepoint.commit()

    def _connect(self, dialect: sa.Dialect, record: Any, arguments: Any, options: Any) -> Any:  # noqa: ARG002 - an event's form
        """Registers the connection before SQLAlchemy uses it, because SQLAlchemy queries it before handing it out."""
        if self.make.abort is not None:
            self._driver = dialect.connect(*arguments, **options)
        else:
            # Not every driver limits the whole of a login: a host may take the call and then say nothing.
            self._driver = call_within(2 * self._settings.timeout, lambda: dialect.connect(*arguments, **options))
        self.make.prepare(self._driver, self._settings)
        return self._driver

    def _prepare_cursor(
        self,
        connection: sa.Connection,  # noqa: ARG002 - an event's form
        cursor: Any,
        statement: str,  # noqa: ARG002
        parameters: Any,  # noqa: ARG002
        context: Any,
        executemany: bool,  # noqa: ARG002
    ) -> None:
        is_text = context is not None and bool(context.execution_options.get("is_text"))
        self.make.prepare_cursor(cursor, is_text, self._settings.zone)

    @contextmanager
    def _translated_errors(self, refused_as: type[SourceError], *, is_connecting: bool = False) -> Iterator[None]:
        """Translates errors of the driver; transient ones are retried."""
        try:
            yield
        except _DRIVER_ERRORS as error:
            original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            reason = _reason(original)
            meaning = self._meaning(original)
            # A login that takes too long says nothing about the view.
            if meaning is Failure.TRANSIENT or (meaning is Failure.TIMED_OUT and is_connecting):
                raise TransientError(reason) from None
            raise self._refusal(meaning, reason, refused_as) from None

    def _meaning(self, error: BaseException | None) -> Failure:
        match error:
            case TimeoutError():
                return Failure.TIMED_OUT
            case OSError():
                return Failure.TRANSIENT
            case None:
                return Failure.REFUSED
        return self.make.failure(error)

    @contextmanager
    def _with_deadline(self) -> Iterator[None]:
        """Aborts what the server does not end: it cancels a slow statement itself, but cannot notice that it hangs."""

        def abort() -> None:
            if self._driver is not None and self.make.abort is not None:
                self.make.abort(self._driver)

        with abort_after(2 * self._settings.timeout, None if self.make.abort is None else abort):
            yield

    def _refusal(self, meaning: Failure, reason: str, kind: type[SourceError]) -> SourceError:
        if meaning is Failure.TIMED_OUT:
            what = f"no answer within {self._settings.timeout:g} s ({reason})"
            return SourceError(self.connection, what, next_step="ask the owner of the system for an index, or a quieter hour")
        if meaning is Failure.NOT_LET_IN:
            return SourceError(self.connection, reason, next_step="check user, password and database")
        return kind(self.connection, reason, next_step=f"compare {self._compare}")


class Snapshot:
    """One state of a database: everything read from it was true at one moment."""

    def __init__(self, reader: SnapshotReader, connection: sa.Connection) -> None:
        self._reader = reader
        self._connection = connection

    def read(self, query: sa.Select[Any], *, refused_as: type[SourceError], is_text: bool = False) -> Rows:
        """Returns the rows of a query; with `is_text`, with exact values, as far as the driver can give them.

        Raises:
            SourceError: the server gives no answer in time; `refused_as` when it cannot do what the query asks.
            TransientError: the line broke.
        """
        return self._reader.read(self._connection, query, refused_as, is_text)

    def describe(self, query: sa.Select[Any]) -> tuple[ViewColumn, ...]:
        """Returns the columns of a query.

        Raises:
            SourceError: the server cannot do what the query asks.
            TransientError: the line broke.
        """
        return self._reader.describe(self._connection, query)


def _reason(error: BaseException | None) -> str:
    """Returns the first line of an error's text; PyMySQL gives a number and a text."""
    match () if error is None or isinstance(error, OSError) else error.args:
        case (int(number), str(text)):
            reason = f"{text} ({number})"
        case _:
            reason = str(error)
    return next(iter(reason.strip().splitlines()), type(error).__name__)
