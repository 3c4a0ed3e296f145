"""The demo's services: PostgreSQL, the sample city and Airflow, started together and stopped together."""

from __future__ import annotations

import fcntl
import hashlib
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

from demo.airflow_api import AirflowApi
from demo.airflow_settings import COMPONENTS, USER, airflow_environment
from demo.ports import free_port
from demo.postgres_binaries import find_binaries
from demo.processes import ProcessError, Processes
from demo.secrets import load_secrets, write_private
from demo.warehouse_server import (
    WarehouseUrls,
    embedded_server,
    open_embedded_warehouse,
    open_metadata,
    open_warehouse,
    user_warehouse_url,
)
from loaders.settings import (
    PROJECT_ROOT,
    connection_from_environment,
    deployment_from_environment,
    expectations_from_environment,
    stack_environment,
    stack_file,
)

_CITY = "sample-city"
# The city's documents end with December 2023: a month later all of them have come, and no report of January is due.
_CITY_TODAY = "2024-01-31"
_START_SECONDS = 300.0
_HUIMIN = "from loaders.cli import main; main()"
_PAGES_ACCESS = "tokens: [{{name: demo, role: operator, sha256: {sha256}}}]\ncheck: {{without_account: true, per_minute: 60}}\n"
_PRIVATE_FOLDERS = ("airflow", "city", "dbt", "landing", "logs")
Echo = Callable[[str], None]


class StackError(RuntimeError):
    """Another process is starting or stopping the services, or the user's warehouse is not the one that would be started."""


class DemoStack:
    """The services whose state is in `home`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server = embedded_server(home)
        self._processes = Processes(home, home / "logs")
        self._secrets = load_secrets(home / "secrets.json")
        self._deployment = deployment_from_environment()
        # The sample city plays the systems of the product's own deployment; another one has documents in a folder.
        self._has_city = self._deployment == PROJECT_ROOT

    def up(self, echo: Echo, *, outlive: bool = True) -> None:
        """Starts the services unless they run. Ends what is left of an earlier start that failed.

        Raises:
            StackError: another process is starting or stopping them.
            ProcessError: a component does not start.
        """
        with self._locked():
            if self.is_up():
                return
            self._stop()
            try:
                self._start(echo, outlive=outlive)
            except BaseException:
                self._stop()
                raise

    def up_warehouse(self, echo: Echo) -> dict[str, str]:
        """Starts PostgreSQL with a migrated warehouse and its roles, and nothing else, unless services run already.

        Returns:
            The variables with which other programs enter the warehouse.

        Raises:
            StackError: another process is starting or stopping the services, or a variable names another warehouse.
            PostgresError: PostgreSQL cannot be created or started.
        """
        if user_warehouse_url(self._server) is not None:
            raise StackError(
                "HUIMIN_WAREHOUSE_URL or AIRFLOW_CONN_WAREHOUSE names a warehouse of your own: unset it to start one here, "
                "or run `huimin migrate` to prepare yours"
            )
        with self._locked():
            if not (stack_environment(self._home) and self._processes.any_alive()):
                echo("Starting PostgreSQL and opening the warehouse")
                self._server.start()
                urls = open_embedded_warehouse(self._server, self._secrets)
                write_private(stack_file(self._home), json.dumps(self._warehouse_environment(urls), indent=1))
            found = stack_environment(self._home)
        names = ("HUIMIN_WAREHOUSE_URL", "HUIMIN_TRANSFORMER_URL", "HUIMIN_READER_URL")
        return {name: found[name] for name in names if name in found}

    def down(self) -> None:
        """Stops everything; does nothing when nothing runs."""
        with self._locked():
            self._stop()

    def remove(self) -> None:
        """Stops everything and deletes all state, including landed files and the warehouse."""
        self.down()
        self._server.remove()
        shutil.rmtree(self._home, ignore_errors=True)

    @contextmanager
    def running(self, *, keep: bool, echo: Echo) -> Iterator[None]:
        """Starts the services for a block. Stops them at its end, unless `keep` is set or they ran before."""
        was_up = self.is_up()
        self.up(echo, outlive=keep)
        try:
            yield
        finally:
            if not (keep or was_up):
                self.down()

    def is_up(self) -> bool:
        """Tells whether the services run and the API answers."""
        return bool(stack_environment(self._home)) and self._processes.any_alive() and self.api().is_serving()

    def api(self) -> AirflowApi:
        """Returns a client of Airflow's REST API."""
        url = stack_environment(self._home).get("AIRFLOW__API__BASE_URL", "http://127.0.0.1:9")
        return AirflowApi(url, self._secrets.airflow_password)

    def connection_info(self) -> dict[str, str]:
        """Returns the addresses of the running services and how to log in."""
        environment = stack_environment(self._home)
        pages = environment.get("HUIMIN_PAGES_URL")
        return {
            "Airflow": f"{environment['AIRFLOW__API__BASE_URL']}  (user {USER}, password {self._secrets.airflow_password})",
            **({"pages": f"{pages}  (token {self._secrets.pages_token})"} if pages else {}),
            "BI reader": environment.get("HUIMIN_READER_URL", "as role bi_reader in your own warehouse"),
            **({"mails": str(self._home / "city" / "mail")} if self._has_city else {}),
            "logs": str(self._home / "logs"),
        }

    def _start(self, echo: Echo, *, outlive: bool) -> None:
        self._make_private_folders()
        echo("Starting PostgreSQL")
        self._server.start()
        metadata_url = open_metadata(self._server, self._secrets)
        airflow = self._airflow_environment(metadata_url)
        echo(f"Building {'the sample city and ' if self._has_city else ''}Airflow's database, opening the warehouse")
        if self._has_city:
            self._start_city(outlive=outlive)
        with ThreadPoolExecutor() as pool:
            migrated = pool.submit(_migrate_metadata, airflow, self._processes.log("airflow-db-migrate"))
            today = _CITY_TODAY if self._has_city else None
            warehouse = pool.submit(open_warehouse, self._server, self._secrets, echo, today=today)
            urls = warehouse.result()
            migrated.result()
        connections = self._await_city() if self._has_city else _document_connections(self._deployment / "documents")
        environment = {**airflow, **self._huimin_environment(urls, connections)}
        echo("Starting Airflow: " + ", ".join(COMPONENTS))
        for component, options in COMPONENTS.items():
            command = [_command("airflow"), component, *options]
            self._processes.start(component, command, {**os.environ, **environment}, outlive=outlive)
        # A run that stops what it started has nobody who looks.
        if outlive:
            environment |= self._start_pages(environment)
        write_private(stack_file(self._home), json.dumps(environment, indent=1))
        self._await_airflow()

    def _start_pages(self, environment: dict[str, str]) -> dict[str, str]:
        """Serves the pages, with one token that may do everything. Returns the variable that names their address."""
        port, access = free_port(), self._home / "pages" / "access.yml"
        write_private(access, _PAGES_ACCESS.format(sha256=hashlib.sha256(self._secrets.pages_token.encode()).hexdigest()))
        command = [sys.executable, "-c", _HUIMIN, "pages", "--port", str(port), "--access", str(access)]
        self._processes.start("pages", command, {**os.environ, **environment}, outlive=True)
        return {"HUIMIN_PAGES_URL": f"http://127.0.0.1:{port}/"}

    def _make_private_folders(self) -> None:
        """Closes documents, mails and logs to other users. The home itself stays open: the database's user passes through it."""
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
            is_healthy = partial(_is_healthy, api, component.replace("-", "_"))
            self._processes.wait_until(component, is_healthy, timeout_seconds=_START_SECONDS)

    def _airflow_environment(self, metadata_url: str) -> dict[str, str]:
        home = self._home / "airflow"
        write_private(home / "passwords.json", json.dumps({USER: self._secrets.airflow_password}))
        # For `clean_up`, whose task Airflow keeps from its own database.
        own = {"AIRFLOW_CONN_AIRFLOW_METADATA": f"postgresql://{metadata_url.partition('://')[2]}"}
        return own | airflow_environment(home, PROJECT_ROOT / "dags", metadata_url, free_port(), self._secrets)

    def _huimin_environment(self, urls: WarehouseUrls, connections: dict[str, str]) -> dict[str, str]:
        named = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in connections.items() if name != "smtp"}
        environment = {
            "HUIMIN_EXPECTATIONS": str(expectations_from_environment()),
            "HUIMIN_OPERATORS_MAIL": "data-engineers@example.org",
            "DO_NOT_TRACK": "1",
            "PYTHONUNBUFFERED": "1",
        }
        environment |= {"HUIMIN_SMTP_URL": connections["smtp"]} if "smtp" in connections else {}
        return self._warehouse_environment(urls) | environment | named

    def _warehouse_environment(self, urls: WarehouseUrls) -> dict[str, str]:
        environment = {
            "HUIMIN_HOME": str(self._home),
            "HUIMIN_DEPLOYMENT": str(self._deployment),
            "HUIMIN_WAREHOUSE_URL": urls.loader,
            "HUIMIN_TRANSFORMER_URL": urls.transformer,
            "HUIMIN_PII_KEY": os.environ.get("HUIMIN_PII_KEY") or self._secrets.pii_key,
            "HUIMIN_POSTGRES_BIN": str(find_binaries()),
        }
        return environment | ({"HUIMIN_READER_URL": urls.reader} if urls.reader else {})

    def _stop(self) -> None:
        self._processes.stop_all()
        self._server.stop()
        for path in (stack_file(self._home), self._home / "city" / "connections.json"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "stack.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(f"another process is starting or stopping the stack in {self._home}; wait for it") from None
            yield


def _document_connections(documents: Path) -> dict[str, str]:
    """Returns a `file://` URL for each folder of sample documents; its name is the connection that it stands in for.

    A connection that the environment sets is left to it.
    """
    folders = sorted(path for path in documents.glob("*") if path.is_dir())
    return {folder.name: folder.as_uri() for folder in folders if connection_from_environment(folder.name) is None}


def _is_healthy(api: AirflowApi, component: str) -> bool:
    return component not in api.unhealthy_components()


def _command(name: str) -> str:
    """Returns the path of a program of this Python environment."""
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
