"""One stack: PostgreSQL, the sample city and Airflow, started together and stopped together."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from loaders.local_stack.airflow import COMPONENTS, USER, AirflowApi, airflow_environment, free_port
from loaders.local_stack.processes import ProcessError, Processes
from loaders.local_stack.secrets import load_secrets, write_private
from loaders.local_stack.warehouse_server import WarehouseUrls, embedded_server, open_metadata, open_warehouse
from loaders.settings import (
    PROJECT_ROOT,
    Settings,
    expectations_from_environment,
    home_from_environment,
    settings_from_environment,
)

_CITY = "sample-city"
_START_SECONDS = 120.0
_PRIVATE_FOLDERS = ("airflow", "city", "dbt", "landing", "logs")
Say = Callable[[str], None]


class StackError(RuntimeError):
    """The stack cannot be started, or another process is starting or running it."""


def stack_environment(home: Path) -> dict[str, str]:
    """The variables of the stack that is running in `home`; empty when none is."""
    path = home / "stack.json"
    if not path.exists():
        return {}
    variables: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return variables


def stack_settings() -> Settings:
    """The settings of the running stack when one is up, else of the environment alone."""
    return settings_from_environment(defaults=stack_environment(home_from_environment()))


class LocalStack:
    """The stack whose state lies in `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server = embedded_server(home)
        self._processes = Processes(home, home / "logs")
        self._secrets = load_secrets(home / "secrets.json")

    def up(self, echo: Say, *, outlive: bool = True) -> None:
        """Start what is not running. What is left of an earlier stack that died is ended first.

        Raises:
            StackError: another process is at it.
            ProcessError: a component does not start.
        """
        with self._alone():
            if self.is_up():
                return
            self._stop()
            try:
                self._start(echo, outlive=outlive)
            except BaseException:
                self._stop()
                raise

    def down(self) -> None:
        """Stop everything; harmless when nothing runs."""
        with self._alone():
            self._stop()

    def remove(self) -> None:
        """Stop everything and delete all state, the landed files and the warehouse among it."""
        self.down()
        self._server.remove()
        shutil.rmtree(self._home, ignore_errors=True)

    @contextmanager
    def running(self, *, keep: bool, echo: Say) -> Iterator[None]:
        """The stack, up. Stopped at the end, unless it is to be kept or was up before."""
        was_up = self.is_up()
        self.up(echo, outlive=keep)
        try:
            yield
        finally:
            if not (keep or was_up):
                self.down()

    def is_up(self) -> bool:
        """Whether a stack is running here and answers."""
        return bool(stack_environment(self._home)) and self._processes.any_alive() and self.api().is_serving()

    def api(self) -> AirflowApi:
        """Airflow's REST API."""
        url = stack_environment(self._home).get("AIRFLOW__API__BASE_URL", "http://127.0.0.1:9")
        return AirflowApi(url, self._secrets.airflow_password)

    def facts(self) -> dict[str, str]:
        """Where the running stack is and how to enter it."""
        environment = stack_environment(self._home)
        return {
            "Airflow": f"{environment['AIRFLOW__API__BASE_URL']}  (user {USER}, password {self._secrets.airflow_password})",
            "BI reader": environment.get("HUIMIN_READER_URL", "as role bi_reader in your own warehouse"),
            "mails": str(self._home / "city" / "mail"),
            "logs": str(self._home / "logs"),
        }

    def _start(self, echo: Say, *, outlive: bool) -> None:
        self._make_private_folders()
        echo("Starting PostgreSQL")
        self._server.start()
        metadata_url = open_metadata(self._server, self._secrets)
        airflow = self._airflow_environment(metadata_url)
        echo("Building the sample city and Airflow's database, opening the warehouse")
        self._start_city(outlive=outlive)
        with ThreadPoolExecutor() as pool:
            migrated = pool.submit(_migrate_metadata, airflow, self._processes.log("airflow-db-migrate"))
            warehouse = pool.submit(open_warehouse, self._server, self._secrets, echo)
            urls = warehouse.result()
            migrated.result()
        connections = self._await_city()
        environment = {**airflow, **self._huimin_environment(urls, connections)}
        echo("Starting Airflow: " + ", ".join(COMPONENTS))
        for component, options in COMPONENTS.items():
            command = [_command("airflow"), component, *options]
            self._processes.start(component, command, {**os.environ, **environment}, outlive=outlive)
        write_private(self._home / "stack.json", json.dumps(environment, indent=1))
        self._await_airflow()

    def _make_private_folders(self) -> None:
        """Documents, mails and logs are for their owner alone. The home itself is not: the database's user passes through it."""
        for name in _PRIVATE_FOLDERS:
            folder = self._home / name
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    def _start_city(self, *, outlive: bool) -> None:
        (self._home / "city" / "connections.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "sample_city", "serve", "--home", str(self._home / "city")]
        environment = {**os.environ, "SAMPLE_CITY_POSTGRES_URL": self._server.url()}
        self._processes.start(_CITY, command, environment, outlive=outlive)

    def _await_city(self) -> dict[str, str]:
        path = self._home / "city" / "connections.json"
        self._processes.wait_until(_CITY, path.exists, timeout_seconds=_START_SECONDS)
        connections: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return connections

    def _await_airflow(self) -> None:
        api = self.api()
        self._processes.wait_until("api-server", api.is_serving, timeout_seconds=_START_SECONDS)
        for component in list(COMPONENTS)[1:]:
            is_well = partial(_is_well, api, component.replace("-", "_"))
            self._processes.wait_until(component, is_well, timeout_seconds=_START_SECONDS)

    def _airflow_environment(self, metadata_url: str) -> dict[str, str]:
        home = self._home / "airflow"
        write_private(home / "passwords.json", json.dumps({USER: self._secrets.airflow_password}))
        return airflow_environment(home, PROJECT_ROOT / "dags", metadata_url, free_port(), self._secrets)

    def _huimin_environment(self, urls: WarehouseUrls, connections: dict[str, str]) -> dict[str, str]:
        named = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in connections.items() if name != "smtp"}
        environment = {
            "HUIMIN_HOME": str(self._home),
            "HUIMIN_EXPECTATIONS": str(expectations_from_environment()),
            "HUIMIN_WAREHOUSE_URL": urls.loader,
            "HUIMIN_TRANSFORMER_URL": urls.transformer,
            "HUIMIN_PII_KEY": os.environ.get("HUIMIN_PII_KEY") or self._secrets.pii_key,
            "HUIMIN_SMTP_URL": connections["smtp"],
            "HUIMIN_OPERATORS_MAIL": "data-engineers@huizhou.example",
            "DO_NOT_TRACK": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return environment | named | ({"HUIMIN_READER_URL": urls.reader} if urls.reader else {})

    def _stop(self) -> None:
        self._processes.stop_all()
        self._server.stop()
        for path in (self._home / "stack.json", self._home / "city" / "connections.json"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "stack.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(f"another process is starting or stopping the stack in {self._home}; wait for it") from None
            yield


def _is_well(api: AirflowApi, component: str) -> bool:
    return component not in api.sick_components()


def _command(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)


def _migrate_metadata(environment: dict[str, str], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        done = subprocess.run(
            [_command("airflow"), "db", "migrate"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise ProcessError(f"airflow db migrate ended with code {done.returncode}; its log is {log}")
