"""The dbt files of a report: its staging model and its source, written from the contract and read where no contract can be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from loaders.contract import Cadence, Column, ColumnType, KeyScope, Replaces, Report
from loaders.raw_schema import key_name, raw_fields

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
# Days after which a source of that cadence is stale: the period, its due date and a week. An ad hoc report is never stale.
_STALE_AFTER_DAYS = {Cadence.DAILY: 7, Cadence.WEEKLY: 14, Cadence.MONTHLY: 45, Cadence.QUARTERLY: 120, Cadence.ANNUAL: 400}
_SOURCES_HEAD = """\
version: 2
sources:
  - name: {system}
    description: The raw tables of the reports of {system}, written by the loaders.
    schema: raw
    config: {{loaded_at_field: _loaded_at}}
    tables:
"""
_SCOPE_COLUMNS = {KeyScope.REPORT: (), KeyScope.UNIT: ("unit_code",), KeyScope.DOCUMENT: ("submission_id",)}
_CURRENT_SQL = """\
with source as (

    select * from {{{{ source('{system}', '{report}') }}}}

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
"""
_REGISTER_SQL = """\
with source as (

    {{{{ register_entries(source('{system}', '{report}'), [{entry}]) }}}}

),

entries as (

    select
{columns}
        _unit_code as unit_code,
        _period_start as period_start,
        _period_end as period_end,
        _submission_id as submission_id,
        _sheet as sheet,
        _row as row_number,
        first_listed_date,
        absent_from_date
    from source

)

select * from entries
"""
# What a staging model of a register adds: from when the entry is listed, and from when it is not any more.
_PRESENCE = {
    "first_listed_date": "From when the first register that lists the entry is valid",
    "absent_from_date": "From when the first later register is valid that lists it no more; null while it is listed",
}
_PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
_LINEAGE = ("submission_id", "sheet", "row_number", "unit_code", "period_start", "period_end")


def staging_sql(report: Report) -> str:
    """The staging model: current rows, or all entries of a register; the contract's columns, lineage at the end."""
    names = [name for column in report.columns for name in warehouse_names(column)]
    lines = [f"        {name}," for name in names]
    template = _REGISTER_SQL if has_entries(report) else _CURRENT_SQL
    entry = ", ".join(f"'{name}'" for name in _entry(report))
    return template.format(system=report.system, report=report.report, columns="\n".join(lines), entry=entry)


def has_entries(report: Report) -> bool:
    """Whether the report is a register of which an entry can be followed from one document to the next."""
    return report.replaces is Replaces.REGISTER and report.key_scope is not KeyScope.DOCUMENT and bool(_entry(report))


def _entry(report: Report) -> list[str]:
    """What tells one entry of a register from another, whenever it is listed: the key without the period."""
    key = [column for column in map(report.column, report.key) if column.type not in _PERIOD_TYPES]
    names = [key_name(column) if column.is_personal else column.name for column in key]
    return ["_unit_code", *names] if names and report.key_scope is KeyScope.UNIT else names


def staging_description(report: Report) -> str:
    """Returns the model's description: its grain, its tested key, and every column with its Chinese header."""
    columns: list[dict[str, Any]] = [
        {"name": name, "description": f"{column.header}{_kind_of(column)}"}
        for column in report.columns
        for name in warehouse_names(column)
    ]
    columns += [{"name": name, "description": f"Lineage: {name.replace('_', ' ')}"} for name in _LINEAGE]
    if has_entries(report):
        columns += [{"name": name, "description": meaning} for name, meaning in _PRESENCE.items()]
    grain = f"{report.grain.en[0].upper()}{report.grain.en[1:]}. {report.grain.zh}。{report.title.zh}。"
    model: dict[str, Any] = {"name": f"stg_{report.system}__{report.report}", "description": grain}
    key = [key_name(column) if column.is_personal else column.name for column in map(report.column, report.key)]
    key = [*_SCOPE_COLUMNS[report.key_scope], *key] if key else []
    if len(key) == 1:
        next(column for column in columns if column["name"] == key[0])["data_tests"] = ["unique", "not_null"]
    elif key:
        model["data_tests"] = [{"unique_combination_of_columns": {"arguments": {"combination_of_columns": key}}}]
    content = {"version": 2, "models": [model | {"columns": columns}]}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def with_source(report: Report, sources: str) -> str:
    """Returns the text of the system's `_<system>__sources.yml` with an entry for the report's raw table.

    Args:
        sources: the file's text; empty where there is no file yet.
    """
    text = sources or _SOURCES_HEAD.format(system=report.system)
    if report.report in _raw_tables(text):
        return text
    days = _STALE_AFTER_DAYS.get(report.cadence)
    freshness = f"{{warn_after: {{count: {days}, period: day}}}}" if days else "null"
    title = yaml.safe_dump(report.title.zh, allow_unicode=True, width=1000).splitlines()[0]
    return f"{text}      - name: {report.report}\n        description: {title}\n        config: {{freshness: {freshness}}}\n"


def sources_of_models(project: Path) -> dict[str, pa.Schema]:
    """Returns the raw tables that the staging models read, by name, with the columns of the models' descriptions.

    For reports whose contract cannot be read: the models are built for a table whether it holds rows or not.
    """
    staging = project / "models" / "staging"
    found = {}
    for path in sorted(staging.glob("*/_*__sources.yml")):
        for table in _raw_tables(path.read_text(encoding="utf-8")):
            model = path.parent / f"stg_{path.parent.name}__{table}.yml"
            content = yaml.safe_load(model.read_text(encoding="utf-8"))
            found[table] = pa.schema(_described_fields(content["models"]))
    return found


def _raw_tables(sources: str) -> list[str]:
    content = yaml.safe_load(sources)
    return [table["name"] for source in content["sources"] if source["schema"] == "raw" for table in source["tables"] or ()]


def _described_fields(models: list[dict[str, Any]]) -> Iterator[pa.Field]:
    for column in (column for model in models for column in model["columns"]):
        if column["name"] not in {*_LINEAGE, *_PRESENCE}:
            kind = _DESCRIBED.search(column.get("description", ""))
            yield pa.field(column["name"], _ARROW_TYPES[kind[1]] if kind else pa.string())


def warehouse_names(column: Column) -> tuple[str, ...]:
    """The columns that a contract column becomes in the raw table."""
    return tuple(field.name for field in raw_fields(column))


def _kind_of(column: Column) -> str:
    words = [text for text in (_TYPES.get(column.type), column.unit) if text]
    return f" ({', '.join(words)})" if words else ""
