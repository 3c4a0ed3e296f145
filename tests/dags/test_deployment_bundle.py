"""A deployment as an Airflow DAG bundle: a folder of its own, of which two files of a few lines import the product's DAGs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loaders.scaffold.deployment_files import scaffold_deployment

ROOT = Path(__file__).resolve().parents[2]
READ_BUNDLE = """
import json, os, sys
from airflow.dag_processing.bundles.local import LocalDagBundle
from airflow.dag_processing.dagbag import DagBag
bundle = LocalDagBundle(name="trial", path=sys.argv[1])
bundle.initialize()
bag = DagBag(dag_folder=str(bundle.path), bundle_path=bundle.path, bundle_name=bundle.name)
print(json.dumps({
    "dags": {name: [dag.fileloc, sorted(dag.tags)] for name, dag in bag.dags.items()},
    "errors": bag.import_errors,
    "deployment": os.environ["HUIMIN_DEPLOYMENT"],
}))
"""

PRODUCT_DAGS = {"build_indicators", "chase_reports", "check_contracts", "clean_up", "publish_release", "send_outbox"}


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    scaffold_deployment(tmp_path / "trial", "trial")
    return tmp_path / "trial"


def read(bundle: Path, home: Path) -> dict[str, dict[str, object]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUIMIN_")} | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'dags'}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "dags" / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    command = [sys.executable, "-c", READ_BUNDLE, str(bundle)]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_a_bundle_has_the_dags_of_its_own_contracts(deployment: Path, tmp_path: Path) -> None:
    found = read(deployment, tmp_path)
    assert found["errors"] == {}
    assert set(found["dags"]) == PRODUCT_DAGS | {"load_service_visit"}
    file, tags = found["dags"]["load_service_visit"]
    assert file == str(deployment / "dags" / "reports.py")
    assert [tag.partition("：")[0] for tag in tags] == ["系统", "负责", "频次"]
    assert found["deployment"] == str(deployment)


def test_another_checkout_of_the_bundle_is_read_from_its_own_path(deployment: Path, tmp_path: Path) -> None:
    """As a git bundle has one folder per version."""
    version = tmp_path / "versions" / "0f3a"
    shutil.copytree(deployment, version)
    contract = version / "expectations" / "services" / "service_visit.yml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("due_day: 5", "due_day: 5\nno_field: 1"), encoding="utf-8")
    found = read(version, tmp_path)
    assert set(found["dags"]) == PRODUCT_DAGS
    ((file, error),) = found["errors"].items()
    assert file.endswith("contract_errors.py")
    assert "services/service_visit.yml: no_field: is no field here" in str(error)
