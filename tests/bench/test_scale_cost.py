"""What a million rows cost on one machine: seconds of load and build, memory, and bytes on the disk, by what takes them.

The rows are the sample city's three years, in thousands of small documents; HUIMIN_BENCH_MONTHS takes fewer. `make bench-scale`
writes docs/scale.md from the result.
"""

from __future__ import annotations

import json
import os
import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.bench.results import environment, keep
from tests.support.city.city_site import CityWarehouse, running_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
MONTHS = os.environ.get("HUIMIN_BENCH_MONTHS", "2021-01:2023-12")
# How a deployment loads; a smaller one costs more transactions.
BATCH_SIZE = 128
_SAMPLE_SECONDS = 0.25
_SIZES = """
    select n.nspname, sum(pg_relation_size(c.oid))::bigint, sum(pg_indexes_size(c.oid))::bigint,
        sum(pg_total_relation_size(c.oid) - pg_relation_size(c.oid) - pg_indexes_size(c.oid))::bigint
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    group by 1 having sum(pg_total_relation_size(c.oid)) > 0 order by 1
"""
_COUNTS = """
    select count(*), sum(rows_total)::bigint, sum(rows_loaded)::bigint, sum(rows_quarantined)::bigint, sum(byte_size)::bigint,
        count(distinct period_start)
    from ops.submission where state in ('accepted', 'accepted_with_rejects', 'superseded', 'rejected', 'duplicate')
"""


class PeakMemory:
    """The most memory that this process's children held at one time, each shared page counted once (PSS)."""

    def __init__(self) -> None:
        self.most_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._known = {child.pid for child in psutil.Process().children(recursive=True)}
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            held = 0
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    held += 0 if child.pid in self._known else child.memory_full_info().pss
            self.most_bytes = max(self.most_bytes, held)


def cost_of(action: Callable[[], object]) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with PeakMemory() as memory:
        action()
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "processor_seconds": processor, "memory_mb": memory.most_bytes // 1024**2}


def measure(warehouse: CityWarehouse, landing: Path) -> dict[str, Any]:
    costs = {"load": cost_of(warehouse.load), "build": cost_of(lambda: warehouse.huimin("build"))}
    [(documents, rows, loaded, quarantined, landed, months)] = warehouse.query(_COUNTS)
    [(towns, areas)] = warehouse.query(
        "select count(*) filter (where area_level = 'town'), count(*) from core.dim_area where has_values"
    )
    [(values,)] = warehouse.query("select count(*) from indicators.indicator_area_period")
    files = [path.stat().st_size for path in landing.rglob("*") if path.is_file()]
    return costs | {
        "documents": documents,
        "rows": rows,
        "rows_loaded": loaded,
        "rows_quarantined": quarantined,
        "months": months,
        "towns": towns,
        "areas": areas,
        "values": values,
        "landed_bytes": landed,
        "landing": {"files": len(files), "bytes": sum(files)},
        "schemas": {
            name: {"heap": heap, "indexes": indexes, "other": other} for name, heap, indexes, other in warehouse.query(_SIZES)
        },
    }


def test_what_a_million_rows_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_city(tmp_path, "--months", MONTHS) as site:
        warehouse = site.open_warehouse("scale", batch_size=BATCH_SIZE)
        result = {**environment(site.server.url()), "span": MONTHS, **measure(warehouse, tmp_path / "scale" / "landing")}
        assert all(row["difference"] == 0 for row in json.loads(warehouse.huimin("account", "--json")))
    keep("scale_cost", result)
    with capsys.disabled():
        print(f"\n{json.dumps(result)}")
    assert result["rows_loaded"] > 0 and result["values"] > 0
    assert {"raw", "ops", "evidence", "indicators"} <= result["schemas"].keys()
