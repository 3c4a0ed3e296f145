import ast
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.timetables.base import TimeRestriction
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loaders.contract import Report, load_reports

ROOT = Path(__file__).resolve().parents[2]
REPORTS = load_reports(ROOT / "expectations")
LONGEST_PARSE_SECONDS = 1.5


@pytest.fixture(scope="module")
def dags() -> Iterator[dict[str, Any]]:
    import build_indicators
    import chase_reports
    import check_contracts
    import load_reports as load_reports_file
    import send_outbox

    made = {f"load_{name}": vars(load_reports_file)[f"load_{name}"] for name in REPORTS}
    yield made | {
        "build_indicators": build_indicators.build_indicators_dag,
        "check_contracts": check_contracts.check_contracts_dag,
        "chase_reports": chase_reports.chase_reports_dag,
        "send_outbox": send_outbox.send_outbox_dag,
    }


def test_every_contract_has_its_dag(dags: dict[str, Any]) -> None:
    own = {"build_indicators", "chase_reports", "check_contracts", "send_outbox"}
    assert {dag.dag_id for dag in dags.values()} == {f"load_{name}" for name in REPORTS} | own


@pytest.mark.parametrize("name", REPORTS)
def test_a_load_dag_says_whose_it_is_and_when_it_runs(dags: dict[str, Any], name: str) -> None:
    report, dag = REPORTS[name], dags[f"load_{name}"]
    assert {f"system:{report.system}", f"cadence:{report.cadence}"} <= dag.tags
    assert any(tag.startswith("owner:") for tag in dag.tags)
    assert (
        dag.timetable.timezone.key if hasattr(dag.timetable.timezone, "key") else str(dag.timetable.timezone) == "Asia/Shanghai"
    )
    assert not dag.catchup
    assert dag.max_active_runs == 1, "two runs of one report must not interleave"
    assert report.title.zh in dag.description


@pytest.mark.parametrize("name", REPORTS)
def test_every_task_tries_again_ends_in_time_and_tells_of_its_failure(dags: dict[str, Any], name: str) -> None:
    dag = dags[f"load_{name}"]
    assert set(dag.task_ids) == {"extract", "load_batch", "notify_owners"}
    for task in dag.tasks:
        assert _setting(task, "retries") >= 2
        assert _setting(task, "execution_timeout") is not None
        assert _setting(task, "on_failure_callback")


def _setting(task: Any, name: str) -> Any:
    if hasattr(task, "partial_kwargs"):
        return task.partial_kwargs.get(name)
    return getattr(task, name)


def test_batches_are_mapped_and_each_says_that_rows_changed(dags: dict[str, Any]) -> None:
    dag = dags["load_home_visit"]
    assert dag.get_task("load_batch").is_mapped
    assert [asset.uri for asset in _setting(dag.get_task("load_batch"), "outlets")] == ["huimin://raw/home_visit"]
    assert dag.get_task("notify_owners").upstream_task_ids == {"load_batch"}


def test_indicators_are_built_when_any_raw_table_changed(dags: dict[str, Any]) -> None:
    condition = dags["build_indicators"].timetable.asset_condition
    assert {asset.uri for asset in condition.objects} == {f"huimin://raw/{name}" for name in REPORTS}
    assert type(condition).__name__ == "AssetAny"
    assert dags["build_indicators"].max_active_runs == 1


def test_reports_are_checked_against_each_other_before_the_build_and_neither_a_broken_rule_nor_the_mail_stops_it(
    dags: dict[str, Any],
) -> None:
    dag = dags["build_indicators"]
    upstream = {task.task_id: task.upstream_task_ids for task in dag.tasks}
    assert upstream == {
        "cross_check": set(),
        "notify_owners": {"cross_check"},
        "build": {"cross_check"},
        "detect_anomalies": {"build"},
    }
    assert dag.get_task("build").trigger_rule == "all_done"


def test_a_chosen_period_can_be_loaded_again_by_params(dags: dict[str, Any]) -> None:
    assert set(dags["load_station"].params) == {"periods", "units", "uris", "again"}


@pytest.mark.parametrize(
    "file",
    [
        "load_reports.py",
        "build_indicators.py",
        "chase_reports.py",
        "contract_errors.py",
        "check_contracts.py",
        "publish_release.py",
        "send_outbox.py",
    ],
)
def test_a_dag_file_is_read_in_well_under_a_second_without_heavy_imports(file: str) -> None:
    script = (
        "import sys, time; import airflow.sdk; start = time.process_time(); "
        f"exec(compile(open('dags/{file}').read(), '{file}', 'exec'), {{'__name__': 'dag_file', '__file__': '{file}'}}); "
        "print(time.process_time() - start, *[m for m in ('pandas', 'great_expectations', 'dbt', 'pyarrow') if m in sys.modules])"
    )
    started = time.monotonic()
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'dags'}", "PATH": "/usr/bin:/bin", "AIRFLOW_HOME": "/tmp", "HOME": "/tmp"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seconds, *heavy = done.stdout.splitlines()[-1].split()
    assert float(seconds) < LONGEST_PARSE_SECONDS, f"{time.monotonic() - started:.1f} s in all"
    assert heavy == []


def parsed(file: str, expectations: Path) -> subprocess.CompletedProcess[str]:
    """A DAG file as the dag-processor runs it; the ids of the DAGs that it made."""
    script = f"import {file}; print(sorted(one.dag_id for one in vars({file}).values() if hasattr(one, 'dag_id')))"
    environment = os.environ | {"HUIMIN_EXPECTATIONS": str(expectations), "PYTHONPATH": f"{ROOT}:{ROOT / 'dags'}"}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_faulty_contract_costs_its_own_dag_and_is_reported_by_a_file_of_its_own(tmp_path: Path) -> None:
    """Airflow takes all DAGs of a file away that raises anything, or of whose DAGs one is not right."""
    folder = tmp_path / "expectations"
    shutil.copytree(ROOT / "expectations", folder)
    assert parsed("contract_errors", folder).returncode == 0
    path = folder / "social_work" / "station.yml"
    text = path.read_text(encoding="utf-8").replace("due_day:", "schedule: every day\ndue_day:", 1)
    path.write_text(text, encoding="utf-8")
    others = {f"load_{name}" for name in REPORTS} - {"load_station"}
    loads, build = parsed("load_reports", folder), parsed("build_indicators", folder)
    assert (loads.returncode, build.returncode) == (0, 0), loads.stderr + build.stderr
    assert set(ast.literal_eval(loads.stdout.splitlines()[-1])) == others
    faults = parsed("contract_errors", folder)
    assert faults.returncode != 0
    assert "social_work/station.yml: report: schedule: expected a cron expression" in faults.stderr


LETTERS = st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])
FIELD = st.sampled_from(["*", "0", "5", "1-5", "*/2", "1,2", "7", "12", "31", "L", "60", "MON", "jan", "?", "5-1", "1-5/0"])


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(LETTERS, min_size=1, max_size=200),
    role=st.text(LETTERS, min_size=1, max_size=100),
    schedule=st.one_of(st.none(), st.lists(FIELD, min_size=4, max_size=6).map(" ".join)),
)
def test_whatever_a_contract_may_say_airflow_takes(title: str, role: str, schedule: str | None) -> None:
    """What one DAG of the file could not be made or kept with would cost all of them."""
    import load_reports as load_reports_file
    from airflow.serialization.serialized_objects import DagSerialization

    facts = REPORTS["station"].model_dump(by_alias=True, exclude_unset=True)
    facts |= {"title": {"zh": title, "en": title}, "schedule": schedule}
    facts["owner"] |= {"role": {"zh": role, "en": role}}
    try:
        report = Report.model_validate(facts)
    except ValidationError:
        return
    dag = load_reports_file.load_dag(report)
    dag.validate()
    kept = DagSerialization.to_dict(dag)
    assert DagSerialization.from_dict(kept).timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(earliest=None, latest=None, catchup=False)
    )


def test_a_tasks_process_makes_its_own_dag_alone() -> None:
    script = "import load_reports; print(sorted(name for name in vars(load_reports) if name.startswith('load_')))"
    made = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT / "dags",
        env={**os.environ, "_AIRFLOW_PARSING_CONTEXT_DAG_ID": "load_station", "PYTHONPATH": f"{ROOT}:{ROOT / 'dags'}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    names = made.stdout.strip().splitlines()[-1]
    assert "load_station" in names
    assert "load_home_visit" not in names
