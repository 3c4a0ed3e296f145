"""Loads the CSV of the load benchmark by another tool, in the environment of requirements-bench.lock; imports nothing of ours.

Usage: load_with.py METHOD FILE URL_OF_AN_EMPTY_DATABASE FOLDER. Prints seconds, rows and the versions of the tools as JSON.
Reading the file is timed as well; imports are not.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import pandas as pd
import psycopg
import pyarrow.csv
import sqlalchemy as sa

TABLE = "visit_log"


def dlt_parquet(file: Path, url: str, folder: Path) -> None:
    """dlt at its best: Arrow in, parquet between, ADBC into PostgreSQL."""
    rows = dlt.resource(pyarrow.csv.open_csv(file), name=TABLE)
    _pipeline(url, folder).run(rows, loader_file_format="parquet")


def dlt_default(file: Path, url: str, folder: Path) -> None:
    """dlt as its first page shows it: an iterator of dictionaries."""

    def rows() -> Iterator[dict[str, Any]]:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)

    _pipeline(url, folder).run(dlt.resource(rows, name=TABLE))


def pandas_to_sql(file: Path, url: str, _: Path) -> None:
    """pandas as most scripts use it."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    pd.read_csv(file).to_sql(TABLE, engine, index=False, chunksize=10_000)


METHODS = {method.__name__: method for method in (dlt_parquet, dlt_default, pandas_to_sql)}


def _pipeline(url: str, folder: Path) -> Any:
    destination = dlt.destinations.postgres(credentials=url)
    return dlt.pipeline("bench", destination=destination, dataset_name="loaded", pipelines_dir=str(folder))


def main() -> None:
    """Loads once into an empty database."""
    method, file, url, folder = sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    started = time.perf_counter()
    METHODS[method](file, url, folder)
    seconds = time.perf_counter() - started
    with psycopg.connect(url) as connection:
        schema = "loaded" if method.startswith("dlt") else "public"
        row = connection.execute(f"select count(*) from {schema}.{TABLE}").fetchone()
    tools = ("dlt", "adbc-driver-postgresql") if method.startswith("dlt") else ("pandas", "sqlalchemy")
    result = {"seconds": seconds, "rows": row[0] if row else 0, "versions": {tool: version(tool) for tool in tools}}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
