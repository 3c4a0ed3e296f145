"""The contracts that the project ships: right, runnable, and named by the rules of the house."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
from great_expectations.expectations.registry import get_expectation_impl

from loaders.contract import Column, ColumnType, Report, deployment_schema, editor_schema, load_reports
from loaders.divisions import Divisions
from loaders.validation import check_rules

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "expectations", ROOT / "tests" / "bench" / "expectations"]
REPORTS = [report for folder in FOLDERS for report in load_reports(folder).values()]
SHIPPED = list(load_reports(FOLDERS[0]).values())
ENDINGS = {
    ColumnType.DATE: ("_date",),
    ColumnType.DATETIME: ("_at",),
    ColumnType.USCC: ("uscc",),
    ColumnType.DIVISION_CODE: ("_code",),
    ColumnType.INTEGER: ("_count", "_persons", "_pairs", "_minutes", "_pct", "_mu", "_km"),
}


def test_the_schema_for_editors_is_that_of_the_models() -> None:
    written = (FOLDERS[0] / "report.schema.json").read_text(encoding="utf-8")
    assert written == editor_schema(), "run `huimin contracts schema` and commit expectations/report.schema.json"
    written = (FOLDERS[0] / "deployment.schema.json").read_text(encoding="utf-8")
    assert written == deployment_schema(), "run `huimin contracts schema` and commit expectations/deployment.schema.json"


@pytest.mark.parametrize("path", ["deployment.yml", "loaders/scaffold/deployment_template/deployment.yml"])
def test_editors_are_reported_the_schema_of_a_deployment(path: str) -> None:
    first = (ROOT / path).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=expectations/deployment.schema.json"
    assert set(json.loads(deployment_schema())["required"]) == {"name", "title", "root_division", "first_year", "systems"}


@pytest.mark.parametrize("path", sorted(FOLDERS[0].glob("*/*.yml")), ids=lambda path: path.stem)
def test_editors_are_reported_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../report.schema.json"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.report)
def test_every_rule_can_be_run(report: Report) -> None:
    assert check_rules(report) == []


@pytest.mark.parametrize("report", SHIPPED, ids=lambda report: report.report)
def test_units_are_divisions_of_the_city(report: Report) -> None:
    divisions = Divisions.load(ROOT / "dbt_project" / "seeds" / "divisions.csv")
    assert set(report.units) <= divisions.by_code.keys()


@pytest.mark.parametrize(
    ("report", "column"),
    [(report, column) for report in SHIPPED for column in report.columns],
    ids=lambda part: getattr(part, "name", None) or part.report,
)
def test_columns_end_in_what_they_are(report: Report, column: Column) -> None:
    ends = ENDINGS.get(column.type)
    assert ends is None or column.name.endswith(ends), f"{report.report}.{column.name}"
    if column.type is ColumnType.BOOLEAN:
        assert column.name.startswith(("is_", "has_", "can_")), f"{report.report}.{column.name}"
    if column.unit == "元":
        assert column.name.endswith("_yuan"), f"{report.report}.{column.name}"


@pytest.mark.parametrize("report", SHIPPED, ids=lambda report: report.report)
def test_the_grain_is_said_as_one_row_per_something(report: Report) -> None:
    assert report.grain.en.startswith("one row per ")
    assert "一行" in report.grain.zh


def test_the_readme_explains_every_field_and_names_rules_that_exist() -> None:
    text = (FOLDERS[0] / "README.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_]+", text))
    schema = json.loads(editor_schema())
    parts = [schema, *schema["$defs"].values()]
    assert {name for part in parts for name in part.get("properties", {})} <= words
    assert {value for part in parts for value in part.get("enum", ()) if re.fullmatch(r"[a-z_]+", value)} <= words
    importlib.import_module("loaders.validation.rules.engines.gx_expectations")
    for name in {word for word in words if word.startswith("expect_")}:
        assert get_expectation_impl(name), name
