"""Struck-out, raised and lowered text in every format: what a table takes of it and what it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loaders.model import Reading, Severity
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import VISITS, make_report
from tests.support.documents.styled_text import LOWERED, RAISED, STRUCK, WRITERS, Number, Rows, Value, runs, whole

HEADER: list[Value] = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]
PLAIN_ROW: list[Value] = ["V1", "河南岸街道", Number(2), Number(10.5), "已回访"]
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def read(path: Path, **fields: Any) -> Reading:
    book = open_workbook(path)
    reported = [cell.flags for sheet in book.sheets for _, _, cell in sheet.cells() if "readers_disagree" in cell.flags]
    assert reported == []
    return read_workbook(book, make_report(format={"kind": "workbook"}, **fields), None)


def rows_of(reading: Reading) -> list[list[str | None]]:
    return [list(row.values())[2:] for row in reading.rows.to_pylist()]


def issues_of(reading: Reading) -> set[tuple[str, Severity, str | None]]:
    return {(issue.rule, issue.severity, issue.cell) for issue in reading.issues}


CELLS: list[tuple[str, int, Value, str | None, set[tuple[str, Severity, str | None]]]] = [
    ("a footnote number on a count", 2, runs("4", ("1", RAISED)), "4¹", set()),
    ("two of them", 2, runs("4", ("1)", RAISED)), "4¹⁾", set()),
    ("one cut into runs", 2, runs("1", "4", ("1", RAISED), ("2", RAISED)), "14¹²", set()),
    ("a letter", 2, runs("4", ("a", RAISED)), "4ᵃ", set()),
    ("on a name", 1, runs("惠城区", ("1", RAISED)), "惠城区¹", set()),
    ("words on a name", 1, runs("惠城区", ("一", RAISED)), "惠城区一", {("raised_text", WARNING, "B2")}),
    ("in free text", 4, runs("占地120m", ("2", RAISED)), "占地120m²", set()),
    ("lowered in free text", 4, runs("CO", ("2", LOWERED), "排放"), "CO₂排放", set()),
    ("an old number beside the new", 2, runs(("1", STRUCK), "2"), "2", {("struck_part", WARNING, "C2")}),
    ("the new before the old", 2, runs("2", (" 1", STRUCK)), "2", {("struck_part", WARNING, "C2")}),
    ("an old name", 1, runs(("惠阳区", STRUCK), "惠城区"), "惠城区", {("struck_part", WARNING, "B2")}),
    ("a part of free text", 4, runs("已回访", ("，未归档", STRUCK)), "已回访", {("struck_part", WARNING, "E2")}),
    ("both marks", 2, runs(("3", STRUCK), "4", ("1", RAISED)), "4¹", {("struck_part", WARNING, "C2")}),
    ("a struck count", 2, Number(2, STRUCK), "2", {("struck_value", ERROR, "C2")}),
    ("a struck count as text", 2, whole("2", STRUCK), "2", {("struck_value", ERROR, "C2")}),
    ("a struck amount that may be blank", 3, Number(7, STRUCK), "7", {("struck_value", ERROR, "D2")}),
    ("a struck key", 0, whole("V1", STRUCK), "V1", {("struck_value", ERROR, "A2")}),
    ("struck free text", 4, whole("已回访", STRUCK), None, {("struck_text", WARNING, "E2")}),
    ("all runs struck", 4, runs(("已", STRUCK), ("回访", STRUCK)), None, {("struck_text", WARNING, "E2")}),
    ("a count that is all raised", 2, runs(("1", RAISED), ("2", RAISED)), "12", {("raised_value", ERROR, "C2")}),
    ("free text that is all lowered", 4, whole("小字", LOWERED), "小字", set()),
    ("a struck blank", 4, runs("已回访", (" ", STRUCK), "。"), "已回访 。", set()),
    ("runs without any mark", 2, runs("1", "2"), "12", set()),
    ("a name in two fonts", 1, runs("惠城", "区"), "惠城区", set()),
]


@pytest.mark.parametrize("kind", WRITERS)
def test_what_a_table_takes_of_marked_cells(tmp_path: Path, kind: str) -> None:
    for what, column, value, taken, reported in CELLS:
        cells = list(PLAIN_ROW)
        cells[column] = value
        reading = read(WRITERS[kind](tmp_path / "book", [HEADER, cells]))
        assert rows_of(reading)[0][column] == taken, what
        assert issues_of(reading) == reported, what


STRUCK_ROW: list[Value] = [
    whole("V2", STRUCK),
    whole("桥东街道", STRUCK),
    Number(3, STRUCK),
    Number(1, STRUCK),
    whole("作废", STRUCK),
]


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_that_are_struck_as_a_whole_are_read_and_reported_once_a_range(tmp_path: Path, kind: str) -> None:
    third = [whole("V3", STRUCK), *STRUCK_ROW[1:4], ""]
    plain = ["V4", *PLAIN_ROW[1:]]
    last = [whole("V5", STRUCK), *STRUCK_ROW[1:]]
    reading = read(WRITERS[kind](tmp_path / "book", [HEADER, PLAIN_ROW, STRUCK_ROW, third, plain, last]))

    assert [row[2] for row in rows_of(reading)] == ["2", "3", "3", "2", "3"]
    assert [(issue.rule, issue.severity, issue.row) for issue in reading.issues] == [
        ("struck_row", WARNING, 3),
        ("struck_row", WARNING, 6),
    ]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_sheet_that_is_set_small_and_high_as_a_whole_is_read_as_it_stands(tmp_path: Path, kind: str) -> None:
    raised: list[Value] = [
        whole("V1", RAISED),
        whole("惠城区", RAISED),
        Number(2, RAISED),
        Number(1, RAISED),
        whole("无", RAISED),
    ]
    reading = read(WRITERS[kind](tmp_path / "book", [HEADER, raised]))

    assert (rows_of(reading)[0][:3], issues_of(reading)) == (["V1", "惠城区", "2"], set())


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("count", "total", "is_reported"),
    [
        (runs("4", ("1", RAISED)), Number(6), False),
        (runs("4", ("1", RAISED)), runs("6", ("2", RAISED)), False),
        (runs(("1", STRUCK), "4"), runs(("5", STRUCK), "6"), False),
        (runs("4", ("1", RAISED)), Number(43), True),
        (Number(4, STRUCK), Number(2), False),
        (Number(4), Number(2, STRUCK), False),
    ],
)
def test_totals_count_what_is_read(tmp_path: Path, kind: str, count: Value, total: Value, is_reported: bool) -> None:
    rows: Rows = [HEADER, PLAIN_ROW, ["V2", "桥东街道", count, "", "好"], ["合计", "", total, "", ""]]
    reading = read(WRITERS[kind](tmp_path / "book", rows))
    assert ("control_total" in {issue.rule for issue in reading.issues}) == is_reported


def test_a_row_that_is_struck_but_for_a_column_of_another_report_is_struck(tmp_path: Path) -> None:
    rows: Rows = [["序号", *HEADER], ["1", *STRUCK_ROW]]
    reading = read(WRITERS["xlsx"](tmp_path / "book", rows), ignored_headers=["序号"])
    assert {issue.rule for issue in reading.issues} == {"struck_row"}


def test_a_header_with_a_footnote_number_or_a_struck_word_is_the_header(tmp_path: Path) -> None:
    header: list[Value] = ["探访编号", runs("镇（街道）", ("1", RAISED)), runs(("走访", STRUCK), "探访人次"), *HEADER[3:]]
    for kind, write in WRITERS.items():
        assert rows_of(read(write(tmp_path / "book", [header, PLAIN_ROW])))[0][2] == "2", kind


def test_messages_show_both_readings_and_no_personal_value(tmp_path: Path) -> None:
    columns = [*VISITS[:4], {"name": "client_name", "header": "备注", "pii": "personal"}]
    rows: Rows = [HEADER, ["V1", "惠城区", runs(("1", STRUCK), "2"), Number(1), runs(("张三", STRUCK), "李四")]]
    amount, name = read(WRITERS["xlsx"](tmp_path / "book", rows), columns=columns).issues

    assert (amount.found, "“12”" in amount.message_zh, "“2”" in amount.message_zh) == ("12", True, True)
    assert name.found == "***"
    assert not any(word in f"{name.message_zh}{name.message_en}" for word in ("张三", "李四"))


def test_the_joined_parts_of_a_name_keep_their_marks(tmp_path: Path) -> None:
    columns = [VISITS[0], {**VISITS[1], "may_be_split": True}, *VISITS[2:]]
    rest: list[Value] = ["", runs(("第六", STRUCK), "第七医院"), "", "", ""]
    rows: Rows = [HEADER, ["V1", "惠州市", *PLAIN_ROW[2:]], rest, ["V2", *PLAIN_ROW[1:]]]
    reading = read(WRITERS["xlsx"](tmp_path / "book", rows), columns=columns)

    assert rows_of(reading)[0][1] == "惠州市第七医院"
    assert issues_of(reading) == {("struck_part", WARNING, "B2")}
