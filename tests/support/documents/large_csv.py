"""The CSV of the load benchmark: 2 million rows, 12 columns, one invalid row in 100,000."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

WRONG_EVERY = 100_000


def write_document(path: Path, rows: int, towns: list[str]) -> int:
    """Writes the CSV.

    Returns:
        The number of rows that break a rule.
    """
    random = np.random.default_rng(20211)
    number = np.arange(rows)
    days = np.array([(dt.date(2023, 1, 1) + dt.timedelta(days=day)).isoformat() for day in range(365)])
    persons = random.integers(1, 6, rows)
    persons[WRONG_EVERY - 1 :: WRONG_EVERY] = 999
    table = pa.table(
        {
            "探访编号": [f"V2023-{value:08d}" for value in number],
            "探访日期": days[random.integers(0, 365, rows)],
            "站点编号": _codes("S", 437, rows, random, 4),
            "镇（街道）代码": np.array(towns)[random.integers(0, len(towns), rows)],
            "社工编号": _codes("W", 2_000, rows, random, 5),
            "档案编号": _codes("C", 90_000, rows, random, 7),
            "探访人次": persons,
            "探访方式": np.array(["入户", "电话", "视频", "其他"])[random.choice(4, rows, p=[0.9, 0.06, 0.03, 0.01])],
            "探访时长（分钟）": random.integers(5, 120, rows),
            "志愿者人数": random.integers(0, 4, rows),
            "支出（元）": np.char.mod("%.2f", random.integers(0, 50_000, 10_000) / 100)[random.integers(0, 10_000, rows)],
            "备注": np.array(["", "已回访", "需跟进", "节日慰问"])[random.integers(0, 4, rows)],
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pa.csv.write_csv(table, path)
    return rows // WRONG_EVERY


def _codes(prefix: str, count: int, rows: int, random: np.random.Generator, digits: int) -> np.ndarray:
    return np.array([f"{prefix}{value:0{digits}d}" for value in range(count)])[random.integers(0, count, rows)]
