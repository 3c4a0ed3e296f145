"""Builds of one warehouse: never two at a time, and none goes on when the process that started it was killed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from loaders import pipeline
from loaders.dbt import runner
from loaders.dbt.runner import dbt_environment
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import BuildRunning
from loaders.warehouse.build_lock import exclusive_build
from tests.dbt.conftest import MakePlace, Place

pytestmark = [pytest.mark.integration, pytest.mark.slow]

_PROJECT = """
name: huimin
version: "1.0"
config-version: 2
profile: huimin
models: {huimin: {+materialized: table}}
"""
# What runs when, as the warehouse sees it; long enough for two builds to meet.
_MODEL = "select clock_timestamp() as started_at, pg_sleep(2)::text as slept, clock_timestamp() as ended_at"


@pytest.fixture(scope="module")
def place(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Place:
    project = tmp_path_factory.mktemp("project")
    (project / "models").mkdir()
    (project / "dbt_project.yml").write_text(_PROJECT)
    (project / "models" / "slow.sql").write_text(_MODEL)
    shutil.copy(PROJECT_ROOT / "dbt_project" / "profiles.yml", project)
    return make_place("build_alone", project)


@pytest.fixture
def start(place: Place) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts `pipeline.build` in a process of its own."""
    code = f"""
from pathlib import Path
from loaders import pipeline
from loaders.settings import Settings
pipeline.build(Settings(home=Path({str(place.settings.home)!r}), warehouse_url={place.settings.warehouse_url!r},
    pii_key=b"k" * 32, transformer_url={place.settings.transformer_url!r}, dbt_project=Path({str(place.settings.dbt_project)!r})))
"""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
        started.append(subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def await_dbt_at_work(place: Place) -> None:
    deadline = time.monotonic() + 60
    query = (
        "select from pg_stat_activity where application_name = 'huimin-dbt' and query like '%%pg_sleep%%' and state = 'active'"
    )
    while not place.query(query):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def runs_of_dbt(place: Place) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "loaders.dbt.invocation" in line and str(place.settings.dbt_project) in line:
            found.append(process)
    return found


def test_a_killed_build_leaves_no_dbt_behind_and_the_next_one_builds(
    place: Place, start: Callable[[], subprocess.Popen[str]]
) -> None:
    build = start()
    await_dbt_at_work(place)
    assert len(runs_of_dbt(place)) == 1
    build.send_signal(signal.SIGKILL)
    build.wait()
    deadline = time.monotonic() + 5
    while runs_of_dbt(place):
        assert time.monotonic() < deadline, "dbt outlives the build that started it"
        time.sleep(0.05)
    again = start()
    assert (again.wait(timeout=120), place.query("select count(*) from core.slow")) == (0, [(1,)])


def test_two_builds_never_run_side_by_side(place: Place, start: Callable[[], subprocess.Popen[str]]) -> None:
    # A changed model is a reason to build; the second build finds that the first one did it.
    (place.settings.dbt_project / "models" / "slow.sql").write_text(_MODEL + ", 1 as changed")
    builds = [start(), start()]
    most = 0
    while any(build.poll() is None for build in builds):
        most = max(most, len(runs_of_dbt(place)))
        time.sleep(0.05)
    outcomes = [(build.returncode, build.communicate()[1]) for build in builds]
    assert [code for code, _ in outcomes] == [0, 0], outcomes
    assert most == 1
    assert sum("another build is at work" in errors for _, errors in outcomes) == 1


def test_a_dbt_that_somebody_started_by_hand_is_waited_for_and_then_named(place: Place) -> None:
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "run", "--project-dir", place.settings.dbt_project]
    command += ["--profiles-dir", place.settings.dbt_project, "--target-path", place.settings.home / "by_hand"]
    environment = os.environ | dbt_environment(place.settings.transformer_url, place.settings.dbt_project)
    with subprocess.Popen(list(map(str, command)), env=environment, stdout=subprocess.DEVNULL) as by_hand:
        await_dbt_at_work(place)
        with pytest.raises(BuildRunning, match="huimin-dbt"), exclusive_build(place.settings.warehouse_url, timeout_seconds=0.5):
            pytest.fail("the build began beside another dbt")
        with exclusive_build(place.settings.warehouse_url):
            assert by_hand.wait(timeout=60) == 0


def test_slow_models_are_named_in_the_log_with_their_rows(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = place.settings.dbt_project / "models"
    for number in range(6):
        (folder / f"model_{number}.sql").write_text(f"select x from generate_series(1, {number}) as x")
    with caplog.at_level(logging.INFO, logger="loaders.stages.indicator_build"):
        assert pipeline.build(place.settings, is_whole=True) == {"success": 7}
        assert caplog.messages == [], "two seconds are not long"
        monkeypatch.setattr(runner, "SLOW_SECONDS", 0.0)
        pipeline.build(place.settings, is_whole=True)
    (line,) = caplog.messages
    assert re.search(r"slowest: slow \d+\.\d s \(1 rows\), model_\d \d+\.\d s \(\d rows\)", line), line
    assert "较慢的：slow" in line and line.count("model_") == 2 * 4, "five nodes, in both languages"
