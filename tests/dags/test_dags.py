import ast
import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from airflow.timetables.base import TimeRestriction
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loaders.contract import Report, load_reports
from loaders.pages.report_facts import rule_facts
from loaders.period import local_today

ROOT = Path(__file__).resolve().parents[2]
REPORTS = load_reports(ROOT / "expectations")
# Beside the import of Airflow in the same process: what a second is depends on the machine.
LONGEST_PARSE_SHARE = 1.2
DAY = dt.datetime(2023, 5, 1, tzinfo=dt.UTC)
# As Airflow sets it: the folder of DAGs and that of plugins.
PATHS = f"{ROOT}:{ROOT / 'dags'}:{ROOT / 'dags' / 'plugins'}"


@pytest.fixture(scope="module")
def dags() -> Iterator[dict[str, Any]]:
    import build_indicators
    import chase_reports
    import check_contracts
    import clean_up
    import load_reports as load_reports_file
    import send_outbox

    made = {f"load_{name}": vars(load_reports_file)[f"load_{name}"] for name in REPORTS}
    yield made | {
        "build_indicators": build_indicators.build_indicators_dag,
        "check_contracts": check_contracts.check_contracts_dag,
        "chase_reports": chase_reports.chase_reports_dag,
        "send_outbox": send_outbox.send_outbox_dag,
        "clean_up": clean_up.clean_up_dag,
    }


def test_every_contract_has_its_dag(dags: dict[str, Any]) -> None:
    own = {"build_indicators", "chase_reports", "check_contracts", "clean_up", "send_outbox"}
    assert {dag.dag_id for dag in dags.values()} == {f"load_{name}" for name in REPORTS} | own


@pytest.mark.parametrize("name", REPORTS)
def test_a_load_dag_says_whose_it_is_and_when_it_runs(dags: dict[str, Any], name: str) -> None:
    report, dag = REPORTS[name], dags[f"load_{name}"]
    assert {tag.partition("：")[0] for tag in dag.tags} == {"系统", "频次", "负责"}
    assert dag.dag_display_name == f"{report.code} {report.title.zh}"
    timezone = dag.timetable._timezone if hasattr(dag.timetable, "_timezone") else dag.timetable.timezone
    assert getattr(timezone, "name", timezone) == "Asia/Shanghai"
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
        "send_lineage": {"build"},
    }
    assert dag.get_task("build").trigger_rule == "all_done"


def test_a_chosen_period_can_be_loaded_again_by_params(dags: dict[str, Any]) -> None:
    assert set(dags["load_station"].params) == {"periods", "units", "uris", "again"}


def stored(dag: Any) -> Any:
    """The DAG as the scheduler reads it from its database."""
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def backfill_runs(dag: Any, first: str, last: str) -> list[str]:
    """The days on which the intervals of a backfill's runs begin, in China."""
    begin, end = (dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) for day in (first, last))
    infos = stored(dag).iter_dagrun_infos_between(begin, end)
    return [info.data_interval.start.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() for info in infos]


def test_a_backfill_has_one_run_per_period_of_the_report(dags: dict[str, Any]) -> None:
    monthly = dags["load_home_visit"]
    assert backfill_runs(monthly, "2023-05-01", "2023-05-31") == ["2023-05-01"]
    assert backfill_runs(monthly, "2022-12-02", "2023-03-01") == ["2023-01-01", "2023-02-01", "2023-03-01"]
    assert backfill_runs(monthly, "2023-05-02", "2023-05-31") == []
    periods = {name: report.period_kind for name, report in REPORTS.items()}
    for name in (name for name, kind in periods.items() if kind == "quarter"):
        assert backfill_runs(dags[f"load_{name}"], "2023-01-01", "2023-12-31") == [f"2023-{m:02}-01" for m in (1, 4, 7, 10)]
    for name in (name for name, kind in periods.items() if kind == "year"):
        assert backfill_runs(dags[f"load_{name}"], "2021-01-01", "2023-12-31") == [f"{year}-01-01" for year in (2021, 2022, 2023)]


def test_the_clock_starts_runs_as_the_contract_says_and_none_for_what_was_missed(dags: dict[str, Any]) -> None:
    timetable = stored(dags["load_home_visit"]).timetable
    now = TimeRestriction(earliest=None, latest=None, catchup=False)
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=now)
    local = info.run_after.astimezone(ZoneInfo("Asia/Shanghai"))
    assert dt.timedelta(0) < info.run_after - dt.datetime.now(dt.UTC) < dt.timedelta(days=8)
    assert (local.hour, local.second, info.logical_date) == (5, 0, info.run_after)
    # A backfill that has just ended starts no run of its own.
    period = next(iter(stored(dags["load_home_visit"]).iter_dagrun_infos_between(DAY, DAY + dt.timedelta(days=31)))).data_interval
    assert timetable.next_dagrun_info(last_automated_data_interval=period, restriction=now) == info


def test_a_backfill_is_offered_only_where_a_period_can_be_asked_for(dags: dict[str, Any]) -> None:
    for dag_id, dag in dags.items():
        kept, report = stored(dag), REPORTS.get(dag_id.removeprefix("load_"))
        is_offered = kept.timetable.periodic and "backfill" in (kept.allowed_run_types or ["backfill"])
        has_periods = report is not None and report.period_kind is not None and not report.retired
        assert is_offered is has_periods, dag_id


def asked_periods(name: str, run_type: str, begin: str, periods: list[str]) -> list[str]:
    import load_reports as load_reports_file

    run = SimpleNamespace(run_type=run_type, data_interval_start=dt.datetime.fromisoformat(begin))
    return load_reports_file._asked_periods(REPORTS[name], {"dag_run": run, "params": {"periods": periods}})


def test_a_run_of_a_backfill_asks_for_the_period_of_its_interval_and_others_for_what_their_parameters_say() -> None:
    assert asked_periods("home_visit", "backfill", "2023-04-30T16:00:01+00:00", []) == ["2023-05"]
    assert asked_periods("home_visit", "manual", "2023-04-30T16:00:01+00:00", []) == []
    assert asked_periods("home_visit", "scheduled", "2023-05-01T04:00:01+00:00", ["2023-02"]) == ["2023-02"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_load_says_in_words_what_its_contract_says(dags: dict[str, Any], name: str) -> None:
    report, text = REPORTS[name], dags[f"load_{name}"].doc_md
    chinese, english = text.split("\n---\n")
    assert f"### {report.code} {report.title.zh}" in chinese and f"### {report.code} {report.title.en}" in english
    for part in (chinese, english):
        assert (
            f"](/huimin/reports/{name}?lang=" in part and f"expectations/{report.system}/{name}.yml".replace("_", "\\_") in part
        )
        assert report.source.connection.replace("_", "\\_") in part
        assert part.partition("\n#### ")[2].count("\n- **") == len(set(rule_facts(report)))
    assert report.owner_on(local_today()).role.zh in chinese


def test_a_contract_that_cannot_be_put_into_words_costs_no_dag(monkeypatch: pytest.MonkeyPatch) -> None:
    import load_reports as load_reports_file

    monkeypatch.setattr("loaders.pages.report_markdown.rule_facts", lambda report: 1 / 0)
    dag = load_reports_file.load_dag(REPORTS["station"])
    assert dag.dag_id == "load_station" and "expectations/social_work/station.yml" in dag.doc_md


def test_each_look_at_a_source_takes_a_slot_of_its_connection_and_is_the_only_one_of_its_report(dags: dict[str, Any]) -> None:
    for name, report in REPORTS.items():
        task = dags[f"load_{name}"].get_task("extract")
        assert (task.pool, task.max_active_tis_per_dag) == (f"source_{report.source.connection}", 1)


def test_tasks_have_names_that_officers_read(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        assert dag.dag_display_name != dag.dag_id and dag.doc_md
        assert all(task.task_display_name != task.task_id for task in dag.tasks), dag.dag_id


@pytest.mark.parametrize(
    "file",
    [
        "load_reports.py",
        "build_indicators.py",
        "chase_reports.py",
        "contract_errors.py",
        "check_contracts.py",
        "clean_up.py",
        "publish_release.py",
        "send_outbox.py",
    ],
)
def test_a_dag_file_is_read_about_as_fast_as_airflow_itself_without_heavy_imports(file: str) -> None:
    script = (
        "import sys, time; begin = time.process_time(); import airflow.sdk; start = time.process_time(); "
        f"exec(compile(open('dags/{file}').read(), '{file}', 'exec'), {{'__name__': 'dag_file', '__file__': '{file}'}}); "
        "print(time.process_time() - start, start - begin, "
        "*[m for m in ('pandas', 'great_expectations', 'dbt', 'pyarrow') if m in sys.modules])"
    )
    started = time.monotonic()
    environment = {"PYTHONPATH": PATHS, "PATH": "/usr/bin:/bin", "AIRFLOW_HOME": "/tmp", "HOME": "/tmp"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seconds, of_airflow, *heavy = done.stdout.splitlines()[-1].split()
    assert float(seconds) < LONGEST_PARSE_SHARE * float(of_airflow), f"{time.monotonic() - started:.1f} s in all"
    # Rules are put into words by the modules that run them; the dag-processor has loaded these before it forks.
    assert set(heavy) <= ({"pandas", "pyarrow"} if file == "load_reports.py" else set())


def parsed(file: str, expectations: Path) -> subprocess.CompletedProcess[str]:
    """A DAG file as the dag-processor runs it; the ids of the DAGs that it made."""
    script = f"import {file}; print(sorted(one.dag_id for one in vars({file}).values() if hasattr(one, 'dag_id')))"
    environment = os.environ | {"HUIMIN_EXPECTATIONS": str(expectations), "PYTHONPATH": PATHS}
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
        env={**os.environ, "_AIRFLOW_PARSING_CONTEXT_DAG_ID": "load_station", "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    names = made.stdout.strip().splitlines()[-1]
    assert "load_station" in names
    assert "load_home_visit" not in names
