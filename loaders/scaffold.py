"""`huimin new-report`: the files that a new report needs, as a start to be edited. No Python is written.

First call: the contract. Second call, once the contract says its columns: the staging model with its description, and the
fixture folder. Nothing that exists is overwritten.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import yaml

from loaders.contract import Column, ColumnType, Report, System, load_report
from loaders.raw_schema import raw_fields

_CONTRACT = """\
# yaml-language-server: $schema=../report.schema.json
report: {name}
code: {code}
system: {system}
title: {{zh: {title}, en: {name}}}
grain: {{zh: 一行一条, en: one row per item}}
owner:
  role: {{zh: 报表负责人, en: owner of the report}}
  email: owner@example.org
cadence: monthly
due_day: 8
unit_level: city
period_kind: month
source:
  kind: file_drop
  connection: {system}_sftp
  folder: {name}
  pattern: (?P<period>\\d{{4}}-\\d{{2}})/[^/]*\\.xlsx
format: {{kind: workbook}}
replaces: period
columns:
{columns}
"""
_TYPES = {
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "number",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "date and time",
    ColumnType.BOOLEAN: "yes or no",
}
_LINEAGE = ("submission_id", "sheet", "row_number", "unit_code", "period_start", "period_end")


def scaffold_report(root: Path, *, system: str, name: str, code: str, title: str = "", sample: Path | None = None) -> list[Path]:
    """Write what is missing of a report's files below `root`.

    Returns:
        The files and folders that were written.

    Raises:
        ContractError: the contract is there and is wrong.
        ValueError: `system` is none of the three.
    """
    contract = root / "expectations" / System(system) / f"{name}.yml"
    if not contract.exists():
        headers = _headers(sample) if sample else ["编号", "名称"]
        columns = "\n".join(_column_line(number, header) for number, header in enumerate(headers, start=1))
        _write(contract, _CONTRACT.format(name=name, code=code, system=system, title=_quoted(title or name), columns=columns))
        return [contract]
    report = load_report(contract)
    model = root / "dbt_project" / "models" / "staging" / report.system / f"stg_{report.system}__{report.report}.sql"
    wanted = {
        model: staging_sql(report),
        model.with_suffix(".yml"): staging_description(report),
        root / "tests" / "reports" / report.report / "README.md": _fixture_readme(report),
    }
    written = [path for path in wanted if not path.exists()]
    for path in written:
        _write(path, wanted[path])
    return written


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


def warehouse_names(column: Column) -> tuple[str, ...]:
    """The columns that a contract column becomes in the raw table."""
    return tuple(field.name for field in raw_fields(column))


def _kind_of(column: Column) -> str:
    words = [text for text in (_TYPES.get(column.type), column.unit) if text]
    return f" ({', '.join(words)})" if words else ""


def _fixture_readme(report: Report) -> str:
    return (
        f"# {report.code} {report.title.zh}\n\n"
        "One folder a case: the document as an office would send it, `expected.csv` with the rows that must come out, and\n"
        "`expected.yml` with the issues and the furniture. A new folder is a new case; no test code is written.\n"
    )


def _headers(sample: Path) -> list[str]:
    from loaders.reading import dump_cells

    sheets = dump_cells(sample).get("sheets", [])
    rows: dict[int, list[str]] = {}
    for cell in sheets[0]["cells"] if sheets else []:
        if cell["type"] == "text":
            rows.setdefault(int("".join(filter(str.isdigit, cell["cell"]))), []).append(str(cell["value"]).strip())
    widest = max(rows.values(), key=len, default=[])
    return widest or ["编号", "名称"]


def _column_line(number: int, header: str) -> str:
    required = ", required: true, key: true" if number == 1 else ""
    return f"  - {{name: column_{number}, header: {_quoted(header)}{required}}}"


def _quoted(text: str) -> str:
    """A text that YAML reads as it is, whatever stands in it."""
    return json.dumps(text, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
