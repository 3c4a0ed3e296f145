"""Times our load beside psql's `\\copy`, dlt and pandas over the same rows, and writes docs/benchmark.md: `make bench-others`.

The others check no rule, have no key and keep no ledger: their seconds say what moving the rows costs. Each loads into an empty
database of the same server, one after the other; the median of HUIMIN_BENCH_REPEATS runs counts (3), of HUIMIN_BENCH_ROWS rows.

Usage: python -m tests.bench.others.compare PYTHON_OF_THE_OTHERS
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_report
from loaders.settings import PROJECT_ROOT
from tests.bench.results import environment, keep
from tests.bench.visit_log import load_visits, seconds_of_copy, write_visits

PAGE = PROJECT_ROOT / "docs" / "benchmark.md"
METHODS = {
    "dlt_parquet": "dlt, parquet by ADBC",
    "dlt_default": "dlt, as it comes",
    "pandas_to_sql": "pandas `to_sql`",
}
_TEXT = """# Benchmark: one large document

`make bench-others` writes this page. {rows:,} rows of 12 columns, a made-up visit log in CSV
(`tests/support/documents/large_csv.py`), go into PostgreSQL {postgresql} on a machine with {cores} cores; Python {python}.
Median of {repeats}; least and most in brackets. One after the other on one server: what counts is the ratio, not the seconds.

| what | seconds | rows a second | of our time | memory |
|---|---:|---:|---:|---:|
{lines}

Huimin reads the file in a process that can be killed, validates 20 rules a row, keeps lineage and a key, and moves rows, ledger
and watermark in one transaction. `\\copy` is of the same rows into the same table with its key. dlt and pandas check nothing, and
their tables have no key. Reading the file is in the time of all but `\\copy`, whose file is written before.

Versions: {versions}; pinned in `requirements-bench.lock`.
"""


def load_by_others(python: Path, method: str, file: Path, server: EmbeddedPostgres, folder: Path) -> dict[str, Any]:
    """Loads by one of the other tools, in its environment, into a database of its own."""
    name = f"bench_{folder.name}_{method}"
    server.create_database(name)
    script = Path(__file__).with_name("load_with.py")
    words = [python, script, method, str(file), server.url(name), str(folder / method)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(f"{method}: {done.stderr[-2_000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def in_english(file: Path) -> Path:
    """Writes the same rows under the contract's names of columns: dlt makes one name of all Chinese ones."""
    path = next((Path(__file__).parents[1] / "expectations").glob("*/visit_log.yml"))
    target = file.with_name("english.csv")
    with file.open(encoding="utf-8") as source, target.open("w", encoding="utf-8") as written:
        source.readline()
        written.write(",".join(column.name for column in load_report(path).columns) + "\n")
        shutil.copyfileobj(source, written)
    return target


def run_once(python: Path, rows: int, folder: Path) -> dict[str, Any]:
    """Runs every way once on a new server."""
    file, wrong = write_visits(folder, rows)
    with EmbeddedPostgres(folder / "postgres") as server:
        ours = load_visits(server, folder)
        results = {"huimin": ours, "copy": {"seconds": seconds_of_copy(server, folder / "rows.csv")}}
        english = in_english(file)
        for method in METHODS:
            results[method] = load_by_others(python, method, english, server, folder)
            if results[method]["rows"] != rows:
                raise RuntimeError(f"{method}: expected {rows} rows, found {results[method]['rows']}")
        facts = environment(server.url())
    return {"facts": facts, "wrong": wrong, "results": results}


def page(runs: Sequence[Mapping[str, Any]], rows: int) -> str:
    """Returns the page of these runs."""
    seconds = {name: [run["results"][name]["seconds"] for run in runs] for name in runs[0]["results"]}
    ours = statistics.median(seconds["huimin"])
    memory = max(run["results"]["huimin"]["memory_mb"] for run in runs)
    names = {"huimin": "**Huimin, 20 rules**", "copy": "psql `\\copy`", **METHODS}
    lines = []
    for name, title in names.items():
        middle, least, most = statistics.median(seconds[name]), min(seconds[name]), max(seconds[name])
        held = f"{memory} MB" if name == "huimin" else ""
        lines.append(
            f"| {title} | {middle:.1f} ({least:.1f} to {most:.1f}) | {rows / middle:,.0f} | {middle / ours:.2f} × | {held} |"
        )
    versions: dict[str, str] = {}
    for method in METHODS:
        versions |= runs[0]["results"][method]["versions"]
    shown = ", ".join(f"{tool} {number}" for tool, number in versions.items())
    return _TEXT.format(rows=rows, repeats=len(runs), lines="\n".join(lines), versions=shown, **runs[0]["facts"])


def main() -> None:
    """Runs all, keeps the results, and writes the page."""
    # Not resolved: the interpreter of an environment is a link.
    python = Path(sys.argv[1]).absolute()
    rows, repeats = int(os.environ.get("HUIMIN_BENCH_ROWS", "2000000")), int(os.environ.get("HUIMIN_BENCH_REPEATS", "3"))
    runs = []
    for number in range(repeats):
        folder = Path(tempfile.mkdtemp(prefix=f"bench{number}"))
        try:
            runs.append(run_once(python, rows, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    keep("others_speed", {"rows": rows, "runs": runs})
    PAGE.write_text(page(runs, rows), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
