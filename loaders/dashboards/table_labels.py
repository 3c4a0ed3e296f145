"""Chinese names and types of the columns in bi, from the descriptions that dbt keeps, and units from the dictionary."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loaders.contract import Report

_IN_BRACKETS, _FIRST_MARK = re.compile("（[^）]*）"), re.compile("[。，：；、＝]")
_UNIT = re.compile("（(元|万元|%|亩)）")
# `missing 缺报`: a code of a column, and what it means.
_CODE = re.compile("([a-z][a-z_]+) ([\u4e00-\u9fff]+)")
_FORMATS = {"万元": ",.2f", "元": ",.2f", "%": ".1f", "公里": ",.1f", "亩": ",.1f"}


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A column: its Chinese name, its whole description, and its type in PostgreSQL."""

    name: str
    chinese_name: str
    description: str
    data_type: str

    @property
    def codes(self) -> Mapping[str, str]:
        """The Chinese words of its codes, where its description lists them: `accepted 已接收、missing 缺报`."""
        return dict(_CODE.findall(self.description.partition("。")[0]))


@dataclass(frozen=True, slots=True)
class IndicatorLabel:
    """An indicator: its Chinese name and its unit."""

    name: str
    unit: str

    @property
    def label(self) -> str:
        """`社区基金筹集慈善资金（万元）`."""
        return f"{self.name}（{self.unit}）"

    @property
    def format(self) -> str:
        """How a number of the unit is written, in the notation of d3."""
        return _FORMATS.get(self.unit, ",.0f")


@dataclass(frozen=True, slots=True)
class TableLabels:
    """Columns by table of bi, in their order; indicators by code; Chinese titles of reports by name."""

    columns: Mapping[str, tuple[ColumnLabel, ...]]
    indicators: Mapping[str, IndicatorLabel]
    reports: Mapping[str, str]


def read_table_labels(reports: Mapping[str, Report], *projects: Path) -> TableLabels:
    """Reads the descriptions of bi in the engine and the deployment's own, and the deployment's dictionary.

    Args:
        reports: the contracts, by name.
        projects: folders of dbt projects: the product's and the deployment's, which may be one.
    """
    columns: dict[str, tuple[ColumnLabel, ...]] = {}
    indicators: dict[str, IndicatorLabel] = {}
    for project in projects:
        for path in sorted([*project.glob("engine/models/bi/*.yml"), *project.glob("models/bi/*.yml")]):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
                columns[model["name"]] = tuple(map(_column, model["columns"]))
        with (project / "seeds" / "indicators.csv").open(encoding="utf-8", newline="") as file:
            indicators |= {row["indicator_code"]: IndicatorLabel(row["name_zh"], row["unit"]) for row in csv.DictReader(file)}
    return TableLabels(columns, indicators, {name: report.title.zh for name, report in reports.items()})


def _column(column: Mapping[str, Any]) -> ColumnLabel:
    """The name is cut as the macro chinese_names cuts it, but keeps its unit: `累计支出（元）`."""
    description = column["description"]
    name = _FIRST_MARK.split(_IN_BRACKETS.sub("", description))[0]
    unit = _UNIT.search(_FIRST_MARK.split(description)[0])
    return ColumnLabel(column["name"], name + (unit.group() if unit else ""), description, column["data_type"])
