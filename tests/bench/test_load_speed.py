"""How fast a large document goes from file to warehouse, against psql's `\\copy` of the same rows into the same table.

Both run here, one after the other, on the same server: the ratio is what counts, not the seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.divisions import Divisions
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import migrate
from tests.support.documents.large_csv import write_document

ROWS = int(os.environ.get("HUIMIN_BENCH_ROWS", "2000000"))
LEAST_RATIO = 0.5
MOST_MEMORY_MB = 512

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

_LOAD = """
import dataclasses, json, resource, sys, time
from pathlib import Path
from loaders import pipeline
from loaders.settings import settings_from_environment
settings = dataclasses.replace(settings_from_environment(), expectations=Path(sys.argv[1]))
batches = pipeline.extract("visit_log", settings)
started = time.perf_counter()
outcome = {}
for batch in batches:
    outcome |= pipeline.load_batch("visit_log", batch, settings)
seconds = time.perf_counter() - started
# Not ru_maxrss: that of a process begins with what its parent held when it forked.
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": seconds, "outcome": outcome, "memory_mb": max(own, child) // 1024}))
"""


def test_load_is_at_least_half_as_fast_as_a_bare_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    towns = sorted(Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv").codes_in_list("divisions.town"))
    wrong = write_document(tmp_path / "drop" / "2023" / "visits.csv", ROWS, towns)
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        migrate(url)
        environment = os.environ | {
            "HUIMIN_HOME": str(tmp_path / "home"),
            "HUIMIN_WAREHOUSE_URL": url,
            "HUIMIN_PII_KEY": "k" * 32,
            "HUIMIN_READING_MEMORY_MB": "4096",
            "HUIMIN_READING_CPU_SECONDS": "120",
            "AIRFLOW_CONN_BENCH_DROP": f"file://{tmp_path}/drop",
        }
        contracts = Path(__file__).parent / "expectations"
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, str(contracts)], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        ours = json.loads(done.stdout.splitlines()[-1])
        bare = _seconds_of_copy(server, url, tmp_path / "rows.csv")
        with psycopg.connect(url) as connection:
            loaded = connection.execute("select count(*) from raw.visit_log").fetchone()
    ratio = bare / ours["seconds"]
    with capsys.disabled():
        print(
            f"\n{ROWS:,} rows, 20 rules: {ours['seconds']:.1f} s ({ROWS / ours['seconds']:,.0f} rows/s); psql \\copy of the same "
            f"rows into the same table with its key {bare:.1f} s; ratio {ratio:.2f}; peak memory {ours['memory_mb']} MB"
        )
    assert loaded == (ROWS - wrong,)
    assert ratio >= LEAST_RATIO
    assert ours["memory_mb"] <= MOST_MEMORY_MB


def _seconds_of_copy(server: EmbeddedPostgres, url: str, file: Path) -> float:
    """Time `\\copy` of the loaded rows, lineage and all, into an empty table of the same make."""
    psql = find_binaries() / "psql"
    columns = "select string_agg(quote_ident(column_name), ',' order by ordinal_position) from information_schema.columns"
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(f"{columns} where table_schema = 'raw' and table_name = 'visit_log'").fetchone()
        assert row is not None
        names = row[0]
        connection.execute("create table raw.bare (like raw.visit_log including all)")
        connection.execute("checkpoint")
    run = {"capture_output": True, "text": True}
    subprocess.run([psql, url, "-c", f"\\copy raw.visit_log({names}) to '{file}' csv"], check=True, **run)
    started = time.perf_counter()
    subprocess.run([psql, url, "-c", f"\\copy raw.bare({names}) from '{file}' csv"], check=True, **run)
    return time.perf_counter() - started
