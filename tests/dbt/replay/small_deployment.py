"""A small district for the replay: one monthly report of three counties, and one indicator of each kind over it."""

from __future__ import annotations

from pathlib import Path

from tests.dbt.hierarchy_by_hand import COLUMNS

ROOT = "9901"
COUNTIES = ("990101", "990102", "990103")
TOWNS = {
    "990101001": "990101",
    "990101002": "990101",
    "990101101": "990101",
    "990102001": "990102",
    "990102002": "990102",
    "990103001": "990103",
    "990103002": "990103",
}
# Later in the place of 990101101.
STREET = "990101003"
INDICATORS = {
    # code: aggregation, stock or flow, numerator, denominator
    "FW-PS-01": ("sum", "flow", "", ""),
    "FW-VS-01": ("count", "flow", "", ""),
    "FW-CL-01": ("count_distinct", "flow", "", ""),
    "FW-BD-01": ("sum", "stock", "", ""),
    "FW-BD-02": ("count", "stock", "", ""),
    "FW-CL-02": ("count_distinct", "stock", "", ""),
    "FW-PS-02": ("ratio", "flow", "FW-PS-01", "FW-VS-01"),
    "FW-BD-03": ("ratio", "stock", "FW-BD-01", "FW-CL-02"),
}
HEADERS = {
    "record_code": "编号",
    "served_date": "日期",
    "town_code": "镇代码",
    "client_code": "对象",
    "persons": "人次",
    "closed_date": "结束日期",
}
_COLUMNS = (
    "indicator_code,name_zh,name_en,domain,unit,aggregation,stock_or_flow,scale,numerator_code,denominator_code,factor,"
    "source_report,owner,sensitivity"
)
_CONTRACT = """
name: service
code: FW-01
system: services
title: {{zh: 服务记录, en: Services}}
grain: {{zh: 一次服务一行, en: one row per service}}
owner: {{role: {{zh: 服务中心, en: center}}, email: center@replay.example}}
cadence: monthly
due_day: 5
unit_level: county
units: ["990101", "990102", "990103"]
period_kind: month
source:
  kind: file_drop
  connection: files
  folder: service
  pattern: (?P<period>\\d{{4}}-\\d{{2}})/(?P<unit>\\d{{6}})\\.csv
  settle_seconds: 0
format: {{kind: delimited, encoding: utf-8}}
replaces: period
reject_limit_pct: 100
when_gone: close
gone_limit_pct: 100
columns:
  - {{name: record_code, header: 编号, required: true, key: true}}
  - {{name: served_date, header: 日期, type: date, required: true}}
  - {{name: town_code, header: 镇代码, type: division_code, required: true, known_in: divisions.town}}
  - {{name: client_code, header: 对象, required: true}}
  - {{name: persons, header: 人次, type: integer, required: true}}
  - {{name: closed_date, header: 结束日期, type: date}}
rules:
  - expect: expect_column_values_to_be_between
    arguments: {{column: persons, min_value: 1, max_value: {most_persons}}}
    meaning: {{zh: 人次应在1至{most_persons}之间, en: 1 to {most_persons} persons}}
"""
_STAGING = """
select
    record_code, served_date, town_code, client_code, persons, closed_date,
    _unit_code as unit_code, _period_start as period_start, _period_end as period_end,
    _submission_id as submission_id, _sheet as sheet, _row as row_number
from {{ source('services', 'service') }}
where _superseded_at is null
"""
_EVIDENCE = (
    ("FW-PS-01", "event_date='served_date', subject_key='record_code', quantity='persons'"),
    ("FW-VS-01", "event_date='served_date', subject_key='record_code'"),
    ("FW-CL-01", "event_date='served_date', subject_key='client_code'"),
    ("FW-BD-01", "event_date='served_date', end_date='closed_date', subject_key='record_code', quantity='persons'"),
    ("FW-BD-02", "event_date='served_date', end_date='closed_date', subject_key='record_code'"),
    ("FW-CL-02", "event_date='served_date', end_date='closed_date', subject_key='client_code'"),
)


def write_deployment(folder: Path) -> None:
    """Writes all files of the deployment, without documents."""
    seeds, models = folder / "dbt_project" / "seeds", folder / "dbt_project" / "models"
    for made in (seeds, models / "staging" / "services", models / "evidence" / "services", folder / "expectations" / "services"):
        made.mkdir(parents=True)
    (folder / "documents" / "files" / "service").mkdir(parents=True)
    (folder / "release_rules").mkdir()
    _write(folder / "deployment.yml", f"""
name: replay
title: {{zh: 重演区, en: Replay}}
root_division: "{ROOT}"
first_year: 2021
systems:
  services: {{title: {{zh: 服务系统, en: services}}, code_prefix: FW}}
""")  # fmt: skip
    _write(
        folder / "release_rules" / "rules.yml",
        "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n",
    )
    write_contract(folder, 60)
    _write(models / "staging" / "services" / "_services__sources.yml", """
version: 2
sources:
  - name: services
    schema: raw
    tables: [{name: service}]
""")  # fmt: skip
    _write(models / "staging" / "services" / "stg_services__service.sql", _STAGING)
    rows = [
        "{{ evidence_row('%s', ref('stg_services__service'), area_code='town_code', %s) }}" % pair  # noqa: UP031 - braces of dbt
        for pair in _EVIDENCE
    ]
    _write(models / "evidence" / "services" / "evidence_service.sql", "\nunion all\n".join(rows))
    _write_seeds(seeds)


def write_contract(folder: Path, most_persons: int) -> None:
    """Writes the contract, with its limit of persons."""
    _write(folder / "expectations" / "services" / "service.yml", _CONTRACT.format(most_persons=most_persons))


def write_divisions(folder: Path, towns: dict[str, str], spells: tuple[str, ...]) -> None:
    """Writes the list of divisions, towns with their counties, and the list of spells."""
    seeds = folder / "dbt_project" / "seeds"
    lines = ["code,name,level,parent_code,parent_name,kind,is_statutory,code12,zone_code,zone_name,short_name"]
    lines.append(f"{ROOT},重演市,city,,,市,1,{ROOT}00000000,,,重演")
    lines += [f"{code},{code}县,county,{ROOT},,县,1,{code}000000,,,{code}" for code in COUNTIES]
    lines += [f"{code},{code}镇,town,{county},,镇,1,{code}000,,,{code}" for code, county in towns.items()]
    _write(seeds / "divisions.csv", "\n".join(lines))
    _write(seeds / "division_spells.csv", "\n".join([COLUMNS, *spells]))


def _write_seeds(seeds: Path) -> None:
    lines = [
        f"{code},{code},{code},services,个,{how},{kind},1,{above},{below},1,FW-01,,"
        for code, (how, kind, above, below) in INDICATORS.items()
    ]
    _write(seeds / "indicators.csv", "\n".join([_COLUMNS, *lines]))
    _write(seeds / "measures.csv", _COLUMNS.replace("indicator_code", "measure_code"))
    _write(seeds / "targets.csv", "indicator_code,area_code,year_number,target,valid_from_date,counted_on,area_rule,note")
    _write(
        seeds / "published_figures.csv",
        "indicator_code,area_code,document,as_of_date,period_code,basis,printed,qualifier,value,low,high,note",
    )
    write_divisions(seeds.parent.parent, TOWNS, ())


def _write(path: Path, text: str) -> None:
    path.write_text(text.lstrip("\n").rstrip("\n") + "\n", encoding="utf-8")
