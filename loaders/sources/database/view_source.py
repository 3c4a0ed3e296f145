"""A read-only view of a front-end machine.

A submission replaces its whole period, so each period with a change is pulled whole. The row count and the newest update time of
every period are compared with the ledger: a row that was committed late or deleted changes the count although the newest update
time stays. A change that keeps both is found by a full comparison, which pulls every period. All periods of a pull are read in
one snapshot. The same data give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import sqlalchemy as sa

from loaders.contract import Database, Report
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.period import Period, parse_period
from loaders.sources.database.row_spool import RowSpool
from loaders.sources.database.snapshots import Snapshot, SnapshotReader
from loaders.sources.errors import DocumentError, SourceError, printable
from loaders.sources.update_times import is_settled, not_before_known, to_utc

_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class _PeriodStates:
    """Row count and newest change per period, the values that name each period, and the values that name none."""

    periods: dict[Period | None, tuple[int, dt.datetime]] = field(default_factory=dict)
    values: dict[Period | None, list[Any]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


class DatabaseSource:
    """One view; a document is one period of it, or the whole view."""

    def __init__(self, report: Report, source: Database, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        self._rows = SnapshotReader(source.connection, url, timeout, of=f"{source.relation} with the contract of {report.report}")
        schema, _, name = source.relation.rpartition(".")
        self._view = sa.table(name, schema=schema or None)
        self._place = f"{source.connection}:{source.relation}"
        self._pulled = RowSpool()

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Returns one document for each period whose state the ledger does not know (or that is chosen, or all of them).

        The size of a document is its row count. The cursor is only the latest update time, for people to read.
        """
        known = frozenset(known_versions) if only is None and not is_full else frozenset()

        def is_wanted(remote_document: RemoteDocument) -> bool:
            is_new = KnownVersion(
                remote_document.uri, remote_document.size, remote_document.modified_at
            ) not in known or not is_settled(remote_document.modified_at)
            return is_new and (only is None or only.includes(remote_document.uri, remote_document.unit, remote_document.period))

        def read(snapshot: Snapshot) -> tuple[_PeriodStates, list[RemoteDocument]]:
            states = self._states(snapshot)
            wanted = list(filter(is_wanted, self._remote_documents(states, known_versions)))
            self._pulled.clear()
            for remote_document in wanted:
                self._pull_rows(snapshot, remote_document, states.values[remote_document.period])
            return states, wanted

        states, remote_documents = self._rows.in_snapshot(read)
        times = [latest.isoformat() for _, latest in states.periods.values() if latest != _NEVER]
        return Pull(
            max([*times, *filter(None, [cursor])], default=None),
            tuple(remote_documents),
            unmatched=tuple(states.unmatched),
            place=self._place,
            present=None if only is not None else frozenset(map(self._uri, states.periods)),
        )

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the period's rows as JSON lines, in the contract's order; all but integers and booleans as text.

        Raises:
            DocumentError: the server could not give these rows.
        """
        self._pulled.copy(remote_document.uri, target)

    def close(self) -> None:
        """Closes the connections and deletes the pulled rows."""
        self._rows.close()
        self._pulled.close()

    def _pull_rows(self, snapshot: Snapshot, remote_document: RemoteDocument, values: list[Any]) -> None:
        # Rows that are equal by the contract's order are sorted by all their values.
        order = [*map(sa.column, self._source.order_by), sa.cast(sa.column(self._view.name), sa.Text)]
        query = sa.select(sa.text("*")).select_from(self._view).order_by(*order)
        if self._source.period_column is not None:
            query = query.where(sa.column(self._source.period_column).in_(values))
        self._pulled.write(remote_document.uri, snapshot.read(query, text_only=True, refused_as=DocumentError))

    def _states(self, snapshot: Snapshot) -> _PeriodStates:
        """Returns the row count and the newest change of each period."""
        states = _PeriodStates()
        for row in snapshot.read(self._states_query(), refused_as=SourceError):
            try:
                period = self._period(row["period"])
            except ValueError:
                states.unmatched.append(printable(f"{self._place}/{row['period']}"))
                continue
            rows, latest = states.periods.get(period, (0, _NEVER))
            states.periods[period] = (rows + row["rows"], max(latest, _to_utc_datetime(row["latest"])))
            states.values.setdefault(period, []).append(row["period"])
        return states

    def _remote_documents(self, states: _PeriodStates, known_versions: Collection[KnownVersion]) -> Iterator[RemoteDocument]:
        for period, (rows, latest) in states.periods.items():
            uri = self._uri(period)
            yield RemoteDocument(
                self._report.report, uri, not_before_known(latest, uri, known_versions), rows, self._report.units[0], period
            )

    def _uri(self, period: Period | None) -> str:
        return f"{self._place}/{period}" if period else self._place

    def _states_query(self) -> sa.Select[Any]:
        """Builds the query for the row count and the newest change per period (or of the whole view)."""
        updated: sa.ColumnClause[Any] = sa.column(self._source.updated_column)
        # One row dated `infinity` must not hide the changes of its period.
        latest = sa.func.max(updated).filter(sa.func.isfinite(updated)).label("latest")
        counted = sa.func.count().label("rows")
        if self._source.period_column is None:
            nothing: sa.Label[Any] = sa.null().label("period")
            return sa.select(nothing, counted, latest).select_from(self._view).having(sa.func.count() > 0)
        period: sa.ColumnClause[Any] = sa.column(self._source.period_column)
        return sa.select(period.label("period"), counted, latest).select_from(self._view).group_by(period).order_by(period)

    def _period(self, value: Any) -> Period | None:
        """Returns the period that a value of the view's period column names.

        Raises:
            ValueError: it names none of the report's kind.
        """
        if self._source.period_column is None:
            return None
        period = parse_period(str(value))
        if not isinstance(period, Period) or self._report.period_kind not in {None, period.kind}:
            raise ValueError(f"expected a {self._report.period_kind}, found {value}")
        return period


def _to_utc_datetime(latest: dt.date | None) -> dt.datetime:
    """Returns an update time in UTC; one without an offset is in the front-end machine's time zone, China's."""
    if latest is None:
        return _NEVER
    moment = latest if isinstance(latest, dt.datetime) else dt.datetime.combine(latest, dt.time.min)
    return to_utc(moment)
