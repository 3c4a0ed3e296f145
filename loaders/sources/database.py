"""A read-only view on a front-end machine.

A submission takes the place of its whole period, so each period in which anything changed is pulled whole. The number of
rows and the newest update time of every period are compared with what the ledger knows: a row that was committed late, or
that is gone, shows although the newest update time stays. The same data give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

import sqlalchemy as sa

from loaders.contract import Database, Report
from loaders.period import Period, parse_period
from loaders.sources.database_rows import DatabaseRows
from loaders.sources.errors import DocumentError, SourceError, speakable
from loaders.table import Offer, Pull, SeenOffer, Selection

# A change that was committed late carries an earlier update time, and its period may look as before: what changed in the last
# days is pulled again. The ledger takes the same bytes only once.
LOOK_BACK = dt.timedelta(days=3)
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_OFFICE_TIME = dt.timezone(dt.timedelta(hours=8))


class DatabaseSource:
    """One view; a document is one period of it, or the whole of it."""

    def __init__(self, report: Report, source: Database, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        self._rows = DatabaseRows(source.connection, url, timeout, of=f"{source.relation} with the contract of {report.report}")
        schema, _, name = source.relation.rpartition(".")
        self._view = sa.table(name, schema=schema or None)
        self._values: dict[str, list[Any]] = {}

    def pull(self, cursor: str | None, seen: Collection[SeenOffer], only: Selection | None) -> Pull:
        """One offer for each period that the ledger does not know as it is now (or that is asked for).

        The size of an offer is its number of rows. The cursor is only the latest update time, for people to read.
        """
        known = frozenset(seen) if only is None else frozenset()
        unmatched: list[str] = []
        offers = list(self._offers(unmatched))
        settled = dt.datetime.now(dt.UTC) - LOOK_BACK
        fresh = tuple(
            offer
            for offer in offers
            if (only is None or only.takes(offer.uri, offer.unit, offer.period))
            and (SeenOffer(offer.uri, offer.size, offer.modified_at) not in known or offer.modified_at > settled)
        )
        times = [offer.modified_at.isoformat() for offer in offers if offer.modified_at != _NEVER]
        return Pull(max([*times, *filter(None, [cursor])], default=None), fresh, unmatched=tuple(unmatched))

    def fetch(self, offer: Offer, target: BinaryIO) -> None:
        """Write the period's rows as JSON lines, in the contract's order; all but whole numbers and truth values as text.

        Raises:
            DocumentError: the server cannot give these rows.
            SourceError: it cannot be reached, or gives no answer in time.
        """
        # Rows that the contract's order leaves side by side are told apart by all that they hold.
        order = [*map(sa.column, self._source.order_by), sa.cast(sa.column(self._view.name), sa.Text)]
        query = sa.select(sa.text("*")).select_from(self._view).order_by(*order)
        if self._source.period_column is not None:
            query = query.where(sa.column(self._source.period_column).in_(self._values[offer.uri]))
        start = target.tell()

        def write(rows: Iterator[dict[str, Any]]) -> None:
            target.seek(start)
            target.truncate()
            for row in rows:
                target.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")

        self._rows.read(query, write, text_only=True, refused_as=DocumentError)

    def close(self) -> None:
        """Give the connections back."""
        self._rows.close()

    def _offers(self, unmatched: list[str]) -> Iterator[Offer]:
        place = f"{self._source.connection}:{self._source.relation}"
        states: dict[Period | None, tuple[int, dt.datetime]] = defaultdict(lambda: (0, _NEVER))
        values: dict[Period | None, list[Any]] = defaultdict(list)
        for row in self._rows.read(self._states_query(), list, refused_as=SourceError):
            try:
                period = self._period(row["period"])
            except ValueError:
                unmatched.append(speakable(f"{place}/{row['period']}"))
                continue
            rows, latest = states[period]
            states[period] = (rows + row["rows"], max(latest, _moment(row["latest"])))
            values[period].append(row["period"])
        for period, (rows, latest) in states.items():
            uri = f"{place}/{period}" if period else place
            self._values[uri] = values[period]
            yield Offer(self._report.report, uri, latest, rows, self._report.units[0], period)

    def _states_query(self) -> sa.Select[Any]:
        """Per period (or in all), how many rows there are and when the newest of them was changed."""
        updated: sa.ColumnClause[Any] = sa.column(self._source.updated_column)
        # One row dated `infinity` must not hide its period.
        latest = sa.func.max(updated).filter(sa.func.isfinite(updated)).label("latest")
        counted = sa.func.count().label("rows")
        if self._source.period_column is None:
            nothing: sa.Label[Any] = sa.null().label("period")
            return sa.select(nothing, counted, latest).select_from(self._view).having(sa.func.count() > 0)
        period: sa.ColumnClause[Any] = sa.column(self._source.period_column)
        return sa.select(period.label("period"), counted, latest).select_from(self._view).group_by(period).order_by(period)

    def _period(self, value: Any) -> Period | None:
        """The period that a value of the view's period column names.

        Raises:
            ValueError: it names none of the report's kind.
        """
        if self._source.period_column is None:
            return None
        period = parse_period(str(value))
        if not isinstance(period, Period) or self._report.period_kind not in {None, period.kind}:
            raise ValueError(f"expected a {self._report.period_kind}, found {value}")
        return period


def _moment(latest: dt.date | None) -> dt.datetime:
    """An update time; one without an offset is the front-end machine's own, which stands in China."""
    if latest is None:
        return _NEVER
    moment = latest if isinstance(latest, dt.datetime) else dt.datetime.combine(latest, dt.time.min)
    return (moment if moment.tzinfo else moment.replace(tzinfo=_OFFICE_TIME)).astimezone(dt.UTC)
