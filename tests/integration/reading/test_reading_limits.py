"""Documents that harm their reader, and readers that are harmed otherwise: each costs one document and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading import ReaderPool, ReaderUnavailable, ReadRequest
from loaders.reading.sandbox import worker_process
from loaders.settings import PROJECT_ROOT, ReadingLimits
from tests.support.documents.contracts import make_report
from tests.support.documents.ooxml_parts import ooxml_parts, write_parts
from tests.support.documents.workbooks import CSV, HEADER, ROWS, encrypted, far_cell, workbook, zip_bomb
from tests.support.processes import children_of

pytestmark = pytest.mark.integration

SHEETS = make_report(format={"kind": "workbook"})
TEXTS = make_report()
PAGE = b"<!DOCTYPE html><html><head><title>login</title></head><body><form>user <input></form></body></html>"
SLOW = CSV + 'V1,河南岸街道,2,1,"一\n二"\n'.encode() * 1_600_000

HARMFUL: dict[str, tuple[Callable[[], bytes], Report, set[str]]] = {
    "far_cell.xlsx": (far_cell, SHEETS, {"far_cell"}),
    "bomb.xlsx": (zip_bomb, SHEETS, {"too_large"}),
    "locked.xlsx": (lambda: encrypted(workbook([HEADER, *ROWS]), "secret"), SHEETS, {"encrypted_document"}),
    "page.xlsx": (lambda: PAGE, SHEETS, {"header_not_found", "unreadable_document", "no_table"}),
    "empty.xlsx": (lambda: b"", SHEETS, {"empty_document"}),
    "empty.csv": (lambda: b"", TEXTS, {"empty_document"}),
    "nul.csv": (lambda: CSV + b"V2,\0\0,1,,\r\n", TEXTS, {"nul_bytes"}),
}


def ask(folder: Path, name: str, content: bytes, report: Report) -> ReadRequest:
    path = folder / name
    path.write_bytes(content)
    return ReadRequest(path, report)


def rule_of(reading: Reading) -> str | None:
    return reading.refusal.rule if reading.refusal else None


def test_harmful_documents_are_refused_one_by_one_and_the_others_are_read(tmp_path: Path) -> None:
    requests = [ask(tmp_path, name, content(), report) for name, (content, report, _) in HARMFUL.items()]
    requests.insert(2, ask(tmp_path, "good.xlsx", workbook([HEADER, *ROWS]), SHEETS))
    requests.append(ask(tmp_path, "good.csv", CSV, TEXTS))
    with ReaderPool(ReadingLimits()) as pool:
        readings = {request.path.name: reading for request, reading in zip(requests, pool.read_many(requests), strict=True)}
    for name, (_, _, rules) in HARMFUL.items():
        assert rule_of(readings[name]) in rules, (name, readings[name].refusal)
        assert readings[name].rows.num_rows == 0
    assert readings["good.xlsx"].rows.num_rows == 2
    assert readings["good.csv"].rows.num_rows == 1


def test_memory_is_limited(tmp_path: Path) -> None:
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    rows = "".join(f"<row>{''.join(cell.format(f'{word}{number}') for word in HEADER)}</row>" for number in range(40_000))
    large = ReadRequest(write_parts(tmp_path / "large.xlsx", ooxml_parts(rows)), SHEETS)
    small = ask(tmp_path, "small.xlsx", workbook([HEADER, *ROWS]), SHEETS)
    with ReaderPool(ReadingLimits(memory_mb=48)) as pool:
        readings = pool.read_many([large, small, large, small])
    assert [rule_of(reading) for reading in readings] == ["limit_exceeded", None, "limit_exceeded", None]
    assert readings[0].refusal is not None
    assert "内存" in readings[0].refusal.message_zh


def test_time_is_limited(tmp_path: Path) -> None:
    with ReaderPool(ReadingLimits(cpu_seconds=1)) as pool:
        slow, small = pool.read_many([ask(tmp_path, "slow.csv", SLOW, TEXTS), ask(tmp_path, "small.csv", CSV, TEXTS)])
    assert rule_of(slow) == "limit_exceeded"
    assert slow.refusal is not None
    assert "用时" in slow.refusal.message_zh
    assert small.rows.num_rows == 1


def test_a_document_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with ReaderPool(ReadingLimits(cpu_seconds=1)) as pool:
        assert pool.read(ask(tmp_path, "small.csv", CSV, TEXTS)).refusal is None
        monkeypatch.setattr(worker_process, "_WALL_SECONDS_PER_CPU_SECOND", 0.5)
        assert rule_of(pool.read(ReadRequest(tmp_path / "pipe.csv", TEXTS))) == "limit_exceeded"


def _kill_reader_of(pipe: Path, times: int) -> None:
    """Kill the process that reads a named pipe, once it surely does: a writer can only be opened beside a reader."""
    for _ in range(times):
        while True:
            try:
                writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
                break
            except OSError:
                time.sleep(0.01)
        for child in children_of(os.getpid()):
            os.kill(child, signal.SIGKILL)
        gone = select.poll()
        gone.register(writer, select.POLLERR)  # what a pipe tells its writer when nobody reads it any more
        assert gone.poll(10_000)
        os.close(writer)


def test_a_reader_that_is_killed_is_tried_again_later_and_alone(tmp_path: Path) -> None:
    slow, small = (
        ask(tmp_path, "slow.csv", CSV + 'V1,河南岸街道,2,1,"一\n二"\n'.encode() * 60_000, TEXTS),
        ask(tmp_path, "small.csv", CSV, TEXTS),
    )
    with ReaderPool(ReadingLimits()) as pool:
        assert pool.read(small).refusal is None
        (victim,) = children_of(os.getpid())
        killer = threading.Timer(0.1, os.kill, (victim, signal.SIGKILL))
        killer.start()
        killed, other = pool.read_many([slow, small])
        killer.join()
        assert (killed.refusal, killed.rows.num_rows) == (None, 60_001)
        assert other.rows.num_rows == 1
    assert children_of(os.getpid()) == []


def test_a_reader_that_is_killed_twice_costs_one_document_and_its_sender_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    requests = [ReadRequest(tmp_path / "pipe.csv", TEXTS), *(ask(tmp_path, f"{name}.csv", CSV, TEXTS) for name in "ab")]
    with ReaderPool(ReadingLimits()) as pool:
        killer = threading.Thread(target=_kill_reader_of, args=(requests[0].path, 2), daemon=True)
        killer.start()
        piped, *others = pool.read_many(requests)
        killer.join()
    assert rule_of(piped) == "reader_interrupted"
    assert piped.refusal is not None
    assert "无需重新报送" in piped.refusal.message_zh
    assert [reading.rows.num_rows for reading in others] == [1, 1]


def test_an_interrupted_pool_leaves_no_child_at_work(tmp_path: Path) -> None:
    slow = ask(tmp_path, "slow.csv", SLOW, TEXTS)
    with ReaderPool(ReadingLimits()) as pool:
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        with pytest.raises(KeyboardInterrupt):
            pool.read(slow)
        assert children_of(os.getpid()) == []


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_installation_that_cannot_start_a_reader_blames_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with ReaderPool(ReadingLimits()) as pool, pytest.raises(ReaderUnavailable, match="did not start"):
        pool.read(ask(tmp_path, "small.csv", CSV, TEXTS))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with ReaderPool(ReadingLimits()) as pool, pytest.raises(ReaderUnavailable, match="could be started"):
        pool.read(ReadRequest(tmp_path / "small.csv", TEXTS))


_UPSERT_CONFLICTING = """
import sys, time
sys.path.insert(0, {root!r})
from loaders.reading import ReaderPool
from loaders.settings import ReadingLimits
pool = ReaderPool(ReadingLimits())
pool.start()
print("ready", flush=True)
time.sleep(60)
"""


def test_no_child_outlives_a_killed_parent() -> None:
    hold = _UPSERT_CONFLICTING.format(root=str(PROJECT_ROOT))
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        (child,) = children_of(parent.pid)
        parent.kill()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def _read_in_daemon(path: Path, results: Any) -> None:
    os.close(0)
    with ReaderPool(ReadingLimits()) as pool:
        results.put(pool.read(ReadRequest(path, TEXTS)).rows.num_rows)


def test_a_daemon_without_standard_input_can_read(tmp_path: Path) -> None:
    path = ask(tmp_path, "small.csv", CSV, TEXTS).path
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=_read_in_daemon, args=(path, results), daemon=True)
    process.start()
    assert results.get(timeout=60) == 1
    process.join(10)


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(Path(tempfile.gettempdir()).iterdir())
    with ReaderPool(ReadingLimits(cpu_seconds=1)) as pool:
        pool.read_many([ask(tmp_path, "slow.csv", SLOW, TEXTS), ask(tmp_path, "small.csv", CSV, TEXTS)])
    mine = [path for path in set(Path(tempfile.gettempdir()).iterdir()) - before if path.name.startswith("tmp")]
    assert mine == []
