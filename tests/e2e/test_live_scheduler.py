"""A live scheduler whose runs hang, and whose events are lost or doubled. Everything is real; takes minutes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.settings import PROJECT_ROOT
from tests.support.airflow.live_deployment import OPERATORS, REPORTS, LiveDeployment, live_deployment, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1500)]

OWNERS = "shifts@qingxi.example"
VALUES = "select * from bi.indicator_value order by indicator_code, area_code, period_code"
EVIDENCE = "select * from evidence.evidence order by 1, 2, 3, 4, 5, 6, 7"
# An event that is lost: the scheduler never learns that rows of a report changed.
LOSE_EVENTS = """
    create function lose() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger lose before insert on asset_dag_run_queue for each row execute function lose();
"""
FIND_EVENTS = "drop trigger lose on asset_dag_run_queue; drop function lose()"
AIRFLOW = PROJECT_ROOT / ".venv" / "bin" / "airflow"
HEADER = "记录编号,服务日期,镇（街道）代码,志愿者编号,服务时长（小时）\n"
JULY = "记录编号,服务日期,镇（街道）代码,志愿者编号,服务时长（小时）\nF0701,2025-07-03,990101001,V9001,2.5\n"


def hurry(deployment: Path) -> None:
    """A load of volunteers' shifts is late after one minute, the shortest time that a contract takes."""
    path = deployment / "expectations" / "volunteering" / "service_shift.yml"
    path.write_text(path.read_text(encoding="utf-8") + "stuck_after_minutes: 1\n", encoding="utf-8")
    path = deployment / "deployment.yml"
    path.write_text(path.read_text(encoding="utf-8") + "source_slots: {volunteering_files: 1}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDeployment]:
    with live_deployment(tmp_path_factory.mktemp("live"), hurry) as running:
        yield running


def builds(live: LiveDeployment) -> list[tuple[str, str]]:
    """The runs of the build, the oldest first: how each was started, and its state."""
    return live.query("select run_type, state from dag_run where dag_id = 'build_indicators' order by id", live.metadata)


def built_as_a_whole(live: LiveDeployment) -> bool:
    """Whether values and evidence are those of a build of everything."""
    before = live.query(VALUES), live.query(EVIDENCE)
    live.huimin("build", "--full")
    return (live.query(VALUES), live.query(EVIDENCE)) == before


def test_a_load_that_hangs_is_reported_to_the_operators_once_and_once_when_it_is_over(live: LiveDeployment) -> None:
    with live.connect() as holder:
        with holder.transaction():
            # Whoever loads this report waits for its lock, as for a lock that a dead session holds.
            holder.execute("select pg_advisory_xact_lock(hashtextextended('huimin.load.service_shift', 0))")
            stuck = live.api.trigger("load_service_shift")
            until("the operators are alarmed", lambda: bool(live.letters(OPERATORS)), 240)
            # A run behind it is late for the same cause.
            behind = live.api.trigger("load_service_shift")
            is_known = "select detail from ops.outbox_alarm where cause = 'stuck_run:load_service_shift'"
            until("the second one is late", lambda: behind.run_id in live.query(is_known)[0][0], 240)
            assert live.run("send_outbox").state == "success"
            assert live.query("select count(*) from ops.outbox_alarm where closed_at is null") == [(1,)]
        assert [live.end_of(run).state for run in (stuck, behind)] == ["success", "success"]
    assert live.run("send_outbox").state == "success"
    assert live.run("send_outbox").state == "success"
    (alarm, text), (over, ended) = live.letters(OPERATORS)
    assert alarm == "[huimin] not done after 1 minutes: load_service_shift" and stuck.run_id in text
    assert over == "[huimin] no longer stuck: load_service_shift" and stuck.run_id in ended and behind.run_id in ended
    assert live.query("select closed_at is not null from ops.outbox_alarm") == [(True,)]
    assert not [subject for subject, _ in live.letters(OWNERS) if "huimin" in subject], "owners hear nothing of runs"


def test_lost_events_delay_a_build_and_lose_nothing(live: LiveDeployment) -> None:
    until("what was started has ended", lambda: {state for _, state in builds(live)} <= {"success"})
    before = len(builds(live))
    with live.connect(live.metadata) as metadata:
        metadata.execute(LOSE_EVENTS)
        try:
            assert {live.run(f"load_{name}").state for name in REPORTS} == {"success"}
            time.sleep(10)
            assert len(builds(live)) == before, "no event came through"
        finally:
            metadata.execute(FIND_EVENTS)
    # The next one by its clock, that of the morning, is the first to look.
    next_run = "select next_dagrun_create_after > now() from dag where dag_id = 'build_indicators'"
    assert live.query(next_run, live.metadata) == [(True,)]
    assert live.run("build_indicators").state == "success"
    valued = {code for (code,) in live.query("select indicator_code from bi.indicator_value where value is not null")}
    assert valued >= {"YL-CT-01", "YL-ML-01"}
    assert built_as_a_whole(live)


def test_doubled_events_count_nothing_twice(live: LiveDeployment) -> None:
    before = len(builds(live))
    folder = live.deployment / "documents" / "volunteering_files" / "service_shift"
    (folder / "2025-07_志愿服务记录.csv").write_bytes(JULY.encode("gb18030"))
    assert live.run("load_service_shift").state == "success"
    uri = "huimin://raw/service_shift"
    ((asset,),) = live.query(f"select id from asset where uri = '{uri}'", live.metadata)
    for _ in range(2):
        send_event(live, asset)
    until("builds ended", lambda: len(found := builds(live)) > before and {state for _, state in found} == {"success"})
    rows = "select count(*) from raw.service_shift where _superseded_at is null and shift_code = 'F0701'"
    assert live.query(rows) == [(1,)]
    assert live.query("select count(*) from evidence.evidence as e where e.event_date = '2025-07-03'") <= [(1,)]
    assert built_as_a_whole(live)


def send_event(live: LiveDeployment, asset: int) -> None:
    """Says once more that rows of a report changed."""
    live.api._request("POST", "/api/v2/assets/events", json={"asset_id": asset, "extra": {}})


def put_shifts(live: LiveDeployment, month: str, *shifts: str) -> None:
    """Puts a document of volunteers' shifts of a month where the deployment looks for it."""
    folder = live.deployment / "documents" / "volunteering_files" / "service_shift"
    rows = "".join(f"{code},{month}-03,990101001,V9001,2.5\n" for code in shifts)
    (folder / f"{month}_志愿服务记录.csv").write_bytes((HEADER + rows).encode("gb18030"))


def loaded_shifts(live: LiveDeployment, first_month: str) -> list[str]:
    """The shifts that count, of a month and later ones."""
    query = f"select shift_code from raw.service_shift where _superseded_at is null and served_date >= '{first_month}-01'"
    return sorted(code for (code,) in live.query(query))


def airflow(live: LiveDeployment, *words: str) -> subprocess.CompletedProcess[str]:
    """Airflow's own command, as an operator types it."""
    environment = {**os.environ, **live.variables()}
    return subprocess.run([AIRFLOW, *words], env=environment, capture_output=True, text=True, timeout=120, check=False)


def backfill(live: LiveDeployment, first: str, last: str, *words: str) -> list[tuple[str, str]]:
    """Backfills the loads of shifts, and returns day and state of each of its runs once all have ended."""
    ids = "select coalesce(max(id), 0) from backfill"
    ((before,),) = live.query(ids, live.metadata)
    dates = ("--from-date", first, "--to-date", last)
    done = airflow(live, "backfill", "create", "--dag-id", "load_service_shift", *dates, "--max-active-runs", "2", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    runs = f"""
        select to_char(logical_date at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), state from dag_run
        where backfill_id > {before} order by logical_date
    """
    # The scheduler closes a backfill some time after its last run; until then it takes no other.
    is_open = f"select count(*) from backfill where id > {before} and completed_at is null"
    until("the backfill ends", lambda: live.query(is_open, live.metadata) == [(0,)])
    return live.query(runs, live.metadata)


def test_a_backfill_loads_the_months_that_are_asked_for_and_no_others(live: LiveDeployment) -> None:
    for month, code in (("2025-09", "B0901"), ("2025-10", "B1001"), ("2025-11", "B1101")):
        put_shifts(live, month, code)
    assert backfill(live, "2025-09-01", "2025-10-31") == [("2025-09-01", "success"), ("2025-10-01", "success")]
    assert loaded_shifts(live, "2025-09") == ["B0901", "B1001"]
    # Once more, with what was loaded: a new revision of one document takes the place of the other.
    again = ("--dag-run-conf", '{"again": true}', "--reprocess-behavior", "completed")
    assert backfill(live, "2025-09-01", "2025-09-30", *again) == [("2025-09-01", "success")]
    revisions = "select revision, state from ops.submission where report = 'service_shift' and period = '2025-09' order by 1"
    assert live.query(revisions) == [(1, "superseded"), (2, "accepted")]
    assert loaded_shifts(live, "2025-09") == ["B0901", "B1001"]
    assert live.run("load_service_shift").state == "success"
    assert loaded_shifts(live, "2025-09") == ["B0901", "B1001", "B1101"]


def test_a_backfill_of_what_has_no_periods_is_refused(live: LiveDeployment) -> None:
    for dag_id in ("build_indicators", "send_outbox", "load_canteen"):
        done = airflow(live, "backfill", "create", "--dag-id", dag_id, "--from-date", "2025-09-01", "--to-date", "2025-09-30")
        assert done.returncode != 0 and "does not allow backfill runs" in done.stdout + done.stderr, dag_id
        assert live.api._request("GET", f"/api/v2/dags/{dag_id}/details")["is_backfillable"] is False


def test_an_event_of_a_raw_table_says_what_became_of_the_documents(live: LiveDeployment) -> None:
    assert live.run("load_service_shift").state == "success", "what is there already is no part of the event"
    put_shifts(live, "2026-01", "E0101", "E0102")
    folder = live.deployment / "documents" / "volunteering_files" / "service_shift"
    # Of three rows, one has a day that is none.
    path = folder / "2026-02_志愿服务记录.csv"
    rows = "E0201,2026-02-03,990101001,V9001,2.5\nE0202,2026-02-30,990101001,V9001,2.5\nE0203,2026-02-04,990101001,V9001,2.5\n"
    path.write_bytes((HEADER + rows).encode("gb18030"))
    run = live.run("load_service_shift")
    events = f"select extra from asset_event where source_dag_id = 'load_service_shift' and source_run_id = '{run.run_id}'"
    assert live.query(events, live.metadata) == [
        ({"documents": 2, "rows_loaded": 4, "rows_quarantined": 1, "rows_furniture": 2, "run_id": run.run_id},)
    ]


def test_a_pool_that_is_missing_holds_no_load_up(live: LiveDeployment) -> None:
    pools = "select pool, slots from slot_pool where pool like 'source%' order by 1"
    assert live.query(pools, live.metadata) == [("source_elderly_care_files", 4), ("source_volunteering_files", 1)]
    with live.connect(live.metadata) as metadata:
        metadata.execute("delete from slot_pool where pool = 'source_volunteering_files'")
    run = live.run("load_service_shift")
    assert run.state == "success"
    assert ("source_volunteering_files", 1) in live.query(pools, live.metadata)
    task = f"select pool from task_instance where run_id = '{run.run_id}' and task_id = 'extract'"
    assert live.query(task, live.metadata) == [("source_volunteering_files",)]
