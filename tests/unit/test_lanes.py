"""Lanes share one list of names, and what happens in one of them is known in the process that asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.concurrency import lanes
from loaders.concurrency.lanes import LaneDied, in_lanes, lanes_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="lanes are for Linux")
NAMES = [f"report_{number}" for number in range(40)]


class Unpicklable(RuntimeError):
    def __init__(self, what: str, reason: object) -> None:
        super().__init__(f"{what}: {reason}")


def worked(names: Iterator[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        time.sleep(0.005)
        yield name, os.getpid()


def test_each_name_is_taken_once_by_one_of_several_processes() -> None:
    results = list(in_lanes(worked, NAMES, 3))
    assert sorted(name for name, _ in results) == sorted(NAMES)
    processes = {process for _, process in results}
    assert len(processes) == 3
    assert os.getpid() not in processes


def test_a_failure_is_raised_when_the_other_lane_is_done_and_nothing_more_is_begun() -> None:
    def failing(names: Iterator[str]) -> Iterator[str]:
        for name in names:
            if name == NAMES[3]:
                raise ValueError("the server is gone")
            time.sleep(0.3)
            yield name

    done = []
    with pytest.raises(ValueError, match="the server is gone"):
        for name in in_lanes(failing, NAMES, 2):
            done.append(name)
    assert 3 <= len(done) <= 4


def test_an_error_that_cannot_be_pickled_arrives_in_words() -> None:
    def failing(names: Iterator[str]) -> Iterator[str]:
        raise Unpicklable(next(names), "no room")
        yield

    with pytest.raises(RuntimeError, match="Unpicklable: report_0: no room"):
        list(in_lanes(failing, NAMES[:1], 1))


def test_a_killed_lane_costs_what_it_had_taken() -> None:
    def dying(names: Iterator[str]) -> Iterator[str]:
        for name in names:
            if name == NAMES[3]:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.03)
            yield name

    done = []
    with pytest.raises(LaneDied, match="exit code -9"):
        for name in in_lanes(dying, NAMES, 2):
            done.append(name)
    assert NAMES[3] not in done
    assert len(done) == len(NAMES) - 1


def test_nobody_outlives_a_caller_that_stops_asking() -> None:
    processes = []
    for _, process in in_lanes(worked, NAMES, 2):
        processes.append(process)
        break
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_no_lane_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = f"""
import os, sys, time
from pathlib import Path
from loaders.concurrency.lanes import in_lanes
def work(names):
    next(names)
    Path({str(tmp_path)!r}, str(os.getpid())).touch()
    time.sleep(600)
    yield "never"
list(in_lanes(work, ["a", "b"], 2))
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while len(found := [int(path.name) for path in tmp_path.iterdir()]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    while any(Path(f"/proc/{process}").exists() for process in found):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_there_are_as_many_lanes_as_processors_and_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert [lanes_for(NAMES[:count]) for count in (0, 1, 2, 3)] == [1, 1, 2, 2]
    monkeypatch.setattr(os, "cpu_count", lambda: 32)
    assert lanes_for(NAMES) == 4
    monkeypatch.setattr(lanes.sys, "platform", "darwin")
    assert lanes_for(NAMES) == 1
