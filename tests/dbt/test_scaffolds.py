"""`new-report` and `new-indicator` end to end: from a sample document to a figure with its evidence, without a line by hand."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import openpyxl
import psycopg
import pytest

from loaders.contract import load_reports
from loaders.dbt.runner import build_models
from loaders.scaffold.indicator_files import NewIndicator, scaffold_indicator
from loaders.scaffold.report_files import scaffold_report
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import Warehouse
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place, run_dbt

pytestmark = [pytest.mark.integration, pytest.mark.slow]
REPORT = "warm_winter"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a report and two indicators that no person edited, and the evidence of no other report."""
    copy = tmp_path_factory.mktemp("project")
    for folder in ("expectations", "dbt_project", "docs"):
        shutil.copytree(PROJECT_ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("target", "logs"))
    for system in ("civil_affairs", "charity", "social_work"):
        shutil.rmtree(copy / "dbt_project" / "models" / "evidence" / system)
    book = openpyxl.Workbook()
    for row in (["暖冬行动情况表"], ["活动编号", "走访户数（户）", "慰问金额（元）"], ["N1", 12, 3000], ["N2", 8, 1500.5]):
        book.active.append(row)
    book.save(copy / "sample.xlsx")
    sample = copy / "sample.xlsx"
    for written in (1, 6, 0):
        assert len(scaffold_report(copy, system="charity", name=REPORT, code="CH99", samples=[sample])) == written
    for indicator in (
        NewIndicator("CH-WW-01", "暖冬行动次数", "warm-winter activities", "次"),
        NewIndicator("CH-WW-02", "暖冬慰问金额", "warm-winter money", "元", quantity="column_3"),
    ):
        for count in (3, 0):
            assert len(scaffold_indicator(copy, REPORT, indicator, remark=pytest.fail)) == count
    return copy


@pytest.fixture(scope="module")
def place(make_place: MakePlace, root: Path) -> Place:
    made = make_place("scaffolds", root / "dbt_project")
    place = dataclasses.replace(made, settings=dataclasses.replace(made.settings, expectations=root / "expectations"))
    Warehouse(place.settings.warehouse_url).prepare(load_reports(root / "expectations")[REPORT])
    rows = [{"column_1": "N1", "column_2": 12, "column_3": 3000}, {"column_1": "N2", "column_2": 8, "column_3": 1500.5}]
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, REPORT, "4413", "2023-02", rows)
    selection = ("--select", "+indicator_value", "+figure_evidence", "--exclude-resource-type", "unit_test")
    build_models(place.settings, (*selection, "--indirect-selection", "cautious"))
    return place


def test_the_figures_of_the_new_report_are_there_with_their_rows(place: Place) -> None:
    values = place.query_as_reader(
        "select indicator_code, trim_scale(value) from bi.indicator_value"
        " where indicator_code like 'CH-WW-%' and (area_code, period_code) = ('4413', '2023-02') order by 1"
    )
    assert [(code, str(value)) for code, value in values] == [("CH-WW-01", "2"), ("CH-WW-02", "4500.5")]
    evidence = place.query_as_reader(
        "select row_number, trim_scale(quantity) from bi.figure_evidence"
        " where indicator_code = 'CH-WW-02' and area_code = '4413' order by 1"
    )
    assert [(row, str(quantity)) for row, quantity in evidence] == [(2, "3000"), (3, "1500.5")]


def test_the_query_of_the_architecture_page_leads_from_the_figure_to_its_rows(place: Place) -> None:
    page = (PROJECT_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    query = page.partition("```sql\n")[2].partition(";\n```")[0]
    for there, here in (("home_visit", REPORT), ("SW-HV-01", "CH-WW-01"), ("'441302'", "'4413'"), ("2023-06", "2023-02")):
        query = query.replace(there, here)
    rows = place.query(query)
    assert [(row[2], row[6]) for row in rows] == [(1, 2), (1, 3)]


def test_the_unit_test_of_the_evidence_passes(place: Place) -> None:
    target = run_dbt(place, "test", "--select", f"evidence_{REPORT},test_type:unit")
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert [result["status"] for result in results] == ["pass"]
