"""A deployment of three small reports under a live scheduler: PostgreSQL, Airflow's four components, a mail server."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from demo.airflow_api import AirflowApi, DagRun
from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import PROJECT_ROOT
from sample_city.servers.mail_server import start_mail
from tests.support.servers.background import Background

QINGXI = PROJECT_ROOT / "tests" / "support" / "deployments" / "qingxi"
HUIMIN = PROJECT_ROOT / ".venv" / "bin" / "huimin"
OPERATORS = "data-engineers@example.org"
REPORTS = ("canteen", "canteen_quarter", "service_shift")
LONGEST_SECONDS = 600


@dataclass(frozen=True)
class LiveDeployment:
    """A running stack. Its documents are files below `deployment/documents`, its mails files of `mails`."""

    deployment: Path
    mails: Path
    smtp: str

    @property
    def home(self) -> Path:
        return self.deployment / ".huimin"

    @property
    def api(self) -> AirflowApi:
        variables = self.variables()
        secrets = json.loads((self.home / "secrets.json").read_text(encoding="utf-8"))
        return AirflowApi(variables["AIRFLOW__API__BASE_URL"], secrets["airflow_password"])

    def variables(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.home / "stack.json").read_text(encoding="utf-8"))
        return found

    def huimin(self, *words: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
        environment = kept | {"HUIMIN_DEPLOYMENT": str(self.deployment), "HUIMIN_SMTP_URL": self.smtp}
        done = subprocess.run(
            [HUIMIN, *words], env=environment, capture_output=True, text=True, check=False, timeout=600, cwd=PROJECT_ROOT
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def connect(self, database: str = "warehouse") -> psycopg.Connection[Any]:
        """As the server's superuser."""
        return psycopg.connect(EmbeddedPostgres(self.home / "postgres").url(database), autocommit=True)

    def query(self, text: str, database: str = "warehouse") -> list[tuple[Any, ...]]:
        with self.connect(database) as connection:
            return connection.execute(text).fetchall()

    @property
    def metadata(self) -> str:
        """The name of Airflow's own database."""
        return urlsplit(self.variables()["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).path.strip("/")

    def run(self, dag_id: str) -> DagRun:
        """Starts a run and waits until it ends."""
        return self.end_of(self.api.trigger(dag_id))

    def end_of(self, run: DagRun) -> DagRun:
        api, runs = self.api, [run]

        def is_over() -> bool:
            runs[:] = api.refresh_runs(runs)
            return runs[0].is_over

        until(f"{run.dag_id} ends", is_over)
        return runs[0]

    def letters(self, recipient: str) -> list[tuple[str, str]]:
        """The subject and the text of each mail to an address, the oldest first."""
        found = []
        for path in sorted(self.mails.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
            letter = email.message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(letter, EmailMessage)
            if letter["To"] == recipient:
                body = letter.get_body(("plain",))
                found.append((str(letter["Subject"]), body.get_content() if body else ""))
        return found


def until(what: str, is_so: Callable[[], bool], longest_seconds: float = LONGEST_SECONDS) -> None:
    deadline = time.monotonic() + longest_seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {longest_seconds} s: {what}"
        time.sleep(0.5)


@contextmanager
def live_deployment(folder: Path, change: Callable[[Path], None] = lambda _: None) -> Iterator[LiveDeployment]:
    """Starts a copy of the deployment, after it was changed, waits until its DAGs are known, and removes all of it afterwards."""
    deployment = folder / "qingxi"
    shutil.copytree(QINGXI, deployment)
    change(deployment)
    with Background() as background:
        server, port = background.run(start_mail(folder / "mail"))
        live = LiveDeployment(deployment, folder / "mail", f"smtp://127.0.0.1:{port}")
        try:
            live.huimin("up")
            wanted = {"build_indicators", "send_outbox", *(f"load_{name}" for name in REPORTS)}
            until("the DAGs are known", lambda: live.api.dag_ids() >= wanted)
            yield live
        finally:
            live.huimin("clean")

        async def stop() -> None:
            server.close()

        background.run(stop())
