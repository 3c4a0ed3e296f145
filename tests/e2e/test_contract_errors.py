"""A live scheduler among whose 37 contracts some have faults of every kind: each costs its own report only.

Everything is real: the sample city's servers, PostgreSQL, Airflow's four components. Takes two to three minutes.
"""

import email
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import psycopg
import pytest
import yaml

from demo.airflow_api import AirflowApi, DagRun
from demo.embedded_postgres import EmbeddedPostgres
from demo.stack import DemoStack
from loaders.contract import load_reports
from loaders.settings import PROJECT_ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1200)]

HUIMIN = PROJECT_ROOT / ".venv" / "bin" / "huimin"
SOUND = load_reports(PROJECT_ROOT / "expectations")
BROKEN = "training"
OPERATORS = "data-engineers@example.org"
LONGEST_SECONDS = 600
RULE = {"name": "x", "kind": "references", "columns": ["station_code"], "meaning": {"zh": "在", "en": "is there"}}


def put(folder: Path, name: str, **changes: object) -> None:
    """A copy of the register of stations with a fault; older than none of the others."""
    content = yaml.safe_load((PROJECT_ROOT / "expectations" / "social_work" / "station.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(content | {"name": name, "cross_rules": []} | changes, allow_unicode=True)
    (folder / "social_work" / f"{name}.yml").write_text(text, encoding="utf-8")


def add_faults(folder: Path) -> list[str]:
    """Faults of every kind; the files that have them."""
    (folder / "civil_affairs" / f"{BROKEN}.yml").write_text("report: [", encoding="utf-8")
    owner = {"role": {"zh": "科", "en": "x" * 95}, "email": "a@b"}
    put(folder, "no_cron", code="SW81", schedule="every day at six")
    put(folder, "never", code="SW82", schedule="0 6 30 2 *")
    put(folder, "long_tag", code="SW83", owner=owner)
    put(folder, "two_lines", code="SW84", title={"zh": "一\n二", "en": "x"})
    put(folder, "same_code", code="SW01")
    put(folder, "unknown_field", code="SW85", colour="red")
    put(folder, "no_report", code="SW86", cross_rules=[RULE | {"other_report": "nowhere"}])
    put(folder, "no_column", code="SW87", cross_rules=[RULE | {"other_report": "station", "other_columns": ["nothing"]}])
    put(
        folder,
        "wrong_rule",
        code="SW88",
        rules=[{"expect": "expect_x", "arguments": {"column": "y"}, "meaning": RULE["meaning"]}],
    )
    (folder / "charity" / "other_encoding.yml").write_bytes("report: 表".encode("gb18030"))
    (folder / "charity" / "my report.yml").write_text("name: my_report", encoding="utf-8")
    (folder / "charity" / "unreadable.yml").symlink_to(folder / "nowhere")
    return [
        f"civil_affairs/{BROKEN}.yml",
        *(f"social_work/{name}.yml" for name in ("no_cron", "never", "long_tag", "two_lines", "same_code", "unknown_field")),
        *(f"social_work/{name}.yml" for name in ("no_report", "no_column", "wrong_rule")),
        "charity/other_encoding.yml",
        "charity/my report.yml",
        "charity/unreadable.yml",
    ]


@dataclass(frozen=True)
class Live:
    """A running stack whose contracts have faults."""

    home: Path
    expectations: Path
    faulty: list[str]
    api: AirflowApi

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
        return kept | {"HUIMIN_HOME": str(self.home), "HUIMIN_EXPECTATIONS": str(self.expectations)}

    def huimin(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([HUIMIN, *words], env=self.environment(), capture_output=True, text=True, check=False, timeout=600)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(EmbeddedPostgres(self.home / "postgres").url("warehouse")) as connection:
            return connection.execute(sql).fetchall()

    def to_engineers(self) -> list[EmailMessage]:
        letters = [
            email.message_from_bytes(path.read_bytes(), policy=default) for path in (self.home / "city" / "mail").glob("*.eml")
        ]
        return [letter for letter in letters if isinstance(letter, EmailMessage) and letter["To"] == OPERATORS]

    def run(self, dag_id: str) -> DagRun:
        return finished(self.api, self.api.trigger(dag_id))


def until(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {LONGEST_SECONDS} s: {what}"
        time.sleep(1)


def finished(api: AirflowApi, run: DagRun) -> DagRun:
    runs = [run]

    def is_over() -> bool:
        runs[0] = api.refresh_runs([runs[0]])[0]
        return runs[0].is_over

    until(f"{run.dag_id} ends", is_over)
    return runs[0]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("faulty") / "h"
    folder = home.parent / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    faulty = add_faults(folder)
    stack = Live(home, folder, faulty, AirflowApi("http://127.0.0.1:9", ""))
    try:
        done = stack.huimin("up")
        assert done.returncode == 0, done.stdout + done.stderr
        yield Live(home, folder, faulty, DemoStack(home).api())
    finally:
        stack.huimin("clean")


def test_every_sound_contract_has_its_dag_and_a_faulty_one_none(live: Live) -> None:
    wanted = {f"load_{name}" for name in SOUND if name != BROKEN}
    until("all DAGs are known", lambda: live.api.dag_ids() >= wanted | {"build_indicators", "check_contracts"})
    assert {name for name in live.api.dag_ids() if name.startswith("load_")} == wanted


def test_airflow_shows_every_fault_with_its_file_and_hides_no_dag(live: Live) -> None:
    until("the faults are shown", lambda: bool(live.api.import_errors()))
    (error,) = live.api.import_errors()
    assert error.startswith("contract_errors.py")
    assert [name for name in live.faulty if name not in error] == []


def test_the_others_load_and_the_indicators_are_built(live: Live) -> None:
    assert live.run("load_station").state == "success"
    assert live.query("select count(*) > 0 from raw.station where _superseded_at is null") == [(True,)]
    until("a build began", lambda: live.api.latest_run("build_indicators") is not None)
    latest = live.api.latest_run("build_indicators")
    assert latest is not None
    run = finished(live.api, latest)
    assert (run.state, live.api.failed_tasks(run)) == ("success", [])
    assert live.query("select count(*) from ops.build") == [(1,)]
    assert live.query(f"select count(*) from raw.{BROKEN}") == [(0,)]


def test_engineers_are_mailed_once(live: Live) -> None:
    assert [live.run("check_contracts").state for _ in range(2)] == ["success", "success"]
    (letter,) = live.to_engineers()
    assert str(letter["Subject"]).startswith("[huimin] fault(s) in contracts: ")
    assert [name for name in live.faulty if name not in letter.get_content()] == []


def test_the_commands_go_on(live: Live) -> None:
    status = live.huimin("status")
    assert status.returncode == 0 and "station" in status.stdout
    check = live.huimin("contracts", "check")
    assert check.returncode != 0
    assert [name for name in live.faulty if name not in check.stderr] == []
    (document, *_) = sorted((live.home / "city" / "sftp" / "social_work").rglob("station/**/*.xlsx"))
    checked = live.huimin("check", str(document), "--lang", "en")
    assert checked.returncode in {0, 1}, checked.stdout + checked.stderr
    assert BROKEN in checked.stderr
    assert "report: Register of" in checked.stdout or "station" in checked.stdout


def test_a_contract_that_is_put_right_comes_back(live: Live) -> None:
    shutil.copy(PROJECT_ROOT / "expectations" / "civil_affairs" / f"{BROKEN}.yml", live.expectations / "civil_affairs")
    until("its DAG is known", lambda: f"load_{BROKEN}" in live.api.dag_ids())
    assert live.run(f"load_{BROKEN}").state == "success"
    assert live.query(f"select count(*) > 0 from raw.{BROKEN} where _superseded_at is null") == [(True,)]
