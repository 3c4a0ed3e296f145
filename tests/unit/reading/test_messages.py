"""What a clerk is told: where, what was found, what was expected and what to do, and never somebody's number."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.model import Issue, Reading
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from tests.support.documents.contracts import make_report
from tests.support.documents.workbooks import HEADER, ROWS, workbook

RESIDENT = "44130219900101002X"
SHEETS = make_report(format={"kind": "workbook"})
TEXTS = make_report(format={"kind": "delimited", "encoding": "gb18030"})


def read_rows(folder: Path, *rows: list[object]) -> Reading:
    path = folder / "a.xlsx"
    path.write_bytes(workbook([list(row) for row in rows]))
    return read_document(ReadRequest(path, SHEETS))


def only(reading: Reading) -> Issue:
    (issue,) = reading.issues if reading.refusal is None else (reading.refusal,)
    return issue


def test_a_renamed_column_is_named_with_its_letter_beside_what_is_missing(tmp_path: Path) -> None:
    renamed = ["去了几次" if header == "探访人次" else header for header in HEADER]
    told = only(read_rows(tmp_path, renamed, *ROWS)).message_zh
    letter = "ABCDE"[renamed.index("去了几次")]
    assert told == (
        f"工作表“表1”第 1 行表头：缺少列：探访人次；多出不认识的列：“去了几次”（{letter} 列），"
        "是否改了名称？请把列名改回“探访人次”，或补上所缺的列"
    )


def test_a_wrong_encoding_says_how_to_save_in_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("探访编号,镇（街道）,探访人次,支出（元）,备注\nV1,龙华镇,1,,\n".encode())
    told = only(read_document(ReadRequest(path, TEXTS)))
    assert (told.rule, told.found, told.expected) == ("wrong_encoding", "UTF-8", "gb18030")
    assert "“另存为”时编码选“ANSI”" in told.message_zh


@pytest.mark.parametrize("number", [441302199001010023, 6222021234567890123])
def test_a_number_that_lost_its_end_does_not_show_its_head(tmp_path: Path, number: int) -> None:
    told = only(read_rows(tmp_path, HEADER, [number, *ROWS[0][1:]], ROWS[1]))
    assert told.rule == "damaged_number"
    assert str(number)[2:6] not in f"{told.message_zh}{told.message_en}{told.found}"
    assert f"{number:.1E}"[:3] in told.message_zh


def test_a_number_in_the_words_around_a_table_is_masked(tmp_path: Path) -> None:
    told = only(read_rows(tmp_path, [*HEADER, f"经办人{RESIDENT}"], *ROWS))
    assert told.rule == "unknown_column"
    assert RESIDENT not in f"{told.message_zh}{told.message_en}{told.found}"
    assert "441302********002X" in told.message_zh


def test_two_periods_above_a_table_are_reported(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, ["探访表（2023年5月）"], ["统计月份：二〇二三年六月", "填报日期：2023年7月3日"], HEADER, *ROWS)
    assert [(issue.rule, issue.found) for issue in reading.issues] == [("periods_disagree", "2023-05, 2023-06")]
    reading = read_rows(tmp_path, ["2023年度探访表（2023年5月）"], ["统计月份：2023年5月"], HEADER, *ROWS)
    assert reading.issues == ()
