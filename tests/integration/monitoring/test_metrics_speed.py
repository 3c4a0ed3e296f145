"""A scrape of a ledger as large as that of three years of the city takes less than 0.3 seconds."""

from __future__ import annotations

import statistics
import time

import psycopg
import pytest

from loaders.monitoring.metrics import metrics_text, sources_of
from loaders.settings import Settings
from tests.support.monitoring.scaled_ledger import DOCUMENTS, fill_ledger

pytestmark = [pytest.mark.integration, pytest.mark.slow]
MOST_SECONDS = 0.3


def test_a_scrape_of_the_whole_city_is_quick(settings: Settings) -> None:
    with psycopg.connect(settings.warehouse_url) as connection:
        fill_ledger(connection)
    with psycopg.connect(settings.warehouse_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    sources = sources_of(settings)
    reports = sources.reports()
    read_once = type(sources)(sources.reading, lambda: reports, sources.home)
    seconds = []
    for _ in range(7):
        started = time.perf_counter()
        content, _ = metrics_text(read_once)
        seconds.append(time.perf_counter() - started)
    print(f"scrape of {DOCUMENTS:,} documents: median {statistics.median(seconds):.3f} s, {[round(s, 3) for s in seconds]}")
    assert b'huimin_documents{report="station",state="accepted"}' in content
    # The best of several: other work on this machine is not what is measured.
    assert min(seconds) < MOST_SECONDS
