"""`huimin up --warehouse-only`: a migrated warehouse with its roles and nothing else, which `huimin down` stops."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from demo.stack import DemoStack
from demo.warehouse_server import embedded_server

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """A shell with a home of its own. What a command prints as `export` counts from then on."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.exported: dict[str, str] = {}

    def huimin(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
        environment = clean | {"PYTHONPATH": str(ROOT), "HUIMIN_HOME": str(self.home)} | self.exported
        command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def export(self, text: str) -> None:
        self.exported |= dict(re.findall(r"^export (\w+)='(.*)'$", text, re.MULTILINE))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    yield Shell(tmp_path / "home")
    DemoStack(tmp_path / "home").remove()


def has_ended(pid: int) -> bool:
    """Whether a process is gone; one whose parent has not asked for its end yet counts too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
def test_it_starts_the_warehouse_alone_and_down_stops_it(shell: Shell) -> None:
    up = shell.huimin("up", "--warehouse-only")
    assert up.returncode == 0, up.stderr
    shell.export(up.stdout)
    assert set(shell.exported) == {"HUIMIN_WAREHOUSE_URL", "HUIMIN_TRANSFORMER_URL", "HUIMIN_READER_URL"}
    for url in shell.exported.values():
        with psycopg.connect(url) as connection:
            assert connection.execute("select has_schema_privilege('bi', 'usage')").fetchone() is not None
    server = embedded_server(shell.home).process_id()
    assert server is not None and psutil.pid_exists(server)
    assert not (shell.home / "city").exists() and not (shell.home / "airflow").exists()
    # With the URL exported: the same warehouse, migrated, to be asked without a key; a second `up` finds it running.
    migrated, status, again = (shell.huimin(*words) for words in (["migrate"], ["status", "--json"], ["up", "--warehouse-only"]))
    assert (migrated.returncode, migrated.stdout) == (0, "the warehouse is up to date\n"), migrated.stderr
    assert (status.returncode, status.stdout.strip()) == (0, "[]"), status.stderr
    assert (again.returncode, again.stdout) == (0, up.stdout), again.stderr
    assert shell.huimin("down").stdout == "stopped\n"
    assert has_ended(server)
    refused = shell.huimin("status")
    assert refused.returncode == 1 and "OperationalError" in refused.stderr


def test_it_starts_none_beside_a_warehouse_of_ones_own(shell: Shell) -> None:
    shell.exported["HUIMIN_WAREHOUSE_URL"] = "postgresql://u@db.example.gov.cn/warehouse"
    done = shell.huimin("up", "--warehouse-only")
    assert done.returncode == 1 and "huimin migrate" in done.stderr
    assert not (shell.home / "postgres" / "data").exists()
