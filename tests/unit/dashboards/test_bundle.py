"""The bundle of the product's own dashboards, and what is wrong with definitions."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.contract import load_reports
from loaders.dashboards import DATABASE_FILE, DashboardError, make_bundle, read_definitions, read_table_labels
from loaders.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
URI = "postgresql+psycopg2://bi_reader:XXXXXXXXXX@db:5432/warehouse"
LABELS = read_table_labels(load_reports(PROJECT_ROOT / "expectations"), PROJECT)
CHART = {"title": "甲", "kind": "number", "dataset": "indicator_value", "metrics": [{"label": "数", "sql": "count(*)"}]}


@pytest.fixture(scope="module")
def assets() -> dict[str, dict[str, Any]]:
    bundle = make_bundle(read_definitions(PROJECT / "dashboards"), LABELS, URI)
    return {path: yaml.safe_load(text) for path, text in bundle.items()}


def of_kind(assets: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [content for path, content in assets.items() if path.startswith(f"{kind}/")]


def test_every_identifier_is_of_its_own_and_every_reference_leads_somewhere(assets: dict[str, dict[str, Any]]) -> None:
    identifiers = [content["uuid"] for content in assets.values() if "uuid" in content]
    assert len(identifiers) == len(set(identifiers)) == len(assets) - 1
    assert all(uuid.UUID(one).version == 5 for one in identifiers)
    datasets = {one["uuid"] for one in of_kind(assets, "datasets")}
    assert {one["dataset_uuid"] for one in of_kind(assets, "charts")} <= datasets
    charts = {one["uuid"] for one in of_kind(assets, "charts")}
    placed = [
        place["meta"]["uuid"]
        for dashboard in of_kind(assets, "dashboards")
        for place in dashboard["position"].values()
        if isinstance(place, dict) and place["type"] == "CHART"
    ]
    # A dashboard with a chart that is missing loses all that come after it.
    assert sorted(placed) == sorted(charts)


def test_four_dashboards_with_chinese_labels(assets: dict[str, dict[str, Any]]) -> None:
    titles = [one["dashboard_title"] for one in of_kind(assets, "dashboards")]
    assert titles == ["总览", "社会组织与慈善", "社工站与服务", "数据质量与报送"]
    columns = [column for dataset in of_kind(assets, "datasets") for column in dataset["columns"]]
    assert [one["column_name"] for one in columns if not re.search("[\u4e00-\u9fff]", one["verbose_name"])] == []
    assert [one["slice_name"] for one in of_kind(assets, "charts") if one["slice_name"].isascii()] == []


def test_no_password_and_no_schema_stands_in_it(assets: dict[str, dict[str, Any]]) -> None:
    assert assets[DATABASE_FILE]["sqlalchemy_uri"] == URI
    assert {dataset["schema"] for dataset in of_kind(assets, "datasets")} == {None}
    assert not any("bi." in (dataset["sql"] or "") for dataset in of_kind(assets, "datasets"))


def test_an_indicator_brings_name_unit_and_format_of_the_dictionary(assets: dict[str, dict[str, Any]]) -> None:
    (chart,) = [one for one in of_kind(assets, "charts") if one["slice_name"] == "各县（区）结对帮扶累计投入资金"]
    (metric,) = chart["params"]["metrics"]
    assert (metric["label"], chart["params"]["y_axis_format"]) == ("结对帮扶累计投入资金（万元）", ",.2f")
    (query,) = json.loads(chart["query_context"])["queries"]
    assert {"col": "indicator_code", "op": "==", "val": "CA-PR-02"} in query["filters"]


def test_codes_and_reports_have_a_column_of_words(assets: dict[str, dict[str, Any]]) -> None:
    columns = {one["column_name"]: one for one in assets["datasets/huimin/reporting_status.yaml"]["columns"]}
    assert "when 'missing' then '缺报'" in columns["status_zh"]["expression"]
    assert "when 'home_visit' then '入户探访记录'" in columns["report_zh"]["expression"]


def test_every_column_that_a_chart_names_is_in_its_dataset(assets: dict[str, dict[str, Any]]) -> None:
    known = {one["uuid"]: {column["column_name"] for column in one["columns"]} for one in of_kind(assets, "datasets")}
    for chart in of_kind(assets, "charts"):
        (query,) = json.loads(chart["query_context"])["queries"]
        named = set(query["columns"]) | {one["col"] for one in query["filters"]} | {column for column, _ in query["orderby"]}
        assert named <= known[chart["dataset_uuid"]], chart["slice_name"]


def write(folder: Path, rows: Any) -> Path:
    (folder / "datasets.yml").write_text("datasets: [{name: indicator_value}]\n", encoding="utf-8")
    content = {"title": "页", "slug": "page", "description": "说明", "rows": rows}
    (folder / "page.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


WRONG = {
    "needs columns": [[CHART | {"kind": "table"}]],
    "needs x": [[CHART | {"kind": "line"}]],
    "needs metrics or an indicator": [[CHART | {"metrics": []}]],
    "occurs twice": [[CHART], [CHART]],
    "wider than 12": [[CHART | {"width": 12}, CHART | {"title": "乙"}]],
    "no dataset absent": [[CHART | {"dataset": "absent"}]],
    "Extra inputs": [[CHART | {"colour": "red"}]],
}


@pytest.mark.parametrize("expected", WRONG)
def test_what_is_wrong_is_named(tmp_path: Path, expected: str) -> None:
    with pytest.raises(DashboardError, match=expected):
        read_definitions(write(tmp_path, WRONG[expected]))


def test_a_right_one_is_read(tmp_path: Path) -> None:
    assert read_definitions(write(tmp_path, [[CHART]])).dashboards[0].rows[0][0].title == "甲"


def test_a_file_that_is_no_yaml_or_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match=r"datasets\.yml"):
        read_definitions(tmp_path)
