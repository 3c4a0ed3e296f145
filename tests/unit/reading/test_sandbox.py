from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.reading import ReaderPool, ReadRequest, RecognitionResult, RecognizeRequest, dump_cells, pack_reports
from loaders.settings import ReadingLimits
from tests.support.documents.contracts import make_report
from tests.support.documents.workbooks import CSV, HEADER, ROWS, encrypted, workbook
from tests.support.processes import children_of

SHEETS = make_report(format={"kind": "workbook"})
TEXTS = make_report(name="visit_csv")


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(ReadingLimits()) as pool:
        yield pool
    assert children_of(os.getpid()) == []


def ask(folder: Path, name: str, content: bytes, report: Report) -> ReadRequest:
    path = folder / name
    path.write_bytes(content)
    return ReadRequest(path, report)


def test_each_kind_of_contract_refuses_the_other_kind_of_document(pool: ReaderPool, tmp_path: Path) -> None:
    first, second = pool.read_many(
        [ask(tmp_path, "a.xlsx", CSV, SHEETS), ask(tmp_path, "a.csv", workbook([HEADER, *ROWS]), TEXTS)]
    )
    assert first.refusal is not None
    assert (first.refusal.rule, first.refusal.found) == ("wrong_kind", "plain text")
    assert second.refusal is not None
    assert (second.refusal.rule, second.refusal.found) == ("wrong_kind", "Office Open XML workbook")


def test_a_workbook_opens_with_the_password_of_its_connection(pool: ReaderPool, tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(encrypted(workbook([HEADER, *ROWS]), "secret"))
    right, wrong, none = pool.read_many([ReadRequest(path, SHEETS, None, word) for word in ("secret", "other", None)])
    assert right.rows.num_rows == 2
    for refused in (wrong, none):
        assert refused.refusal is not None
        assert refused.refusal.rule == "encrypted_document"


def test_a_child_that_died_while_idle_costs_nothing(pool: ReaderPool, tmp_path: Path) -> None:
    request = ask(tmp_path, "small.csv", CSV, TEXTS)
    assert pool.read(request).refusal is None
    for child in children_of(os.getpid()):
        os.kill(child, signal.SIGKILL)
    assert pool.read(request).rows.num_rows == 1


def test_a_file_that_is_gone_is_no_fault_of_the_document(pool: ReaderPool, tmp_path: Path) -> None:
    there = ask(tmp_path, "small.csv", CSV, TEXTS)
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        pool.read_many([there, ReadRequest(tmp_path / "gone.csv", TEXTS)])
    assert pool.read(there).rows.num_rows == 1


def test_a_path_may_be_relative(pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = ask(tmp_path, "small.csv", CSV, TEXTS)
    monkeypatch.chdir(tmp_path)
    assert pool.read(ReadRequest(Path(there.path.name), TEXTS)).rows.num_rows == 1


def test_readings_of_many_documents_keep_their_order(pool: ReaderPool, tmp_path: Path) -> None:
    requests = [
        ask(tmp_path, f"{number}.csv", CSV + f"V{number},桥东街道,1,,\n".encode() * number, TEXTS) for number in range(30)
    ]
    assert [reading.rows.num_rows for reading in pool.read_many(requests)] == [number + 1 for number in range(30)]
    assert pool.read_many([]) == []


def test_documents_are_recognized_by_their_headers(pool: ReaderPool, tmp_path: Path) -> None:
    other = make_report([{"name": "a", "header": "甲"}, {"name": "b", "header": "乙"}], replaces="nothing", name="other")
    reports = (SHEETS, TEXTS, other)
    sheet = ask(tmp_path, "a.xls", workbook([["探访表"], [], HEADER, *ROWS]), SHEETS).path
    text = ask(tmp_path, "a.csv", CSV, TEXTS).path
    lame = ask(tmp_path, "b.csv", b"x,y\n" + CSV.replace("探访人次".encode(), b"n"), TEXTS).path
    strange = ask(tmp_path, "c.csv", "姓名,性别\n".encode(), TEXTS).path
    requests = [RecognizeRequest(path, pack_reports(reports)) for path in (sheet, text, lame, strange)]
    assert pool.recognize(requests) == [
        RecognitionResult((SHEETS.report,), (SHEETS.report,)),
        RecognitionResult((TEXTS.report,), (TEXTS.report,)),
        RecognitionResult((TEXTS.report,), (TEXTS.report,)),
        RecognitionResult((), ()),
    ]


def test_cells_are_dumped_or_refused(tmp_path: Path) -> None:
    path = ask(tmp_path, "a.xlsx", workbook([["探访表"], [], HEADER, *ROWS]), SHEETS).path
    (sheet,) = dump_cells(path)["sheets"]
    assert sheet["cells"][0] == {"cell": "A1", "value": "探访表", "type": "text", "flags": []}
    assert sheet["cells"][8] == {"cell": "C4", "value": "2", "type": "number", "flags": []}
    assert (sheet["name"], sheet["hidden"], sheet["rows"], sheet["columns"], sheet["merged"]) == ("表1", False, 5, 5, [])
    path.write_bytes(path.read_bytes()[:3000])
    assert set(dump_cells(path)["refused"]) == {"reason", "detail"}
