"""The staging model of a report as files of the dbt project: written from its contract, and read where there is no contract."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from loaders.contract import Column, ColumnType, Report
from loaders.raw_schema import raw_fields

_TYPES = {
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "number",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "date and time",
    ColumnType.BOOLEAN: "yes or no",
}
_ARROW_TYPES = {
    "whole number": pa.int64(),
    "number": pa.decimal128(18, 4),
    "date": pa.date32(),
    "date and time": pa.timestamp("us"),
    "yes or no": pa.bool_(),
}
_DESCRIBED = re.compile(rf"\(({'|'.join(_ARROW_TYPES)})(?:, [^)]*)?\)$")
_LINEAGE = ("submission_id", "sheet", "row_number", "unit_code", "period_start", "period_end")


def staging_sql(report: Report) -> str:
    """The staging model: current rows, the contract's columns, lineage at the end."""
    names = [name for column in report.columns for name in warehouse_names(column)]
    lines = [f"        {name}," for name in names]
    return textwrap.dedent("""\
        with source as (

            select * from {{{{ source('raw', '{report}') }}}}

        ),

        current_rows as (

            select
        {columns}
                _unit_code as unit_code,
                _period_start as period_start,
                _period_end as period_end,
                _submission_id as submission_id,
                _sheet as sheet,
                _row as row_number
            from source
            where _superseded_at is null

        )

        select * from current_rows
        """).format(report=report.report, columns="\n".join(lines))


def staging_description(report: Report) -> str:
    """The model's description: grain first, then every column with its Chinese header; and the raw table as its source."""
    columns = [
        {"name": name, "description": f"{column.header}{_kind_of(column)}"}
        for column in report.columns
        for name in warehouse_names(column)
    ]
    columns += [{"name": name, "description": f"Lineage: {name.replace('_', ' ')}"} for name in _LINEAGE]
    model = f"stg_{report.system}__{report.report}"
    grain = f"{report.grain.en[0].upper()}{report.grain.en[1:]}. {report.grain.zh}。{report.title.zh}。"
    content = {
        "sources": [{"name": "raw", "schema": "raw", "tables": [{"name": report.report, "description": report.title.zh}]}],
        "models": [{"name": model, "description": grain, "columns": columns}],
    }
    return yaml.safe_dump({"version": 2, **content}, allow_unicode=True, sort_keys=False, width=120)


def sources_of_models(project: Path) -> dict[str, pa.Schema]:
    """The raw tables that the staging models read, by name, as their descriptions have them.

    For reports whose contract cannot be read: the models are made for a table whether it holds rows or not.
    """
    found = {}
    for path in sorted((project / "models" / "staging").glob("*/*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = [table["name"] for source in content.get("sources", []) for table in source["tables"] if source["name"] == "raw"]
        if len(tables) == 1:
            found[tables[0]] = pa.schema(_described_fields(content["models"]))
    return found


def _described_fields(models: list[dict[str, Any]]) -> Iterator[pa.Field]:
    for column in (column for model in models for column in model["columns"]):
        if column["name"] not in _LINEAGE:
            kind = _DESCRIBED.search(column.get("description", ""))
            yield pa.field(column["name"], _ARROW_TYPES[kind[1]] if kind else pa.string())


def warehouse_names(column: Column) -> tuple[str, ...]:
    """The columns that a contract column becomes in the raw table."""
    return tuple(field.name for field in raw_fields(column))


def _kind_of(column: Column) -> str:
    words = [text for text in (_TYPES.get(column.type), column.unit) if text]
    return f" ({', '.join(words)})" if words else ""
