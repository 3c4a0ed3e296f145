"""Reads all numbers and gives them in the text format of Prometheus, for `/metrics` and `huimin metrics`.

A warehouse that does not answer is a number too: `huimin_warehouse_up 0`, beside what the disk tells.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from loaders.contract import Report, load_contracts
from loaders.messages import phrase
from loaders.monitoring.metric_definitions import GAUGES, HISTOGRAMS, GaugeDefinition, as_number
from loaders.monitoring.source_schedule import watched_reports, with_due_times
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse.connection import Connection, connect
from loaders.warehouse.monitoring.metric_queries import BUCKET_SECONDS, read_numbers
from loaders.warehouse.monitoring.watch_ledger import database_revision
from loaders.warehouse.schema.migrations import newest_revision

Rows = list[dict[str, Any]]
_COUNTING = frozenset({"accepted", "accepted_with_rejects", "rejected"})
_OUTCOMES = ("loaded", "quarantined", "furniture")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MetricSources:
    """What metrics are read from: transactions on the ledger, the contracts, and the folder that holds all state."""

    reading: Callable[[], AbstractContextManager[Connection]]
    reports: Callable[[], Mapping[str, Report]]
    home: Path


def sources_of(settings: Settings) -> MetricSources:
    """Returns where a process of its own reads metrics from."""
    return MetricSources(
        lambda: connect(settings.warehouse_url), lambda: load_contracts(settings.expectations).reports, settings.home
    )


def metrics_text(sources: MetricSources, accept: str = "") -> tuple[bytes, str]:
    """Returns all metrics and their content type, in the format that `accept` asks for: plain text, else OpenMetrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(sources))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def disk_numbers(home: Path) -> dict[str, int]:
    """Returns the `free` and all (`size`) bytes of the disk that holds the landing, or will hold it."""
    folder = home
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return {"free": usage.free, "size": usage.total}


class _Numbers(Collector):
    """Reads everything anew at each scrape; prometheus_client calls it."""

    def __init__(self, sources: MetricSources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """Yields all metrics, those without a sample included, so that each is described."""
        started = time.perf_counter()
        numbers, revision = self._read()
        numbers["rows"] = _outcomes(numbers.get("documents", []))
        numbers["disk"] = [dict(disk_numbers(self._sources.home))]
        for definition in GAUGES:
            yield _gauge(definition, numbers.get(definition.rows, []))
        for name, query in HISTOGRAMS.items():
            yield from _histogram(name, numbers.get(query, []))
        yield _single("huimin_warehouse_up", float(bool(revision)))
        yield _single("huimin_migrations_current", float(revision == newest_revision()))
        info = GaugeMetricFamily("huimin_info", _help("huimin_info"), labels=("revision",))
        info.add_metric([_revision()], 1.0)
        yield info
        yield _single("huimin_scrape_seconds", time.perf_counter() - started)

    def _read(self) -> tuple[dict[str, Rows], str]:
        """Returns the numbers of the ledger and the revision of its tables; empty when it does not answer."""
        reports = {report.report: report for report in watched_reports(self._sources.reports().values())}
        try:
            with self._sources.reading() as connection:
                revision = database_revision(connection) or ""
                # Tables of an earlier revision may lack what the queries read.
                numbers = read_numbers(connection, list(reports)) if revision >= newest_revision() else {}
        except psycopg.Error as error:
            _log.error("the warehouse cannot be read: %s", type(error).__name__)
            return {}, ""
        numbers["pulls"] = with_due_times(numbers.get("pulls", []), reports, dt.datetime.now(dt.UTC))
        return numbers, revision


def _outcomes(documents: Rows) -> Rows:
    """Returns what became of the rows of the documents that count now; `documents` has their sums by report and state."""
    found: dict[tuple[str, str], int] = {}
    for row in documents:
        for outcome in _OUTCOMES if row["state"] in _COUNTING else ():
            if row[outcome] is not None:
                found[row["report"], outcome] = found.get((row["report"], outcome), 0) + row[outcome]
    return [{"report": report, "outcome": outcome, "rows": count} for (report, outcome), count in found.items()]


def _gauge(definition: GaugeDefinition, rows: Rows) -> Metric:
    family = GaugeMetricFamily(definition.name, _help(definition.name), labels=definition.labels)
    for row in rows:
        number = as_number(row[definition.column])
        if number is not None:
            family.add_metric([str(row[label]) for label in definition.labels], number)
    return family


def _histogram(name: str, rows: Rows) -> Iterator[Metric]:
    for row in rows:
        buckets = [(str(float(bound)), count) for bound, count in zip(BUCKET_SECONDS, row["buckets"], strict=True)]
        yield HistogramMetricFamily(name, _help(name), buckets=[*buckets, ("+Inf", row["count"])], sum_value=row["sum"])


def _single(name: str, number: float) -> Metric:
    return GaugeMetricFamily(name, _help(name), value=number)


@cache
def _revision() -> str:
    """The revision of the program, which does not change while it runs."""
    return git_revision()[:12]


def _help(name: str) -> str:
    return phrase(f"metric.{name}").en
