"""The dbt project's conventions, checked on the manifest that dbt writes when it parses: no database is needed."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import load_reports
from loaders.dbt.runner import dbt_environment
from loaders.dbt.staging_models import warehouse_names
from loaders.settings import PROJECT_ROOT

pytestmark = pytest.mark.integration
PROJECT = PROJECT_ROOT / "dbt_project"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
KEY_TESTS = {"unique", "unique_combination_of_columns"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("target")
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target, "--log-path", target]
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", *map(str, folders)]
    subprocess.run(command, env=os.environ | dbt_environment(NO_DATABASE, PROJECT), check=True, timeout=300)
    return dict(json.loads((target / "manifest.json").read_text(encoding="utf-8")))


def models(manifest: dict[str, Any]) -> dict[str, Any]:
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


def layer(model: dict[str, Any]) -> str:
    return str(model["fqn"][1])


def keys(manifest: dict[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yields each model with the columns of each key that is tested."""
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") or {}
        if metadata.get("name") in KEY_TESTS and (node.get("attached_node") or "").startswith("model."):
            arguments = metadata["kwargs"]
            columns = arguments.get("combination_of_columns") or [arguments["column_name"]]
            yield node["attached_node"].rpartition(".")[2], frozenset(columns)


def test_every_model_of_staging_indicators_and_bi_has_a_tested_key(manifest: dict[str, Any]) -> None:
    wanted = {name for name, model in models(manifest).items() if layer(model) in {"staging", "indicators", "bi"}}
    assert wanted - {name for name, _ in keys(manifest)} == set()


def test_the_key_of_a_staging_model_is_that_of_its_contract(manifest: dict[str, Any]) -> None:
    tested = dict(keys(manifest))
    for report in load_reports(PROJECT_ROOT / "expectations").values():
        key = {f"{name}_key" if report.column(name).is_personal else name for name in report.key}
        assert tested[f"stg_{report.system}__{report.report}"] == key


def test_bi_is_public_and_the_rest_private(manifest: dict[str, Any]) -> None:
    access = {name: (layer(model) == "bi", model["access"]) for name, model in models(manifest).items()}
    assert set(access.values()) == {(True, "public"), (False, "private")}
    assert {model["group"] for model in models(manifest).values()} == {"pipeline"}


def test_exposures_name_everything_that_bi_reads(manifest: dict[str, Any]) -> None:
    exposures = {node["name"]: {parent.rpartition(".")[2] for parent in node["depends_on"]["nodes"]}
                 for node in manifest["exposures"].values()}  # fmt: skip
    assert exposures["bi_dashboards"] == {name for name, model in models(manifest).items() if layer(model) == "bi"}
    assert "published_comparison" in exposures["published_account"]


def test_every_report_is_a_source_of_its_system_with_a_freshness(manifest: dict[str, Any]) -> None:
    sources = {(node["source_name"], node["name"]): node for node in manifest["sources"].values() if node["schema"] == "raw"}
    reports = load_reports(PROJECT_ROOT / "expectations").values()
    assert set(sources) == {(str(report.system), report.report) for report in reports}
    for report in reports:
        source = sources[str(report.system), report.report]
        assert source["loaded_at_field"] == "_loaded_at"
        assert bool((source["freshness"] or {}).get("warn_after", {}).get("count")) == (report.cadence != "ad_hoc"), report.report


def test_evidence_unions_every_model_in_the_folders_of_evidence(manifest: dict[str, Any]) -> None:
    evidence = {path.stem for path in (PROJECT / "models" / "evidence").glob("*/*.sql")}
    found = {parent.rpartition(".")[2] for parent in models(manifest)["evidence"]["depends_on"]["nodes"]}
    # The product's own model reads the list of figures, where the deployment has one.
    own = {"evidence_fingerprint", "evidence_area_figure"}
    assert {name for name in found if name.startswith("evidence_")} == evidence | own
    assert len(evidence) > 20


def test_every_measure_leads_to_columns_of_its_report(manifest: dict[str, Any]) -> None:
    """As the macro measure_columns derives them: the quantity, or the subject of rows that count as one, or what is named."""
    reports = load_reports(PROJECT_ROOT / "expectations")
    stems = {name: {column for c in report.columns for column in warehouse_names(c)} for name, report in reports.items()}
    found: set[str] = set()
    for name, model in models(manifest).items():
        for key, source in model["config"]["meta"].items():
            if not key.startswith("measure "):
                continue
            report = name.removeprefix("evidence_")
            derived = source["subject_key"] if source["quantity"] == "1" else source["quantity"]
            columns = source["columns"] or [derived]
            assert set(columns) <= stems[report], f"{key}: name its columns of {report} by columns=[…]"
            found.add(key.removeprefix("measure "))
    seeds = [PROJECT / "seeds" / f"{name}.csv" for name in ("indicators", "measures")]
    rows = [row for seed in seeds for row in csv.DictReader(seed.read_text(encoding="utf-8").splitlines())]
    wanted = {next(iter(row.values())) for row in rows if row["aggregation"] != "ratio"}
    # The statutory towns and the figures of divisions are lists of the project; no document reports them.
    with (PROJECT / "seeds" / "area_figures.csv").open(encoding="utf-8") as lines:
        listed = {row["measure_code"] for row in csv.DictReader(lines)}
    assert wanted - found == {"statutory_towns", *listed}


def test_a_new_evidence_model_needs_no_line_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "models" / "evidence", tmp_path / "models" / "evidence")
    before = dbt_environment(NO_DATABASE, tmp_path)["HUIMIN_DBT_EVIDENCE"].split()
    (tmp_path / "models" / "evidence" / "charity" / "evidence_warm_winter.sql").write_text("select 1", encoding="utf-8")
    after = dbt_environment(NO_DATABASE, tmp_path)["HUIMIN_DBT_EVIDENCE"].split()
    assert set(after) - set(before) == {"evidence_warm_winter"}


def test_a_build_after_a_load_runs_no_test_that_rows_cannot_fail(manifest: dict[str, Any]) -> None:
    """A test of seeds alone, through whatever models, has the tag that such a build leaves out (`selectors.yml`)."""

    def sources(unique_id: str) -> bool:
        parents = manifest["parent_map"].get(unique_id, [])
        return any(parent.startswith("source.") or sources(parent) for parent in parents)

    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    of_seeds = [node for node in tests if (node.get("attached_node") or "").startswith("seed.")]
    static = {node["name"] for node in tests if node not in of_seeds and not sources(node["unique_id"])}
    assert static - {node["name"] for node in tests if "structure" in node["tags"]} == set()
