from __future__ import annotations

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import pytest
import xlsxwriter

from loaders.contract import Report
from loaders.reading import ReaderPool, ReadRequest, dump_cells, recognise
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.table import Reading

Make = Callable[..., Report]

HEADER = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]
ROWS = [["V1", "河南岸街道", 2, 10.5, None], ["V2", "桥东街道", 1, None, "已回访"]]


def workbook(rows: list[list[Any]], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    return buffer.getvalue()


def far_cell() -> bytes:
    """A workbook of a few kB whose last cell lies in the last row and column that there can be."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "探访编号")
        sheet.write(1_048_575, 16_383, 1)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    """A workbook whose sheet would unpack to a gigabyte."""
    buffer = io.BytesIO(workbook([HEADER, *ROWS]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/worksheets/sheet9.xml", "w") as part:
        for _ in range(1024):
            part.write(bytes(1024**2))
    return buffer.getvalue()


def encrypted(content: bytes, password: str) -> bytes:
    buffer = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(content)).encrypt(password, buffer)
    return buffer.getvalue()


CSV = "\r\n".join([",".join(HEADER), "V1,河南岸街道,2,10.50,", ""]).encode()
HTML = b"<!DOCTYPE html><html><head><title>login</title></head><body><form>user <input></form></body></html>"

HARMFUL = {
    "far_cell.xlsx": (far_cell, {"header_not_found", "too_large"}),
    "bomb.xlsx": (zip_bomb, {"too_large"}),
    "locked.xlsx": (lambda: encrypted(workbook([HEADER, *ROWS]), "secret"), {"encrypted_document"}),
    "page.xlsx": (lambda: HTML, {"header_not_found", "unreadable_document", "not_a_workbook", "no_table"}),
    "empty.xlsx": (lambda: b"", {"empty_document"}),
}


@pytest.fixture
def sheet_report(report: Make) -> Report:
    return report(format={"kind": "workbook"})


def test_harmful_documents_are_refused_one_by_one_and_the_others_are_read(tmp_path: Path, report: Make, sheet_report: Report) -> None:
    requests = []
    for name, (content, _) in HARMFUL.items():
        (tmp_path / name).write_bytes(content())
        requests.append(ReadRequest(tmp_path / name, sheet_report))
    (tmp_path / "nul.csv").write_bytes(CSV + b"V2,\0\0,1,,\r\n")
    (tmp_path / "good.csv").write_bytes(CSV)
    (tmp_path / "good.xlsx").write_bytes(workbook([HEADER, *ROWS]))
    requests += [ReadRequest(tmp_path / "nul.csv", report()), ReadRequest(tmp_path / "good.csv", report())]
    requests.append(ReadRequest(tmp_path / "good.xlsx", sheet_report))
    with ReaderPool(ReadingLimits()) as pool:
        readings = pool.read_many(requests)
    refused = {request.path.name: reading.refusal for request, reading in zip(requests, readings, strict=True)}
    for name, (_, rules) in HARMFUL.items():
        refusal = refused[name]
        assert refusal is not None, name
        assert refusal.rule in rules, (name, refusal)
    assert refused["nul.csv"] is not None
    assert refused["nul.csv"].rule == "nul_bytes"
    assert refused["good.csv"] is None
    assert refused["good.xlsx"] is None
    assert readings[-1].rows["remark"].to_pylist() == [None, "已回访"]


def test_each_kind_of_contract_refuses_the_other_kind_of_document(tmp_path: Path, report: Make, sheet_report: Report) -> None:
    (tmp_path / "a.xlsx").write_bytes(CSV)
    (tmp_path / "a.csv").write_bytes(workbook([HEADER, *ROWS]))
    with ReaderPool(ReadingLimits()) as pool:
        first, second = pool.read_many(
            [ReadRequest(tmp_path / "a.xlsx", sheet_report), ReadRequest(tmp_path / "a.csv", report())]
        )
    assert first.refusal is not None
    assert (first.refusal.rule, first.refusal.found) == ("wrong_kind", "plain text")
    assert second.refusal is not None
    assert (second.refusal.rule, second.refusal.found) == ("wrong_kind", "Office Open XML workbook")


def test_a_workbook_opens_with_the_password_of_its_connection(tmp_path: Path, sheet_report: Report) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(encrypted(workbook([HEADER, *ROWS]), "secret"))
    with ReaderPool(ReadingLimits()) as pool:
        right, wrong = pool.read_many([ReadRequest(path, sheet_report, None, word) for word in ("secret", "other")])
    assert right.rows.num_rows == 2
    assert wrong.refusal is not None
    assert wrong.refusal.rule == "encrypted_document"


def test_memory_is_limited(tmp_path: Path, sheet_report: Report) -> None:
    path = tmp_path / "large.xlsx"
    path.write_bytes(workbook([HEADER, *([f"V{n}", f"街{n}", n, n, f"备注{n}"] for n in range(30_000))]))
    (tmp_path / "small.xlsx").write_bytes(workbook([HEADER, *ROWS]))
    requests = [ReadRequest(path, sheet_report), ReadRequest(tmp_path / "small.xlsx", sheet_report)]
    with ReaderPool(ReadingLimits(memory_mb=24)) as pool:
        large, small = pool.read_many(requests)
    assert large.refusal is not None
    assert large.refusal.rule == "limit_exceeded"
    assert "内存" in large.refusal.message_zh
    assert small.rows.num_rows == 2


def test_time_is_limited(tmp_path: Path, report: Make) -> None:
    (tmp_path / "slow.csv").write_bytes(CSV + 'V1,河南岸街道,2,1,"一\n二"\n'.encode() * 400_000)
    (tmp_path / "small.csv").write_bytes(CSV)
    requests = [ReadRequest(tmp_path / name, report()) for name in ("slow.csv", "small.csv")]
    with ReaderPool(ReadingLimits(cpu_seconds=1)) as pool:
        slow, small = pool.read_many(requests)
    assert slow.refusal is not None
    assert slow.refusal.rule == "limit_exceeded"
    assert "用时" in slow.refusal.message_zh
    assert small.rows.num_rows == 1


def test_a_killed_child_costs_one_document(tmp_path: Path, report: Make) -> None:
    (tmp_path / "slow.csv").write_bytes(CSV + 'V1,河南岸街道,2,1,"一\n二"\n'.encode() * 400_000)
    (tmp_path / "small.csv").write_bytes(CSV)
    with ReaderPool(ReadingLimits()) as pool:
        assert pool.read(ReadRequest(tmp_path / "small.csv", report())).refusal is None
        (victim,) = children_of(os.getpid())
        killer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
        killer.start()
        reading = pool.read(ReadRequest(tmp_path / "slow.csv", report()))
        killer.join()
        assert reading.refusal is not None
        assert reading.refusal.rule == "limit_exceeded"
        assert pool.read(ReadRequest(tmp_path / "small.csv", report())).rows.num_rows == 1
    assert children_of(os.getpid()) == []


def test_a_child_that_died_while_idle_costs_nothing(tmp_path: Path, report: Make) -> None:
    (tmp_path / "small.csv").write_bytes(CSV)
    with ReaderPool(ReadingLimits()) as pool:
        assert pool.read(ReadRequest(tmp_path / "small.csv", report())).refusal is None
        for child in children_of(os.getpid()):
            os.kill(child, signal.SIGKILL)
        assert pool.read(ReadRequest(tmp_path / "small.csv", report())).refusal is None


def test_a_file_that_is_gone_is_told_and_does_not_break_the_pool(tmp_path: Path, report: Make) -> None:
    (tmp_path / "small.csv").write_bytes(CSV)
    with ReaderPool(ReadingLimits()) as pool:
        gone, there = pool.read_many([ReadRequest(tmp_path / name, report()) for name in ("gone.csv", "small.csv")])
    assert gone.refusal is not None
    assert gone.refusal.rule == "reader_failed"
    assert there.rows.num_rows == 1


_HOLD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from loaders.reading import ReaderPool
from loaders.settings import ReadingLimits
pool = ReaderPool(ReadingLimits())
pool.start()
print("ready", flush=True)
time.sleep(60)
"""


def test_no_child_outlives_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD.format(root=str(PROJECT_ROOT))], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        (child,) = children_of(parent.pid)
        parent.kill()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def _read_in_daemon(path: Path, report: Report, results: Any) -> None:
    os.close(0)
    with ReaderPool(ReadingLimits()) as pool:
        results.put(pool.read(ReadRequest(path, report)).rows.num_rows)


def test_a_daemon_without_standard_input_can_read(tmp_path: Path, report: Make) -> None:
    (tmp_path / "small.csv").write_bytes(CSV)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=_read_in_daemon, args=(tmp_path / "small.csv", report(), results), daemon=True)
    process.start()
    assert results.get(timeout=20) == 1
    process.join(10)


def test_readings_of_many_documents_keep_their_order(tmp_path: Path, report: Make) -> None:
    requests = []
    for number in range(30):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(CSV + f"V{number},桥东街道,1,,\n".encode() * number)
        requests.append(ReadRequest(path, report()))
    with ReaderPool(ReadingLimits()) as pool:
        readings = pool.read_many(requests)
        assert pool.read_many([]) == []
    assert [reading.rows.num_rows for reading in readings] == [number + 1 for number in range(30)]


def test_recognition_and_cells_go_through_the_sandbox(tmp_path: Path, report: Make, sheet_report: Report) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook([["探访表"], [], HEADER, *ROWS]))
    (tmp_path / "b.csv").write_bytes(CSV)
    (tmp_path / "broken.xlsx").write_bytes(workbook([HEADER])[:500])
    other = report([{"name": "a", "header": "甲"}, {"name": "b", "header": "乙"}], replaces="nothing", report="other")
    csv_report = report(report="visit_csv")
    reports = [sheet_report, csv_report, other]
    assert recognise(tmp_path / "a.xlsx", reports) == [sheet_report]
    assert recognise(tmp_path / "b.csv", reports) == [csv_report]
    cells = dump_cells(tmp_path / "a.xlsx")
    assert cells["sheets"][0]["cells"][0] == {"cell": "A1", "value": "探访表", "type": "text", "flags": []}
    assert (cells["sheets"][0]["rows"], cells["sheets"][0]["columns"]) == (5, 5)
    assert dump_cells(tmp_path / "broken.xlsx")["refused"]["reason"] in {"unreadable_document", "not_a_workbook"}


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]
