"""The bare script: what somebody would write instead, and the measure of `test_city_speed.py`.

pandas reads each landed document as text (calamine for workbooks, GB18030 for CSV, JSON lines) and appends it by COPY to a table
per report and number of columns. It finds no header, converts no type, checks no rule, has no key and no ledger; a document that
it cannot read is skipped.

Usage: bare_script.py LEDGER_URL LANDING_FOLDER URL_OF_AN_EMPTY_DATABASE. Prints its counts and times as JSON.
"""

import csv
import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import sqlalchemy as sa

_DOCUMENTS = "select distinct on (report, sha256) report, sha256 from ops.submission order by report, sha256"


def read(path: Path) -> pd.DataFrame:
    """Reads all sheets of a workbook, or a text file, as text without a header."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PK\x03\x04":
        return pd.concat(pd.read_excel(path, sheet_name=None, engine="calamine", header=None, dtype=str).values())
    if head == b"\xd0\xcf\x11\xe0":
        raise ValueError("an encrypted or old workbook")
    if head[:1] == b"{":
        return pd.read_json(path, lines=True, dtype=False)
    return pd.read_csv(path, encoding="gb18030", dtype=str, header=None, on_bad_lines="skip")


def copy_rows(table: Any, connection: Any, keys: list[str], rows: Any) -> None:
    """Appends rows by COPY, for `to_sql`."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    names = ", ".join(f'"{key}"' for key in keys)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f'copy "{table.name}" ({names}) from stdin (format csv)') as copy,
    ):
        copy.write(buffer.getvalue())


def main() -> None:
    """Loads every document of the ledger, each in a transaction of its own."""
    ledger, landing, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3].replace("postgresql://", "postgresql+psycopg://", 1)
    with psycopg.connect(ledger) as connection:
        documents = connection.execute(_DOCUMENTS).fetchall()
    engine = sa.create_engine(target)
    started = time.perf_counter()
    loaded = rows = skipped = 0
    for report, sha256 in documents:
        try:
            frame = read(landing / sha256[:2] / sha256[2:4] / sha256)
            frame.columns = [f"c{number}" for number in range(len(frame.columns))]
            name = f"{report}_{len(frame.columns)}"
            frame.astype(str).to_sql(name, engine, if_exists="append", index=False, method=copy_rows)
        except Exception:
            skipped += 1
            continue
        loaded += 1
        rows += len(frame)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    counts = {"documents": loaded, "rows": rows, "skipped": skipped}
    print(json.dumps(counts | {"seconds": round(seconds, 2), "processor_seconds": round(used.ru_utime + used.ru_stime, 2)}))


if __name__ == "__main__":
    main()
