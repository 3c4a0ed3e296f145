"""A view, a table or a query of another system's database.

A submission replaces its whole period, so each period with a change is pulled whole. The row count and the newest update time of
every period are compared with the ledger: a row that was committed late or deleted changes the count although the newest update
time stays. A change that keeps both is found by a full comparison, which pulls every period. All periods of a pull are read in
one snapshot. The same data give the same bytes.

With `window_days`, the periods of these days are pulled whatever their state; without periods, a pull brings only the rows that
were updated since the watermark less these days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from loaders.contract import Database, Report
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.sources.database.database_make import SessionSettings
from loaders.sources.database.document_states import DocumentState, StateReader, ViewState
from loaders.sources.database.queries import ViewQueries
from loaders.sources.database.row_spool import RowSpool
from loaders.sources.database.snapshots import Snapshot, SnapshotReader
from loaders.sources.database.stable_order import with_stable_order
from loaders.sources.database.update_values import NEVER, utc_time
from loaders.sources.database.view_columns import (
    BinaryValueError,
    RowTexts,
    ViewColumn,
    column_error,
    selected_columns,
)
from loaders.sources.errors import DocumentError, SourceError, StillChanging
from loaders.sources.update_times import is_settled, not_before_known


class DatabaseSource:
    """One view or query; a document is one period of it, all of it, or its rows since a watermark."""

    def __init__(self, report: Report, source: Database, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        field = f"source.relation ({source.relation})" if source.relation else "source.query"
        compare = f"{field} of the contract of {report.report} with the database; names are taken exactly as written"
        self._reader = SnapshotReader(source.connection, url, SessionSettings(timeout, source.zone), compare=compare)
        self._queries = ViewQueries(source, self._reader.make)
        self._states = StateReader(report, source, self._queries)
        self._place = f"{source.connection}:{source.relation or f'query:{report.report}'}"
        self._pulled = RowSpool()

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Returns one document for each period whose state the ledger does not know (or that is chosen, or all of them).

        The size of a document is its row count. The cursor is the newest update time; only a window begins at it.
        """
        is_all = is_full or only is not None
        since = None if is_all or not self._source.is_incremental else self._since(cursor)

        def read(snapshot: Snapshot) -> tuple[ViewState, list[RemoteDocument]]:
            columns = self._columns(snapshot)
            view = self._states.read(snapshot, since, only)
            self._pulled.clear()
            wanted = []
            for state in view.documents:
                document = self._remote_document(state, known_versions, is_all=is_all)
                if self._is_wanted(document, state, known_versions, only, is_all=is_all):
                    self._pull_rows(snapshot, document, state, columns)
                    wanted.append(document)
            return view, wanted

        view, documents = self._reader.in_snapshot(read)
        is_present = only is None and view.is_whole
        return Pull(
            self._cursor_to(cursor, view),
            tuple(documents),
            unmatched=tuple(self._place + place for place in view.unmatched),
            place=self._place,
            present=frozenset(self._place + state.place for state in view.documents) if is_present else None,
        )

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the period's rows as JSON lines, in the contract's order; all but integers and booleans as text.

        Raises:
            DocumentError: the server could not give these rows.
        """
        self._pulled.copy(remote_document.uri, target)

    def close(self) -> None:
        """Closes the connections and deletes the pulled rows."""
        self._reader.close()
        self._pulled.close()

    def _columns(self, snapshot: Snapshot) -> tuple[ViewColumn, ...]:
        """Returns the view's columns.

        Raises:
            SourceError: the contract names a column that is not there, or one is binary.
        """
        columns = snapshot.describe(self._queries.none(self._states.any_values()))
        error = column_error(self._source, columns, self._report.ignored_headers)
        if error is not None:
            next_step = f"compare the contract of {self._report.report} with {self._source.relation or 'the query'}"
            raise SourceError(self._source.connection, error, next_step=next_step)
        return columns

    def _remote_document(self, state: DocumentState, known_versions: Collection[KnownVersion], *, is_all: bool) -> RemoteDocument:
        uri = self._place + state.place
        newest = state.newest
        if newest is None:
            # Without update times, a document is as it was when its row count is.
            known = next((one for one in known_versions if one.uri == uri and one.size == state.rows), None)
            newest = known.modified_at if known and not is_all else dt.datetime.now(dt.UTC)
        modified_at = not_before_known(newest, uri, known_versions)
        return RemoteDocument(self._report.report, uri, modified_at, state.rows, self._report.units[0], state.period)

    def _is_wanted(
        self,
        document: RemoteDocument,
        state: DocumentState,
        known_versions: Collection[KnownVersion],
        only: Selection | None,
        *,
        is_all: bool,
    ) -> bool:
        if only is not None and not only.includes(document.uri, document.unit, document.period):
            return False
        start = self._states.window_start()
        is_in_window = start is not None and (state.period is None or state.period.end >= start)
        is_fresh = state.newest is not None and not is_settled(document.modified_at)
        is_known = KnownVersion(document.uri, document.size, document.modified_at) in known_versions
        return is_all or is_in_window or is_fresh or not is_known

    def _pull_rows(
        self, snapshot: Snapshot, document: RemoteDocument, state: DocumentState, columns: Sequence[ViewColumn]
    ) -> None:
        query = self._queries.documents(state.chosen, selected_columns(columns, self._reader.make))
        rows = map(RowTexts(columns, self._source.zone), snapshot.read(query, is_text=True, refused_as=DocumentError))
        ordered = rows if self._reader.make.row_text is not None else with_stable_order(rows, self._source.order_by)
        self._pulled.write(document.uri, self._checked(ordered, document))

    def _checked(self, rows: Iterator[Any], document: RemoteDocument) -> Iterator[Any]:
        """Returns the rows.

        Raises:
            StillChanging: they are more or fewer than were counted, as where a server takes no snapshot.
            DocumentError: one holds bytes.
        """
        count = 0
        try:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number counts
                yield row
        except BinaryValueError as error:
            raise DocumentError(
                self._source.connection, f'column "{error}" is binary', next_step="leave it out by source.query"
            ) from None
        if count != document.size:
            raise StillChanging(self._source.connection, document.uri)

    def _since(self, cursor: str | None) -> dt.date | None:
        """Returns the first day of the rows that a pull brings; None before the first load."""
        if cursor is None:
            return None
        # One row dated in the future must not hide the changes of all others.
        reached = min(utc_time(cursor, self._source.zone), dt.datetime.now(dt.UTC))
        return reached.astimezone(self._source.zone).date() - dt.timedelta(days=self._source.window_days or 0)

    def _cursor_to(self, cursor: str | None, view: ViewState) -> str | None:
        # The next window begins at the watermark, which must not pass rows that could not be had.
        if self._source.is_incremental and self._pulled.has_errors:
            return cursor
        times = [state.newest.isoformat() for state in view.documents if state.newest is not None and state.newest != NEVER]
        return max([*times, *filter(None, [cursor])], default=None)
