"""Loads the document of the load benchmark by our pipeline, in a process of its own, and by psql's `\\copy`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from loaders.divisions import Divisions
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import migrate
from tests.support.documents.large_csv import write_document

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


def write_visits(folder: Path, rows: int) -> tuple[Path, int]:
    """Writes the document. Returns where it is, and how many of its rows break a rule."""
    divisions = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")
    file = folder / "drop" / "2023" / "visits.csv"
    return file, write_document(file, rows, sorted(divisions.codes_in_list("divisions.town")))


def load_visits(server: EmbeddedPostgres, folder: Path) -> dict[str, Any]:
    """Loads the document into a new warehouse: read, validated by its 20 rules, and written with lineage and key."""
    server.create_database("warehouse")
    url = server.url("warehouse")
    migrate(url)
    environment = os.environ | {
        "HUIMIN_HOME": str(folder / "home"),
        "HUIMIN_WAREHOUSE_URL": url,
        "HUIMIN_PII_KEY": "k" * 32,
        "HUIMIN_READING_MEMORY_MB": "4096",
        "HUIMIN_READING_CPU_SECONDS": "120",
        "AIRFLOW_CONN_BENCH_DROP": f"file://{folder}/drop",
    }
    contracts = Path(__file__).parent / "expectations"
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(contracts)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def seconds_of_copy(server: EmbeddedPostgres, file: Path) -> float:
    """Times `\\copy` of the loaded rows, lineage and all, into an empty table of the same make."""
    psql, url = find_binaries() / "psql", server.url("warehouse")
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
