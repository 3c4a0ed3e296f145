"""How long `huimin load` of all file documents of the sample city takes, beside a bare script over the same files.

Both run here, one after the other, on the same server: the ratio is what counts, not the seconds. HUIMIN_BENCH_REPEATS=3 takes
the median of three, HUIMIN_BENCH_REPORTS a smaller measure, HUIMIN_BENCH_RESULTS a folder that keeps the result as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import FileDrop, load_contracts
from loaders.settings import PROJECT_ROOT
from tests.bench.results import environment, keep
from tests.support.city.city_site import ROOT, CitySite, CityWarehouse, running_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
REPEATS = int(os.environ.get("HUIMIN_BENCH_REPEATS", "1"))
MOST_TIMES_THE_BARE_SCRIPT = 1.6
DEFAULT_BATCH_SIZE = 128


def file_reports() -> list[str]:
    """Returns the reports whose documents are files, or those that HUIMIN_BENCH_REPORTS names."""
    chosen = os.environ.get("HUIMIN_BENCH_REPORTS", "").split()
    reports = load_contracts(PROJECT_ROOT / "expectations").reports
    return chosen or sorted(name for name, report in reports.items() if isinstance(report.source, FileDrop))


def seconds_of_children() -> float:
    """Returns the processor time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def load_city(warehouse: CityWarehouse, reports: list[str]) -> dict[str, float]:
    before, started = seconds_of_children(), time.perf_counter()
    warehouse.load(*reports)
    return {"seconds": time.perf_counter() - started, "processor_seconds": seconds_of_children() - before}


def run_bare_script(city_site: CitySite, name: str) -> dict[str, Any]:
    city_site.server.create_database(f"bare_{name}")
    script = ROOT / "tests" / "bench" / "bare_script.py"
    arguments = [city_site.server.url(name), str(city_site.folder / name / "landing"), city_site.server.url(f"bare_{name}")]
    done = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=True, timeout=900)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_city_loads_in_little_more_than_a_bare_script_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = file_reports()
    runs: list[dict[str, Any]] = []
    with running_city(tmp_path) as city_site:
        for number in range(REPEATS):
            warehouse = city_site.open_warehouse(f"city_{number}", batch_size=DEFAULT_BATCH_SIZE)
            ours = load_city(warehouse, reports)
            [(documents, rows)] = warehouse.query("select count(*), sum(rows_loaded) from ops.submission")
            bare = run_bare_script(city_site, warehouse.name)
            runs.append({"ours": ours | {"documents": documents, "rows": int(str(rows))}, "bare": bare})
        facts = environment(city_site.server.url())
    ratio = statistics.median(run["ours"]["seconds"] / run["bare"]["seconds"] for run in runs)
    result = {**facts, "reports": len(reports), "runs": runs, "ratio": round(ratio, 2)}
    keep("city_speed", result)
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")
    assert all(run["ours"]["documents"] >= run["bare"]["documents"] > 0 for run in runs)
    assert ratio <= MOST_TIMES_THE_BARE_SCRIPT
