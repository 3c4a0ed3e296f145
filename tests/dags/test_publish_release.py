"""The DAG that asks a person about a release: what it is made of, and how an answer reaches the operations."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped

from loaders.contract.release_rules import Approver, ReleaseRules
from loaders.operations.releases import Answer
from loaders.warehouse.releases import CannotBeReleased

ROOT = Path(__file__).resolve().parents[2]
RESPONDED_AT = dt.datetime(2024, 1, 9, 8, 30, 0, 123456, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def module() -> Any:
    import publish_release

    return publish_release


@pytest.fixture(scope="module")
def decide(module: Any) -> Any:
    return module.publish_release_dag(ReleaseRules()).get_task("decide")


def test_a_person_decides_between_the_draft_and_the_freeze(module: Any) -> None:
    dag = module.RELEASE_DAGS["publish_release"]
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "prepare": set(),
        "decide": {"prepare"},
        "freeze": {"decide"},
        "return_to_owner": {"decide"},
    }
    assert type(dag.timetable).__name__ == "NullTimetable" and set(dag.params) == {"period"} and dag.params["period"] is None
    decide = dag.get_task("decide")
    assert decide.options == ["批准发布", "退回"]
    assert decide.options_mapping == {"批准发布": "freeze", "退回": "return_to_owner"}
    assert set(decide.params) == {"words"} and decide.defaults is None, "no answer is taken for an answer"


def test_the_rules_name_who_may_decide_and_until_when(module: Any, decide: Any) -> None:
    assert decide.assigned_users == [] and decide.response_timeout == dt.timedelta(days=7)
    rules = ReleaseRules(approvers=(Approver(user="2", name="王科长"), Approver(user="5", name="李主任")), response_days=3)
    asked = module.publish_release_dag(rules).get_task("decide")
    assert asked.assigned_users == [{"id": "2", "name": "王科长"}, {"id": "5", "name": "李主任"}]
    assert asked.response_timeout == dt.timedelta(days=3)


class TaskInstance:
    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return 7 if task_ids == "prepare" else dict(self.pushed[key])


@pytest.mark.parametrize(("words", "kept"), [("  数据已核对 ", "数据已核对"), ("", "批准发布")])
def test_the_answer_is_kept_for_the_next_task(
    module: Any, decide: Any, monkeypatch: pytest.MonkeyPatch, words: str, kept: str
) -> None:
    taken: list[Any] = []

    def do_branch(_: object, context: Any, branches_to_execute: list[str]) -> None:
        taken.extend(branches_to_execute)
        raise DownstreamTasksSkipped(tasks=[])

    monkeypatch.setattr(module.DecideOperator, "do_branch", do_branch)
    instance = TaskInstance()
    event = {
        "chosen_options": ["批准发布"],
        "params_input": {"words": words},
        "responded_at": RESPONDED_AT,
        "responded_by_user": {"id": "2", "name": "王科长"},
    }
    with pytest.raises(DownstreamTasksSkipped):
        decide.execute_complete({"ti": instance, "run_id": "manual__1"}, event)
    assert taken == ["freeze"]
    recorded: list[tuple[int, Answer]] = []
    monkeypatch.setattr(module, "get_current_context", lambda: {"ti": instance})
    monkeypatch.setattr(module, "settings_with_connections", lambda: None)
    module._record(lambda _, draft, answer: recorded.append((draft, answer)))
    assert recorded == [(7, Answer("王科长", kept, RESPONDED_AT, "Airflow: manual__1, user 2"))]

    def refuse(*_: object) -> None:
        raise CannotBeReleased("draft 7 must not be published")

    with pytest.raises(AirflowFailException, match="draft 7 must not be published"):
        module._record(refuse)


def test_nobody_who_answers_in_time_fails_the_task_for_good(decide: Any) -> None:
    event = {"error": "no answer", "error_type": "timeout"}
    with pytest.raises(AirflowFailException, match="the draft is still open"):
        decide.execute_complete({"ti": TaskInstance(), "run_id": "manual__1"}, event)


def test_wrong_rules_cost_this_dag_alone_and_are_raised_by_the_file_of_errors(tmp_path: Path) -> None:
    (tmp_path / "release_rules").mkdir()
    (tmp_path / "release_rules" / "rules.yml").write_text("approvers: 王\n", encoding="utf-8")
    environment = os.environ | {
        "HUIMIN_DEPLOYMENT": str(tmp_path),
        "HUIMIN_EXPECTATIONS": str(ROOT / "expectations"),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'dags'}",
    }

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    assert run("import publish_release; print(publish_release.RELEASE_DAGS)").stdout.splitlines()[-1] == "{}"
    raised = run("import contract_errors")
    assert raised.returncode != 0 and "rules.yml: approvers" in raised.stderr
