"""A person decides on releases in a live Airflow; what Airflow then deletes of itself takes nothing of a release away.

Everything is real: PostgreSQL, Airflow's four components, a mail server, a deployment of three reports. Takes minutes.
"""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import PROJECT_ROOT
from sample_city.servers.mail_server import start_mail
from tests.support.servers.background import Background

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1500)]
QINGXI = PROJECT_ROOT / "tests" / "support" / "deployments" / "qingxi"
PROGRAMS = PROJECT_ROOT / ".venv" / "bin"
LONGEST_SECONDS = 600
LENIENT = "minimum_reporting_rate_pct: 0\nmaximum_outside_published: 99\n"
APPROVER = "approvers: [{user: %s, name: 王科长, mail: wang@example.org}]\n"


@dataclass(frozen=True)
class Live:
    """A running stack, and a client of Airflow's API who is logged in as `admin`."""

    deployment: Path
    mails: Path
    smtp: str
    client: httpx.Client

    @property
    def home(self) -> Path:
        return self.deployment / ".huimin"

    def run(self, program: str, *words: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
        own = {"HUIMIN_DEPLOYMENT": str(self.deployment), "HUIMIN_SMTP_URL": self.smtp}
        command = [PROGRAMS / program, *words]
        return subprocess.run(
            command, env=kept | own | (more or {}), capture_output=True, text=True, check=False, timeout=600, cwd=PROJECT_ROOT
        )

    def rules(self, text: str) -> None:
        path = self.deployment / "release_rules" / "rules.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def query(self, database: str, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(EmbeddedPostgres(self.home / "postgres").url(database)) as connection:
            return connection.execute(text).fetchall()

    def ask(self, period: str | None = None) -> str:
        """Starts a run of the DAG and waits until it asks a person. Returns the path of the run."""
        body = {"logical_date": None, "conf": {"period": period}}
        run = self.client.post("/api/v2/dags/publish_release/dagRuns", json=body).raise_for_status().json()["dag_run_id"]
        path = f"/api/v2/dags/publish_release/dagRuns/{run}"

        def waits() -> bool:
            state = self.client.get(path).json()["state"]
            assert state in {"queued", "running"}, self.log_of(path, "prepare") + self.log_of(path, "decide")
            return self.task_state(path, "decide") == "awaiting_input"

        until("a person is asked", waits)
        # No person answers while the worker that asked is still ending; Airflow would take its end for the end of the task.
        time.sleep(10)
        return path

    def task_state(self, path: str, task: str) -> str | None:
        state: str | None = self.client.get(f"{path}/taskInstances/{task}").json().get("state")
        return state

    def log_of(self, path: str, task: str) -> str:
        return self.client.get(f"{path}/taskInstances/{task}/logs/1").text[-6_000:]

    def request(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"{path}/taskInstances/decide/-1/hitlDetails").raise_for_status().json()
        return found

    def answer(self, path: str, option: str, words: str) -> int:
        body = {"chosen_options": [option], "params_input": {"words": words}}
        return self.client.patch(f"{path}/taskInstances/decide/-1/hitlDetails", json=body).status_code

    def end_of(self, path: str) -> str:
        until("the run ends", lambda: self.client.get(path).json()["state"] in {"success", "failed"})
        return str(self.client.get(path).json()["state"])


def until(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {LONGEST_SECONDS} s: {what}"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("decision")
    deployment = folder / "qingxi"
    shutil.copytree(QINGXI, deployment)
    with Background() as background, httpx.Client(trust_env=False, timeout=30) as client:
        server, port = background.run(start_mail(folder / "mail"))
        made = Live(deployment, folder / "mail", f"smtp://127.0.0.1:{port}", client)
        made.rules(LENIENT)
        try:
            for words in (("up",), ("load",)):
                done = made.run("huimin", *words)
                assert done.returncode == 0, done.stdout + done.stderr
            log_in(client, made)
            yield made
        finally:
            made.run("huimin", "clean")

        async def stop() -> None:
            server.close()

        background.run(stop())


def log_in(client: httpx.Client, live: Live) -> None:
    variables = stack_variables(live)
    client.base_url = httpx.URL(variables["AIRFLOW__API__BASE_URL"])
    secrets = json.loads((live.home / "secrets.json").read_text(encoding="utf-8"))
    reply = client.post("/auth/token", json={"username": "admin", "password": secrets["airflow_password"]})
    client.headers["Authorization"] = f"Bearer {reply.raise_for_status().json()['access_token']}"
    until("the DAG is known", lambda: client.get("/api/v2/dags/publish_release").status_code == 200)


def stack_variables(live: Live) -> dict[str, str]:
    variables: dict[str, str] = json.loads((live.home / "stack.json").read_text(encoding="utf-8"))
    return variables


@pytest.fixture(scope="module")
def period(live: Live) -> str:
    """The last month with values."""
    return str(live.query("warehouse", "select max(period_code) from bi.indicator_value where period_code ~ '^....-..$'")[0][0])


def test_only_who_is_named_may_decide_and_is_mailed_the_link(live: Live, period: str) -> None:
    live.rules(LENIENT + APPROVER % "somebody_else")
    path = live.ask(period)
    assert live.answer(path, "批准发布", "同意") == 403
    letters = [email.message_from_bytes(one.read_bytes(), policy=default) for one in live.mails.glob("*.eml")]
    (letter,) = [one for one in letters if one["To"] == "wang@example.org"]
    text = letter.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "批准发布" in text and period in text and "/tasks/decide/required_actions" in text.replace("=\n", "")
    assert live.client.patch(path, json={"state": "failed"}).status_code == 200
    assert live.query("warehouse", "select count(*) from release.release") == [(0,)]


def test_a_draft_that_is_returned_is_kept_with_the_words(live: Live, period: str) -> None:
    live.rules(LENIENT + APPROVER % "admin")
    path = live.ask(period)
    request = live.request(path)
    assert request["options"] == ["批准发布", "退回"] and period in request["subject"]
    assert "具备发布条件" in request["body"] and "未报单位" in request["body"] and "目标完成情况" in request["body"]
    assert live.answer(path, "发布", "不在选项内") == 400
    assert live.answer(path, "退回", "缺一份报表") == 200
    assert live.answer(path, "批准发布", "改变主意") == 409
    assert live.end_of(path) == "success"
    assert live.task_state(path, "freeze") == "skipped"
    run = path.rpartition("/")[2]
    assert live.query("warehouse", "select returned_by, reason, decided_in from release.returned_draft") == [
        ("admin", "缺一份报表", f"Airflow: {run}, user admin")
    ]


def test_an_approval_is_refused_when_a_precondition_fails_and_the_draft_stays_open(live: Live, period: str) -> None:
    path = live.ask(period)
    # The contract changes between the draft and the answer: what is loaded was validated by an earlier one.
    stale = live.deployment / "expectations" / "elderly_care" / "canteen.yml"
    content = stale.read_text(encoding="utf-8")
    stale.write_text(content.replace("due_day:", "due_day: 6 #", 1), encoding="utf-8")
    try:
        assert live.answer(path, "批准发布", "同意") == 200
        assert live.end_of(path) == "failed"
    finally:
        stale.write_text(content, encoding="utf-8")
    log = live.log_of(path, "freeze")
    assert "must not be published" in log and "canteen: 1 document(s) were validated before its contract changed" in log
    assert live.query("warehouse", "select count(*) from release.release") == [(0,)]
    drafts = json.loads(live.run("huimin", "release", "list", "--json").stdout)["drafts"]
    assert drafts, "the draft is still open"


def test_what_airflow_cleans_takes_nothing_of_a_release_away(live: Live, period: str) -> None:
    path = live.ask(period)
    assert live.answer(path, "批准发布", "数据已核对") == 200
    assert live.end_of(path) == "success", live.log_of(path, "freeze")
    decision = "select approved_by, reason, decided_in, decided_at, release_hash from release.release"
    before = live.query("warehouse", decision)
    assert [row[:3] for row in before] == [("admin", "数据已核对", f"Airflow: {path.rpartition('/')[2]}, user admin")]
    values = live.query("warehouse", "select count(*) from release.value")
    assert values[0][0] > 0
    metadata = urlsplit(stack_variables(live)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).path.strip("/")
    asked = "select count(*) from hitl_detail"
    assert live.query(metadata, asked)[0][0] >= 3
    words = ("db", "clean", "--clean-before-timestamp", "2100-01-01", "--yes")
    cleaned = live.run("airflow", *words, more=stack_variables(live))
    assert cleaned.returncode == 0, cleaned.stdout + cleaned.stderr
    assert live.query(metadata, asked) == [(0,)], "Airflow's own record of the decisions is gone"
    assert live.query("warehouse", decision) == before
    assert live.query("warehouse", "select count(*) from release.value") == values
    verified = live.run("huimin", "verify", "releases", "--head", before[0][4])
    assert verified.returncode == 0 and before[0][4] in verified.stdout, verified.stdout + verified.stderr
    assert live.run("huimin", "verify").returncode == 0
