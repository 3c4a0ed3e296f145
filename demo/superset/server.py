"""Superset in an environment of its own: prepared with the deployment's dashboards, and run as a process of the demo."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from demo.ports import free_port
from demo.processes import Processes
from demo.secrets import write_private
from loaders.connection_urls import password_of
from loaders.dashboards import DATABASE_FILE

NAME = "superset"
ADMINISTRATOR = "admin"
_HERE = Path(__file__).parent
_START_SECONDS = 300.0
_PREPARE_SECONDS = 900.0
# Four threads: PostgreSQL does the work.
_OPTIONS = ("--workers", "1", "--threads", "4", "--timeout", "120", "--log-level", "warning")


class SupersetError(RuntimeError):
    """Superset could not be prepared; the message ends with what it printed last."""


@dataclass(frozen=True, slots=True)
class SupersetUser:
    """A user of Superset. `huimin_city` sees all rows, a role `bi_county_<code>` those of its areas."""

    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...]


class SupersetServer:
    """Superset with its state in `home`, from the environment `environment_folder` that `make bi` installs."""

    def __init__(self, home: Path, environment_folder: Path, processes: Processes) -> None:
        self._home = home
        self._programs = environment_folder / "bin"
        self._processes = processes

    @property
    def url(self) -> str:
        """Where it answers once it is started."""
        return f"http://127.0.0.1:{(self._home / 'port').read_text()}"

    def administrator(self) -> SupersetUser:
        """Returns the user who may do everything. The password is made once, and kept beside Superset's key."""
        return SupersetUser(ADMINISTRATOR, self._secrets()["administrator"], ("Admin",))

    def prepare(self, bundle: Mapping[str, str], reader_url: str, users: Sequence[SupersetUser]) -> None:
        """Creates or upgrades Superset's own database, makes the users, and imports the bundle: what is there is replaced.

        Raises:
            SupersetError: one of these failed.
        """
        folder = self._home / "bundle"
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in bundle.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        everybody = [self.administrator(), *users]
        given = {
            "database_file": DATABASE_FILE,
            "database_password": password_of(reader_url),
            "users": [{"name": one.name, "password": one.password, "roles": one.roles} for one in everybody],
        }
        self._run([str(self._programs / "python"), str(_HERE / "prepare.py"), str(folder)], json.dumps(given))

    def start(self, county_passwords: Mapping[str, str], *, outlive: bool) -> None:
        """Starts the server on a free port of the loopback address, and waits until it answers.

        Args:
            county_passwords: of the roles `bi_county_<code>` in PostgreSQL.
        """
        port = free_port()
        (self._home / "port").write_text(str(port))
        command = [str(self._programs / "gunicorn"), "--bind", f"127.0.0.1:{port}", *_OPTIONS, "superset.app:create_app()"]
        self._processes.start(NAME, command, self._environment(county_passwords), outlive=outlive)
        self._processes.wait_until(NAME, self._is_serving, timeout_seconds=_START_SECONDS)

    def _is_serving(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def _run(self, command: Sequence[str], given: str) -> None:
        done = subprocess.run(
            command,
            input=given,
            env=self._environment({}),
            capture_output=True,
            text=True,
            timeout=_PREPARE_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise SupersetError(f"superset could not be prepared: {(done.stdout + done.stderr).strip()[-3000:]}")

    def _environment(self, county_passwords: Mapping[str, str]) -> dict[str, str]:
        """The variables of its processes: nothing of Huimin's own, whose secrets are no matter of Superset."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW", "PYTHON"))}
        return kept | {
            "SUPERSET_CONFIG_PATH": str(_HERE / "superset_config.py"),
            "SUPERSET_HOME": str(self._home),
            "SUPERSET_SECRET_KEY": self._secrets()["key"],
            "SUPERSET_METADATA_URI": f"sqlite:///{self._home / 'superset.db'}",
            "HUIMIN_COUNTY_PASSWORDS": json.dumps(dict(county_passwords)),
            # Telemetry of its packages, whatever they read.
            "SCARF_ANALYTICS": "false",
            "DO_NOT_TRACK": "1",
        }

    def _secrets(self) -> dict[str, str]:
        path = self._home / "secrets.json"
        if not path.exists():
            made = {"key": secrets.token_urlsafe(48), "administrator": secrets.token_urlsafe(12)}
            write_private(path, json.dumps(made))
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found


def database_uri(reader_url: str) -> str:
    """Returns the address of the warehouse for Superset's driver, without its password."""
    parts = urlsplit(reader_url)
    return f"postgresql+psycopg2://{parts.username}:XXXXXXXXXX@{parts.hostname}:{parts.port or 5432}{parts.path}"
