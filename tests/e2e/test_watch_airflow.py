"""`huimin watch` beside a live Airflow: a DAG that is paused and a scheduler that is killed are told by mail, each once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest

from loaders.settings import PROJECT_ROOT
from tests.support.airflow.live_deployment import HUIMIN, OPERATORS, LiveDeployment, live_deployment, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDeployment]:
    with live_deployment(tmp_path_factory.mktemp("live")) as running:
        yield running


def watch(live: LiveDeployment, *, account: str = "") -> str:
    """One look with the environment of the service `watch`: no key, no passwords of sources."""
    base = urlsplit(live.variables()["AIRFLOW__API__BASE_URL"])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
    own = {
        "HUIMIN_DEPLOYMENT": str(live.deployment),
        "HUIMIN_HOME": str(live.home),
        "HUIMIN_WAREHOUSE_URL": live.variables()["HUIMIN_WAREHOUSE_URL"],
        "HUIMIN_SMTP_URL": live.smtp,
        "HUIMIN_OPERATORS_MAIL": OPERATORS,
        "AIRFLOW_CONN_AIRFLOW_API": f"http://{account}{base.netloc}",
    }
    done = subprocess.run([HUIMIN, "watch"], env=kept | own, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def account_of(live: LiveDeployment) -> str:
    return f"admin:{live.api._password}@"


def reported(live: LiveDeployment, word: str) -> list[str]:
    return [subject for subject, _ in live.letters(OPERATORS) if word in subject]


def scheduler(live: LiveDeployment) -> list[psutil.Process]:
    """The processes of this deployment's scheduler."""
    port = str(urlsplit(live.variables()["AIRFLOW__API__BASE_URL"]).port)
    found = []
    for process in psutil.process_iter(["pid"]):
        try:
            words, environment = process.cmdline(), process.environ()
        except (psutil.Error, OSError):
            continue
        if "scheduler" in words and environment.get("AIRFLOW__API__PORT") == port:
            found.append(process)
    return found


def test_a_paused_dag_is_reported_once_and_once_when_it_runs_again(live: LiveDeployment) -> None:
    watch(live, account=account_of(live))
    live.api._request("PATCH", "/api/v2/dags/load_canteen", json={"is_paused": True})
    assert "The DAG load_canteen is paused" in watch(live, account=account_of(live))
    watch(live, account=account_of(live))
    assert reported(live, "paused_dag:load_canteen") == ["[huimin] 1 to look at: paused_dag:load_canteen"]
    live.api._request("PATCH", "/api/v2/dags/load_canteen", json={"is_paused": False})
    watch(live, account=account_of(live))
    assert reported(live, "paused_dag:load_canteen")[1:] == ["[huimin] 1 over: paused_dag:load_canteen"]


def test_a_wrong_account_is_reported_and_health_needs_none(live: LiveDeployment) -> None:
    assert "0 to look at" in watch(live)
    assert "account" in watch(live, account="admin:wrong-password@")
    assert all("wrong-password" not in text for _, text in live.letters(OPERATORS))
    watch(live, account=account_of(live))


def test_a_scheduler_that_is_killed_is_reported_by_a_mail_that_it_does_not_send(live: LiveDeployment) -> None:
    processes = scheduler(live)
    assert processes
    for process in processes:
        process.send_signal(signal.SIGKILL)
    started = time.monotonic()
    until("Airflow says that it is dead", lambda: "scheduler" in live.api.unhealthy_components(), 180)
    watch(live)
    watch(live)
    assert reported(live, "airflow:scheduler") == ["[huimin] 1 to look at: airflow:scheduler"]
    print(f"told {time.monotonic() - started:.0f} s after the scheduler was killed")
    assert str(PROJECT_ROOT) not in "".join(text for _, text in live.letters(OPERATORS))
