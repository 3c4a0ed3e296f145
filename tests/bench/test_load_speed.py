"""How fast a large document goes from file to warehouse, against psql's `\\copy` of the same rows into the same table.

Both run here, one after the other, on the same server: the ratio is what counts, not the seconds.
"""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.bench.results import environment, keep
from tests.bench.visit_log import load_visits, seconds_of_copy, write_visits

ROWS = int(os.environ.get("HUIMIN_BENCH_ROWS", "2000000"))
LEAST_RATIO = 0.5
MOST_MEMORY_MB = 512

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


def test_load_is_at_least_half_as_fast_as_a_bare_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, wrong = write_visits(tmp_path, ROWS)
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        ours = load_visits(server, tmp_path)
        bare = seconds_of_copy(server, tmp_path / "rows.csv")
        with psycopg.connect(server.url("warehouse")) as connection:
            loaded = connection.execute("select count(*) from raw.visit_log").fetchone()
        facts = environment(server.url())
    ratio = bare / ours["seconds"]
    keep("load_speed", {**facts, "rows": ROWS, "ours": ours, "copy_seconds": bare, "ratio": ratio})
    with capsys.disabled():
        print(
            f"\n{ROWS:,} rows, 20 rules: {ours['seconds']:.1f} s ({ROWS / ours['seconds']:,.0f} rows/s); psql \\copy of the same "
            f"rows into the same table with its key {bare:.1f} s; ratio {ratio:.2f}; peak memory {ours['memory_mb']} MB"
        )
    assert loaded == (ROWS - wrong,)
    assert ratio >= LEAST_RATIO
    assert ours["memory_mb"] <= MOST_MEMORY_MB
