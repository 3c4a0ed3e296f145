"""The compose file's own commands and settings, run as plain processes: what can be known of it without an engine.

Its addresses and folders are put on this machine; nothing else is changed.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.support.compose_file import ROOT, example, filled, raw

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

GIVEN = {name: value or f"{name.lower()}-0123456789-0123456789-0123456789-0123456789" for name, value in example().items()} | {
    "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "AIRFLOW_ADMIN_EMAIL": "admin@example.org",
}
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
START_SECONDS = 300


class Machine:
    """This machine in the place of the network of containers."""

    def __init__(self, home: Path, postgres: EmbeddedPostgres) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._home = home
        self._postgres = postgres
        self.superuser_password = unquote(urlsplit(postgres.url()).password or "")
        self._services: dict[str, Any] = filled(raw()["services"], GIVEN)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def here(self, text: str) -> str:
        """A text of the compose file with the addresses and folders of this machine."""
        places = {
            "http://api-server:8080": f"http://127.0.0.1:{self.port}",
            "http://127.0.0.1:8080": f"http://127.0.0.1:{self.port}",
            "@postgres:5432": f"@127.0.0.1:{self._postgres.port}",
            GIVEN["POSTGRES_PASSWORD"]: self.superuser_password,
            "/opt/huimin": str(ROOT),
            "/var/log/airflow": str(self._home / "logs"),
            "/var/lib/huimin": str(self._home / "huimin"),
            "/var/lib/airflow": str(self._home / "airflow"),
        }
        for there, place in places.items():
            text = text.replace(there, place)
        return str(self.port) if text == "8080" else text

    def url_of(self, role: str, password: str, database: str) -> str:
        return self._postgres.url(database, user=role, password=password)

    def environment(self, service: str) -> dict[str, str]:
        """What the image and the service set, and a bare PATH: nothing of the account that runs the test."""
        image = {"AIRFLOW_HOME": "/var/lib/airflow", "HUIMIN_HOME": "/var/lib/huimin", "HUIMIN_PROJECT": "/opt/huimin"}
        named = {name: value for name, value in self._services[service]["environment"].items() if value is not None}
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self._home)} | {name: self.here(value) for name, value in (image | named).items()}

    def command(self, service: str) -> list[str]:
        return [self.here(word) for word in self._services[service]["command"]]

    def run_once(self, service: str) -> str:
        done = subprocess.run(
            self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
        return done.stdout + done.stderr

    def start(self, service: str) -> None:
        log = (self._home / f"{service}.log").open("wb")
        self._running[service] = subprocess.Popen(
            self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_healthy(self, service: str) -> bool:
        check = self._services[service]["healthcheck"]["test"][1:]
        url = f"http://127.0.0.1:{self.port}/api/v2/monitor/health"
        arguments = [sys.executable, *check[1:3], url]
        return subprocess.run(arguments, cwd=ROOT, check=False, timeout=30).returncode == 0

    def wait_until_healthy(self, service: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy(service):
            log = (self._home / f"{service}.log").read_text(encoding="utf-8", errors="replace")
            assert self._running[service].poll() is None, log[-3_000:]
            assert time.monotonic() < deadline, log[-3_000:]
            time.sleep(0.5)

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._running.values():
                if process.poll() is None:
                    os.killpg(process.pid, number)
            deadline = time.monotonic() + 20
            while any(process.poll() is None for process in self._running.values()) and time.monotonic() < deadline:
                time.sleep(0.2)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("the PostgreSQL image's first start is a script for psql, which is not installed")
    home = tmp_path_factory.mktemp("compose")
    postgres = EmbeddedPostgres(home / "postgres")
    postgres.start()
    made = Machine(home, postgres)
    try:
        connection = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres.port),
            "PGPASSWORD": made.superuser_password,
        }
        environment = made.environment("postgres") | connection
        subprocess.run([ROOT / "docker" / "postgres-init.sh"], env=environment, check=True, timeout=60, capture_output=True)
        yield made
    finally:
        made.stop()
        postgres.remove()


def test_the_production_shape_comes_up_and_lets_only_people_with_a_password_in(machine: Machine) -> None:
    assert "up to date" in machine.run_once("warehouse-init")
    machine.run_once("airflow-init")
    machine.start("api-server")
    machine.wait_until_healthy("api-server")
    for component in COMPONENTS[1:]:
        assert not machine.is_healthy(component), "a component that was never started is not healthy"
        machine.start(component)
    for component in COMPONENTS[1:]:
        machine.wait_until_healthy(component)
    with httpx.Client(base_url=f"http://127.0.0.1:{machine.port}", trust_env=False, timeout=30) as client:
        assert client.get("/api/v2/dags").status_code == 401
        wrong = client.post("/auth/token", json={"username": "admin", "password": "wrong"})
        assert wrong.status_code == 401
        right = client.post("/auth/token", json={"username": "admin", "password": GIVEN["AIRFLOW_ADMIN_PASSWORD"]})
        token = right.raise_for_status().json()["access_token"]
        wait_for_dags(client, token, {"build_indicators", "load_home_visit", "load_community_fund"})


def wait_for_dags(client: httpx.Client, token: str, expected: set[str]) -> None:
    """Poll until all of them are parsed: one comes after another."""
    found: set[str] = set()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        reply = client.get("/api/v2/dags", params={"limit": 100}, headers={"Authorization": f"Bearer {token}"})
        found = {dag["dag_id"] for dag in reply.raise_for_status().json()["dags"]}
        if found >= expected:
            return
        time.sleep(1)
    pytest.fail(f"the dag-processor did not find {sorted(expected - found)}")


def test_preparing_again_changes_nothing(machine: Machine) -> None:
    machine.run_once("warehouse-init")
    assert "already exist" in machine.run_once("airflow-init")


def test_roles_reach_what_is_theirs(machine: Machine) -> None:
    task = machine.environment("scheduler")
    reader = machine.url_of("bi_reader", GIVEN["HUIMIN_READER_PASSWORD"], "warehouse")
    with psycopg.connect(task["HUIMIN_WAREHOUSE_URL"], autocommit=True) as loader:
        assert loader.execute("select count(*) from ops.submission").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            loader.execute("create table bi.mine (a int)")
    with psycopg.connect(task["HUIMIN_TRANSFORMER_URL"], autocommit=True) as transformer:
        transformer.execute("create table bi.theirs (a int)")
        transformer.execute("drop table bi.theirs")
    with psycopg.connect(reader, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from ops.submission")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(machine.url_of("bi_reader", GIVEN["HUIMIN_READER_PASSWORD"], "airflow"))
