"""This machine in the place of the network of containers: the compose file's own commands and settings, as plain processes.

Addresses, ports and folders are put on this machine; nothing else is changed.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from demo.embedded_postgres import EmbeddedPostgres
from demo.postgres_binaries import find_binaries
from tests.support.compose_file import ROOT, env_files, example, filled, raw

START_SECONDS = 300
DEPLOYMENT = "/srv/deployment"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def made_up_secrets() -> dict[str, str]:
    """A value for each variable of docker/.env.example, no two of them alike."""
    values = {name: value or f"{name.lower()}-0123456789-0123456789-0123456789-0123456789" for name, value in example().items()}
    return values | {
        "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "AIRFLOW_ADMIN_EMAIL": "admin@example.org",
        "HUIMIN_DEPLOYMENT_FOLDER": "/srv/our-county",
        "HUIMIN_BACKUP_PLACE": "",
        "HUIMIN_BACKUP_FOLDER": "",
    }


class Machine:
    """Runs services of the compose file. `files` are the variables of the files that services read, by the file's name."""

    def __init__(
        self, home: Path, postgres: EmbeddedPostgres, deployment: Path, given: dict[str, str], files: dict[str, dict[str, str]]
    ) -> None:
        self.port, self._pages_port = free_port(), free_port()
        self._home, self._postgres, self._deployment = home, postgres, deployment
        self.superuser_password = unquote(urlsplit(postgres.url()).password or "")
        self.given, self._files = given, files
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def services(self) -> dict[str, Any]:
        services: dict[str, Any] = filled(raw()["services"], self.given)
        return services

    def here(self, text: str) -> str:
        """A text of the compose file with the addresses and folders of this machine."""
        places = {
            "http://api-server:8080": f"http://127.0.0.1:{self.port}",
            "http://127.0.0.1:8080": f"http://127.0.0.1:{self.port}",
            "http://127.0.0.1:8090": f"http://127.0.0.1:{self._pages_port}",
            "@postgres:5432": f"@127.0.0.1:{self._postgres.port}",
            self.given["POSTGRES_PASSWORD"]: self.superuser_password,
            "/etc/huimin/access.yml": str(ROOT / "docker" / "access.yml"),
            "/opt/huimin": str(ROOT),
            DEPLOYMENT: str(self._deployment),
            "/var/log/airflow": str(self._home / "logs"),
            "/var/lib/huimin": str(self._home / "huimin"),
            "/var/lib/airflow": str(self._home / "airflow"),
            "/backups": str(self._home / "backups"),
        }
        for there, place in places.items():
            text = text.replace(there, place)
        return {"8080": str(self.port), "8090": str(self._pages_port), "0.0.0.0": "127.0.0.1"}.get(text, text)

    def url_of(self, role: str, database: str, password: str | None = None) -> str:
        return self._postgres.url(database, user=role, password=password)

    def environment(self, service: str) -> dict[str, str]:
        """What the image and the service set, and a bare PATH: nothing of the account that runs the test."""
        image = {"AIRFLOW_HOME": "/var/lib/airflow", "HUIMIN_HOME": "/var/lib/huimin", "HUIMIN_PROJECT": "/opt/huimin"}
        own = self.services[service]
        of_files = {name: value for file in env_files(own) for name, value in self._files.get(file, {}).items()}
        # Nearest first: the image has the programs of the server's version in /usr/local/bin.
        path = f"{Path(sys.executable).parent}:{find_binaries()}:/usr/local/bin:/usr/bin:/bin"
        set_here = {"PATH": path, "HOME": str(self._home), "PYTHONPATH": str(ROOT)}
        return set_here | {name: self.here(value) for name, value in (image | of_files | own["environment"]).items()}

    def command(self, service: str) -> list[str]:
        return [self.here(word) for word in self.services[service]["command"]]

    def run(self, service: str, command: list[str] | None = None) -> str:
        """Runs the command of a service, or another one with its environment, to its end; returns what it printed."""
        done = subprocess.run(
            command or self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
        return done.stdout + done.stderr

    def start(self, service: str) -> None:
        log = (self._home / f"{service}.log").open("wb")
        self.running[service] = subprocess.Popen(
            self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def is_healthy(self, service: str) -> bool:
        """Runs the health check of a service, as its container would."""
        kind, *words = self.services[service]["healthcheck"]["test"]
        if "docker/healthy.py" in words:
            words = [*words[:3], f"http://127.0.0.1:{self.port}/api/v2/monitor/health"]
        command = ["sh", "-c", self.here(words[0])] if kind == "CMD-SHELL" else [self.here(word) for word in words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(service), check=False, timeout=60, capture_output=True)
        return done.returncode == 0

    def wait_until_healthy(self, service: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy(service):
            log = (self._home / f"{service}.log").read_text(encoding="utf-8", errors="replace")
            assert self.running[service].poll() is None, log[-3_000:]
            assert time.monotonic() < deadline, log[-3_000:]
            time.sleep(0.5)

    def stop(self, *services: str) -> None:
        """Stops services; all of them without a name."""
        chosen = [self.running[name] for name in services or self.running]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in chosen:
                if process.poll() is None:
                    os.killpg(process.pid, number)
            deadline = time.monotonic() + 20
            while any(process.poll() is None for process in chosen) and time.monotonic() < deadline:
                time.sleep(0.2)


def process_texts(process: int, name: str) -> Iterator[bytes]:
    """Yields a file of /proc (environ, cmdline) of a process and of all that it started, as far as they still run."""
    try:
        family = [process, *(child.pid for child in psutil.Process(process).children(recursive=True))]
    except psutil.NoSuchProcess:
        return
    for one in family:
        try:
            yield Path(f"/proc/{one}/{name}").read_bytes()
        except OSError:
            continue


def secrets_in(texts: Iterator[bytes], secrets: Mapping[str, str]) -> set[str]:
    """Returns the names of the secrets whose value is in any of the texts."""
    return {name for text in texts for name, value in secrets.items() if value.encode() in text}


def secrets_of_the_page(page: Path) -> dict[str, set[str]]:
    """Reads the table of docs/operations/rights.md: per service, the secrets that it has."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.match(r"^\| (secret|`[\w./]+`) \|", line)
    ]
    header, *listed = rows[next(number for number, row in enumerate(rows) if row[0] == "secret") :]
    return {
        service: {row[0].strip("`") for row in listed if row[column] == "●"} for column, service in enumerate(header) if column
    }
