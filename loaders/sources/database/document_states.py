"""The documents that a database has now: per period, per period that the query asks for, or of the rows since a watermark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders.contract import Database, Report
from loaders.contract.sources.sql_query import SINCE
from loaders.model import Selection
from loaders.period import Period
from loaders.sources.database.queries import RowFilter, ViewQueries, period_values
from loaders.sources.database.snapshots import Snapshot
from loaders.sources.database.update_values import period_of, utc_time
from loaders.sources.errors import SourceError, printable

# What `:since` is when all rows are wanted. Every make has this day.
_BEGINNING = dt.datetime(1900, 1, 1)  # noqa: DTZ001 - local time of the source


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document: its place below that of the view, its row count and newest update (None: the contract names no column)."""

    place: str
    period: Period | None
    rows: int
    newest: dt.datetime | None
    chosen: RowFilter


@dataclass(slots=True)
class ViewState:
    """All documents, and the values of the period column that name no period. `is_whole`: every document was looked at."""

    documents: list[DocumentState] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    is_whole: bool = True


class StateReader:
    """Looks which documents there are."""

    def __init__(self, report: Report, source: Database, queries: ViewQueries) -> None:
        self._report = report
        self._source = source
        self._queries = queries

    def read(self, snapshot: Snapshot, since: dt.date | None, only: Selection | None) -> ViewState:
        """Returns the documents. `since` is the day from which updated rows are wanted; None: all.

        Raises:
            SourceError: the update column holds no times.
        """
        if self._source.asks_by_period:
            documents = [state for period in self._periods(only) for state in self._asked(snapshot, period)]
            return ViewState(documents, is_whole=False)
        if self._source.is_incremental:
            return ViewState(list(self._increment(snapshot, since)), is_whole=False)
        return self._split(snapshot)

    def any_values(self) -> dict[str, Any]:
        """Returns values with which the query can be described."""
        period = Period.containing(self.today(), self._report.period_kind) if self._report.period_kind else None
        return {SINCE: _BEGINNING, **(period_values(period) if period else {})}

    def today(self) -> dt.date:
        """Returns the day that it is where the database is."""
        return dt.datetime.now(self._source.zone).date()

    def window_start(self) -> dt.date | None:
        """Returns the first day of the window that is pulled again; None without one."""
        return None if self._source.window_days is None else self.today() - dt.timedelta(days=self._source.window_days)

    def _periods(self, only: Selection | None) -> Iterator[Period]:
        """Returns the periods to ask for: the chosen ones, or all that the window touches."""
        start, kind = self.window_start(), self._report.period_kind
        if only is not None and only.periods:
            yield from (period for period in only.periods if period.kind == kind)
        elif start is not None and kind is not None:
            period = Period.containing(start, kind)
            while period.start <= self.today():
                yield period
                period = period.next()

    def _asked(self, snapshot: Snapshot, period: Period) -> Iterator[DocumentState]:
        chosen = RowFilter(period_values(period))
        for _, rows, newest in snapshot.read(self._queries.states(chosen), refused_as=SourceError):
            yield DocumentState(f"/{period}", period, rows, self._time(newest), chosen)

    def _increment(self, snapshot: Snapshot, since: dt.date | None) -> Iterator[DocumentState]:
        start = _BEGINNING if since is None else dt.datetime.combine(since, dt.time.min)
        conditions = () if since is None else (self._queries.updated_since(start),)
        chosen = RowFilter({SINCE: start}, conditions)
        for _, rows, newest in snapshot.read(self._queries.states(chosen), refused_as=SourceError):
            yield DocumentState("" if since is None else f"/since/{since}", None, rows, self._time(newest), chosen)

    def _split(self, snapshot: Snapshot) -> ViewState:
        """Returns one document per period. Several values may name one: `202305` and `2023-05`, or the days of a month."""
        view = ViewState()
        found: dict[Period | None, list[tuple[Any, int, dt.datetime | None]]] = {}
        for value, rows, newest in snapshot.read(self._queries.states(RowFilter({})), refused_as=SourceError):
            try:
                period = self._period(value)
            except ValueError:
                view.unmatched.append(printable(f"/{value}"))
                continue
            found.setdefault(period, []).append((value, rows, self._time(newest)))
        for period, parts in found.items():
            times = [newest for _, _, newest in parts if newest is not None]
            chosen = RowFilter({}, self._queries.in_period(period, (value for value, _, _ in parts)))
            rows = sum(count for _, count, _ in parts)
            view.documents.append(
                DocumentState(f"/{period}" if period else "", period, rows, max(times) if times else None, chosen)
            )
        return view

    def _period(self, value: Any) -> Period | None:
        if self._source.period_column is None:
            return None
        return period_of(value, self._report.period_kind, self._source.zone)

    def _time(self, value: Any) -> dt.datetime | None:
        if self._source.updated_column is None:
            return None
        try:
            return utc_time(value, self._source.zone)
        except ValueError:
            raise SourceError(
                self._source.connection,
                f'source.updated_column: expected dates or times in "{self._source.updated_column}", found "{value}"',
                next_step="name another column, or none",
            ) from None
