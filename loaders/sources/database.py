"""A read-only view on a front-end machine.

The watermark finds the periods in which anything changed; each of them is pulled whole, because a submission takes the place
of its whole period. The same data give the same bytes, so that a period pulled again is recognised.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import sqlalchemy as sa

from loaders.contract import Database, Report
from loaders.period import Period
from loaders.sources.errors import SourceError
from loaders.sources.retry import TryAgain, with_retries
from loaders.table import Offer, Pull, SeenOffer, Selection

# Rows that were committed late carry an earlier update time: look back a little, since nothing is counted twice anyway.
LOOK_BACK = dt.timedelta(minutes=10)
_FETCH_ROWS = 2_000


class DatabaseSource:
    """One view; a document is one period of it, or the whole of it."""

    def __init__(self, report: Report, source: Database, url: str, timeout: float) -> None:
        self._report = report
        self._source = source
        options = f"-c statement_timeout={int(timeout * 1000)} -c default_transaction_read_only=on -c timezone=Asia/Shanghai"
        self._engine = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"),
            poolclass=sa.NullPool,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": max(1, int(timeout)), "options": options},
        )
        schema, _, name = source.relation.rpartition(".")
        self._view = sa.table(name, schema=schema or None)

    def pull(self, cursor: str | None, seen: Collection[SeenOffer], only: Selection | None) -> Pull:
        """One offer for each period that changed after `cursor` (or that is asked for)."""
        since = dt.datetime.fromisoformat(cursor) - LOOK_BACK if cursor and only is None else None
        offers = [offer for offer in self._changed(since) if only is None or only.takes(offer.uri, offer.unit, offer.period)]
        known = {(offer.uri, offer.modified_at) for offer in seen} if only is None else set()
        fresh = tuple(offer for offer in offers if (offer.uri, offer.modified_at) not in known)
        latest = max((offer.modified_at.isoformat() for offer in offers), default=None)
        return Pull(max(filter(None, (latest, cursor)), default=None), fresh)

    def fetch(self, offer: Offer, target: BinaryIO) -> None:
        """Write the period's rows as JSON lines, in the contract's order; exact decimals and ISO dates as text."""
        query = sa.select(sa.text("*")).select_from(self._view).order_by(*map(sa.column, self._source.order_by))
        if self._source.period_column is not None:
            query = query.where(sa.column(self._source.period_column) == str(offer.period))
        start = target.tell()

        def write() -> None:
            target.seek(start)
            target.truncate()
            for row in self._stream(query):
                target.write(json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n")

        self._persistently(write)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _changed(self, since: dt.datetime | None) -> Iterator[Offer]:
        updated: sa.ColumnClause[Any] = sa.column(self._source.updated_column)
        latest = sa.func.max(updated).label("latest")
        if self._source.period_column is None:
            query: sa.Select[Any] = sa.select(sa.literal(None).label("period"), latest).select_from(self._view)
        else:
            period: sa.ColumnClause[Any] = sa.column(self._source.period_column)
            query = sa.select(period.label("period"), latest).select_from(self._view).group_by(period).order_by(period)
        if since is not None:
            query = query.having(latest > since)
        for row in self._persistently(lambda: list(self._stream(query))):
            if row["latest"] is not None:
                yield self._offer(row["period"], row["latest"])

    def _offer(self, period: str | None, latest: dt.datetime) -> Offer:
        uri = f"{self._source.connection}:{self._source.relation}" + (f"/{period}" if period else "")
        moment = latest if latest.tzinfo else latest.replace(tzinfo=dt.UTC)
        said = Period.parse(period) if period else None
        return Offer(self._report.report, uri, moment.astimezone(dt.UTC), None, self._report.units[0], said)

    def _stream(self, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
        with self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=_FETCH_ROWS).execute(query)
            for row in rows.mappings():
                yield dict(row)

    def _persistently(self, work: Any) -> Any:
        def attempt() -> Any:
            try:
                return work()
            except sa.exc.OperationalError as error:
                reason = str(error.orig).strip().splitlines()[0]
                if "password" in reason or "authentication" in reason:
                    raise self._error(reason, "check user and password") from None
                raise TryAgain(reason) from None
            except sa.exc.DBAPIError as error:
                reason = str(error.orig).strip().splitlines()[0]
                raise self._error(reason, f"compare {self._source.relation} with the contract of {self._report.report}") from None

        try:
            return with_retries(attempt)
        except TryAgain as failure:
            raise self._error(str(failure), "check that the server runs; the next run tries again") from None

    def _error(self, what: str, next_step: str) -> SourceError:
        return SourceError(self._source.connection, what, next_step=next_step)


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()
    return str(value)
