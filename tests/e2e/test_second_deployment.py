"""A deployment that lies elsewhere, by the real command: its documents through Airflow into its own figures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from loaders.settings import PROJECT_ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
QINGXI = PROJECT_ROOT / "tests" / "support" / "deployments" / "qingxi"
HUIMIN = PROJECT_ROOT / ".venv" / "bin" / "huimin"
MOST_SECONDS_OF_WORK = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `huimin run` prints for the deployment, which ends with 0 and leaves nothing running."""
    deployment = tmp_path_factory.mktemp("elsewhere") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
    command = [HUIMIN, "run", "--deployment", deployment]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (deployment / ".huimin" / "stack.json").exists()
    return done.stdout


def test_it_ends_in_its_own_figures(run: str) -> None:
    assert "青溪区养老与志愿服务 · our figures against print" in run
    verdicts = dict(re.findall(r"│ (YL-\w\w-\d\d) .*│ (. \w+) +│", run))
    assert verdicts == {"YL-CT-01": "✓ inside", "YL-ML-01": "✓ inside"}
    assert "5,930 人次" in run


def test_every_row_is_accounted_for(run: str) -> None:
    assert re.search(r"9 files, \d+ rows = 17 loaded \+ 1 quarantined \+ \d+ furniture; unaccounted for: 0", run)


def test_its_work_takes_less_than_a_minute(run: str) -> None:
    (seconds,) = re.findall(r"(\d+) s of them with the services up", run)
    assert int(seconds) < MOST_SECONDS_OF_WORK


def test_nothing_of_the_products_own_deployment_ran(run: str) -> None:
    assert "Loading by 3 DAGs: load_canteen, load_canteen_quarter, load_service_shift" in run
    assert "sample city" not in run
