"""Anomalies as the pipeline sees them. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.contract import Report
from loaders.warehouse.anomalies import anomaly_store, series_queries
from loaders.warehouse.anomalies.anomaly_store import FoundAnomaly
from loaders.warehouse.anomalies.series_queries import Rows
from loaders.warehouse.connection import connect


class AnomalyLedger:
    """One warehouse, opened with the loader's URL; `reader_url` may read the tables of dbt."""

    def __init__(self, url: str, reader_url: str) -> None:
        self._url = url
        self._reader_url = reader_url

    def changed_reports(self, reports: Sequence[str]) -> list[str]:
        """Returns those reports of which something was loaded since the last look."""
        with connect(self._url) as connection:
            return series_queries.changed_reports(connection, reports)

    def month_values(self, codes: Sequence[str]) -> Rows:
        """Returns the values by month of the indicators of some reports (`SW04`), for the city, counties and zones."""
        with connect(self._reader_url) as connection:
            return series_queries.month_values(connection, codes)

    def reported_periods(self, reports: Sequence[str]) -> set[tuple[str, str, str]]:
        """Returns report, unit and period of each document that counts."""
        with connect(self._url) as connection:
            return series_queries.reported_periods(connection, reports)

    def column_counts(self, report: Report) -> Rows:
        """Returns rows, filled, numbers and rounded per unit, period and column; see `ColumnCounts`."""
        with connect(self._url) as connection:
            return series_queries.column_counts(connection, report)

    def sync(self, reports: Sequence[str], found: Iterable[FoundAnomaly]) -> None:
        """Updates the open anomalies of the reports that were checked to what was found, and records the look."""
        with connect(self._url) as connection, connection.transaction():
            anomaly_store.sync_anomalies(connection, reports, found)
            series_queries.record_look(connection)

    def open(self, *, report: str | None = None, unit: str | None = None, period: str | None = None) -> Rows:
        """Returns the open anomalies, the newest period first."""
        with connect(self._url) as connection:
            return anomaly_store.open_anomalies(connection, report=report, unit=unit, period=period)
