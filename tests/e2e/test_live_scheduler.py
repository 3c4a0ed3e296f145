"""A live scheduler whose runs hang, and whose events are lost or doubled. Everything is real; takes minutes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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
JULY = "记录编号,服务日期,镇（街道）代码,志愿者编号,服务时长（小时）\nF0701,2025-07-03,990101001,V9001,2.5\n"


def hurry(deployment: Path) -> None:
    """A load of volunteers' shifts is late after one minute, the shortest time that a contract takes."""
    path = deployment / "expectations" / "volunteering" / "service_shift.yml"
    path.write_text(path.read_text(encoding="utf-8") + "stuck_after_minutes: 1\n", encoding="utf-8")


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
