"""Keeps results of benchmarks as JSON, with the machine and the versions that they are of."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import psycopg


def environment(server_url: str) -> dict[str, Any]:
    """Returns what a result depends on besides the program."""
    with psycopg.connect(server_url) as connection:
        row = connection.execute("show server_version").fetchone()
    return {"cores": os.cpu_count(), "python": platform.python_version(), "postgresql": row[0] if row else None}


def keep(name: str, result: dict[str, Any]) -> None:
    """Writes a result into the folder that HUIMIN_BENCH_RESULTS names, if it names one."""
    folder = os.environ.get("HUIMIN_BENCH_RESULTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
