"""What `make wheelhouse` collects is installed where no network is, by the commands of docs/operations/closed-network.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.warehouse.file_drop import station_form

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(1500)]

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / "operations" / f"closed-network{suffix}.md" for suffix in ("", ".zh-CN")]
COLLECT = "make wheelhouse WHEELS=wheels LOCK=requirements-airflow.lock"
INSTALL = [
    "python3 -m venv /opt/huimin",
    "/opt/huimin/bin/pip install --no-index --find-links wheels --no-deps --require-hashes -r requirements-airflow.lock",
    "/opt/huimin/bin/pip install --no-index --find-links wheels --no-deps huimin",
    "/opt/huimin/bin/huimin --version",
]


def run_closed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command of the page in a network namespace of its own, without any interface that is up."""
    here = command.replace("/opt/huimin", str(folder / "opt")).replace("python3", sys.executable)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", here]
    return subprocess.run(unshare, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what was carried to the closed machine."""
    folder = tmp_path_factory.mktemp("closed")
    collect = COLLECT.replace("WHEELS=wheels", f"WHEELS={folder / 'wheels'}")
    done = subprocess.run(["sh", "-c", collect], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copy(ROOT / "requirements-airflow.lock", folder)
    return folder


@pytest.fixture(scope="module")
def installed(carried: Path) -> Path:
    for command in INSTALL:
        done = run_closed(command, carried)
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("huimin ")
    return carried


def test_the_pages_have_the_commands_of_this_test() -> None:
    for page in PAGES:
        lines = {line.strip() for line in page.read_text(encoding="utf-8").splitlines()}
        assert {COLLECT, *INSTALL} <= lines, page


def test_huimin_airflow_and_dbt_start_where_no_network_is(installed: Path) -> None:
    reached = run_closed("python3 -c \"import socket; socket.create_connection(('127.0.0.1', 9), 1)\"", installed)
    assert "Network is unreachable" in reached.stderr, "the namespace has a network"
    for command in ("/opt/huimin/bin/airflow version", "/opt/huimin/bin/dbt --version", "/opt/huimin/bin/python -m pip check"):
        done = run_closed(command, installed)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_document_is_checked_where_no_network_is(installed: Path) -> None:
    document = installed / "441302_双百社工站点名册.xlsx"
    document.write_bytes(station_form())
    done = run_closed(f"HUIMIN_PROJECT={ROOT} /opt/huimin/bin/huimin check '{document}'", installed)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_package_that_was_altered_on_the_way_is_refused(carried: Path, tmp_path: Path) -> None:
    shutil.copytree(carried / "wheels", tmp_path / "wheels")
    shutil.copy(carried / "requirements-airflow.lock", tmp_path)
    (altered,) = (tmp_path / "wheels").glob("pandas-*.whl")
    altered.write_bytes(altered.read_bytes() + b"\0")
    assert run_closed(INSTALL[0], tmp_path).returncode == 0
    done = run_closed(INSTALL[1], tmp_path)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
