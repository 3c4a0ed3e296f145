"""Exports a release as a folder that stands by itself: values as CSV, Parquet and SDMX-CSV, the dictionary, and all hashes.

`datapackage.json` describes the tables (Frictionless Data Package v1); `sdmx.csv` is SDMX-CSV 2.0. `SHA256SUMS` is checked by
`sha256sum --check`, and `release.json` holds the hash that `huimin verify releases --head` takes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from loaders.release import Release, ReleasedValue, release_hash
from loaders.settings import Settings
from loaders.warehouse.releases import CannotBeReleased, ReleaseLog, dictionary

_NUMBER = pa.decimal128(20, 6)
_NUMBERS = ("value", "ytd", "to_date", "numerator", "denominator")
_VALUES = pa.schema(
    [
        ("indicator_code", pa.string()),
        ("area_code", pa.string()),
        ("period_code", pa.string()),
        *((name, _NUMBER) for name in _NUMBERS),
    ]
)
_DESCRIPTIONS = {
    "indicator_code": "指标代码。Code of the indicator",
    "area_code": "区划代码。Code of the area",
    "period_code": "期间。The period, e.g. 2023-06, 2023Q2, 2023H1, 2023",
    "value": "本期数。The value of the period",
    "ytd": "本年累计。From 1 January to the end of the period",
    "to_date": "历史累计。From the first record to the end of the period",
    "numerator": "比率的分子。Numerator of a ratio",
    "denominator": "比率的分母。Denominator of a ratio",
}
_STRUCTURE = "HUIMIN:INDICATORS(1.0)"


class ExportError(RuntimeError):
    """A folder that cannot be written to; the message says which, and the next step."""


def export(settings: Settings, number: int, folder: Path) -> list[Path]:
    """Writes everything that was published when a release was made. Equal releases give equal bytes.

    Returns:
        The files.

    Raises:
        CannotBeReleased: there is no such release.
        ExportError: the folder holds something already.
    """
    log = ReleaseLog(settings.warehouse_url)
    release = next((one for one in log.releases() if one.release_number == number), None)
    if release is None:
        raise CannotBeReleased(f"there is no release {number}: huimin release list shows them")
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    values = sorted(log.released_values(until=number).values(), key=lambda value: value.key)
    tables = {"values": _table(values), **dictionary(settings.transformer_url)}
    for name, table in tables.items():
        pa_csv.write_csv(table, folder / f"{name}.csv")
        pa_parquet.write_table(table, folder / f"{name}.parquet")
    _write_sdmx(folder / "sdmx.csv", values)
    _write_json(folder / "release.json", {**asdict(release), "release_hash": release_hash(release)})
    _write_json(folder / "datapackage.json", _data_package(release, tables))
    files = sorted(folder.iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return [*files, folder / "SHA256SUMS"]


def _table(values: Iterable[ReleasedValue]) -> pa.Table:
    rows = [astuple(value) for value in values]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_VALUES)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _VALUES, strict=True)], schema=_VALUES)


def _write_sdmx(path: Path, values: Iterable[ReleasedValue]) -> None:
    """One line per number that is not null; its basis (`value`, `ytd`, `to_date`) is a dimension."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,REF_AREA,TIME_PERIOD,BASIS,OBS_VALUE\n")
        for value in values:
            time = _sdmx_period(value.period_code)
            for basis in ("value", "ytd", "to_date"):
                number: Decimal | None = getattr(value, basis)
                if number is not None:
                    start = f"dataflow,{_STRUCTURE},I,{value.indicator_code},{value.area_code},{time}"
                    file.write(f"{start},{basis},{number.normalize():f}\n")


def _sdmx_period(code: str) -> str:
    """2023Q2 is 2023-Q2 in SDMX, 2023H1 is 2023-S1; months and years are the same."""
    return code.replace("Q", "-Q").replace("H", "-S")


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _data_package(release: Release, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": f"release-{release.release_number}",
        "title": f"Release {release.release_number} of {release.period_code}",
        "version": str(release.release_number),
        "created": release.released_at.isoformat(),
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": field.name, "type": _field_type(field.type), "description": _DESCRIPTIONS.get(field.name, "")}
                        for field in table.schema
                    ]
                },
            }
            for name, table in tables.items()
        ],
    }


def _field_type(kind: pa.DataType) -> str:
    return "number" if pa.types.is_decimal(kind) else "string"
