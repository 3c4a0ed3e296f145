"""A SOAP service that gives a register, or the records of one unit or one period with each answer.

What an answer holds is known only when it is here, so every document of a pull is asked for. It is offered when it is new to
the ledger: by its number of records and its newest update time where the contract names that field, else each time; the ledger
takes the same bytes only once. An empty answer is no document, unless there was one before or the contract asks for a register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from loaders.contract import Report, Soap
from loaders.contract.sources.named_values import filled
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.period import Period
from loaders.sources.database.row_spool import RowSpool
from loaders.sources.errors import SourceError
from loaders.sources.retry import TransientError, with_retries
from loaders.sources.soap.answers import AnswerReader
from loaders.sources.soap.operation import Operation
from loaders.sources.soap.records import Record
from loaders.sources.update_times import is_settled, not_before_known, to_utc

_CHINA = dt.timezone(dt.timedelta(hours=8))


class SoapSource:
    """One operation; `folder` is that of the contract, where its WSDL lies."""

    def __init__(self, report: Report, source: Soap, url: str, timeout: float, folder: Path) -> None:
        self._report = report
        self._source = source
        self._operation = Operation(source, url, timeout, folder)
        self._answers = AnswerReader(source)
        self._pulled = RowSpool()

    def pull(
        self, cursor: str | None, known_versions: Collection[KnownVersion], only: Selection | None, *, is_full: bool = False
    ) -> Pull:
        """Asks for every document (or the chosen ones) and returns those whose state the ledger does not know.

        The size of a document is its number of records. The cursor is only the latest update time, for people to read.
        """
        self._pulled.clear()
        wanted: list[RemoteDocument] = []
        times = [] if cursor is None else [cursor]
        known_uris = {version.uri for version in known_versions}
        for unit, period in self._documents(only):
            uri = self._uri(unit, period)
            if only is not None and not only.includes(uri, unit, period):
                continue
            records = self._ask(unit, period)
            if not records and self._source.asks_for != "register" and uri not in known_uris:
                continue
            latest = self._latest_update(records)
            modified_at = not_before_known(latest or dt.datetime.now(dt.UTC), uri, known_versions)
            version = KnownVersion(uri, len(records), modified_at)
            if only is None and not is_full and latest is not None and version in known_versions and is_settled(modified_at):
                continue
            self._pulled.write(uri, records)
            wanted.append(RemoteDocument(self._report.report, uri, modified_at, len(records), unit, period))
            times += [latest.isoformat()] if latest is not None else []
        return Pull(max(times, default=None), tuple(wanted))

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Writes the records of a document, one JSON object per line, every text as the XML has it."""
        self._pulled.copy(remote_document.uri, target)

    def close(self) -> None:
        """Closes the connection and deletes the pulled records."""
        self._operation.close()
        self._pulled.close()

    def _documents(self, only: Selection | None) -> Iterator[tuple[str, Period | None]]:
        periods = self._periods(only) if self._source.asks_for_periods else [None]
        for unit in self._report.units if self._source.asks_for_units else self._report.units[:1]:
            for period in periods:
                yield unit, period

    def _periods(self, only: Selection | None) -> list[Period | None]:
        """Returns the chosen periods; else the present one and those before it."""
        kind = self._report.period_kind
        if kind is None:
            raise RuntimeError("a contract that asks for periods has a period_kind")
        if only is not None and only.periods:
            return [period for period in only.periods if period.kind is kind]
        present = Period.containing(dt.datetime.now(_CHINA).date(), kind)
        periods: list[Period | None] = [present]
        for _ in range(self._source.periods_back):
            present = present.previous()
            periods.append(present)
        return periods

    def _ask(self, unit: str, period: Period | None) -> list[Record]:
        arguments = filled(self._source.arguments, _values(unit, period))
        try:
            body = with_retries(lambda: self._operation.call(arguments))
        except TransientError as failure:
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step="the next run tries again") from failure
        return self._answers.records(body)

    def _latest_update(self, records: Collection[Record]) -> dt.datetime | None:
        """Returns the newest valid update time that is not in the future: one in the future would hide all later changes."""
        now = dt.datetime.now(dt.UTC)
        times = [_parse_datetime(record.get(self._source.updated_field or "")) for record in records]
        return max((time for time in times if time is not None and time <= now), default=None)

    def _uri(self, unit: str, period: Period | None) -> str:
        parts = [f"{self._source.connection}:{self._source.operation}"]
        parts += [unit] if self._source.asks_for_units else []
        return "/".join(parts + ([str(period)] if period is not None else []))


def _values(unit: str, period: Period | None) -> dict[str, str]:
    """Returns the named values of one request."""
    if period is None:
        return {"unit": unit}
    start, end = period.start.isoformat(), period.end.isoformat()
    return {
        "unit": unit,
        "period": str(period),
        "period_compact": str(period).replace("-", ""),
        "window_start": start,
        "window_end": end,
        "window_start_compact": start.replace("-", ""),
        "window_end_compact": end.replace("-", ""),
    }


def _parse_datetime(text: object) -> dt.datetime | None:
    try:
        return to_utc(dt.datetime.fromisoformat(str(text).strip()))
    except ValueError:
        return None
