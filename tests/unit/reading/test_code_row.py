"""The row of codes below a header, and rows of data that hold short codes."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.contract import Column
from loaders.reading.tables.headers.code_row import is_code_row
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import VISITS, make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

VISIT_COLUMNS = {number: Column.model_validate(column) for number, column in enumerate(VISITS, start=1)}
TEXTS = {number: Column(name=f"c{number}", header=f"列{number}") for number in range(1, 7)}
GRADE = {"type": "choice", "choices": ["A", "B", "C"]}
GRADES = {number: Column.model_validate({"name": f"c{number}", "header": f"列{number}", **GRADE}) for number in (1, 2, 3)}


def is_codes(row: list[Value], columns: dict[int, Column], following: list[Value] | None = None) -> bool:
    sheet = make_sheet([row, following or ["V001", "桥东街道", 1]])
    return is_code_row(sheet.rows[1], columns, sheet.rows[2])


@pytest.mark.parametrize("columns", [VISIT_COLUMNS, TEXTS])
@pytest.mark.parametrize(
    "row",
    [
        ["A", "B", "C", "D", "E"],
        ["a", "b", "c", "d", "e"],
        ["甲", "乙", 1, 2, 3],
        ["甲", "乙", None, 1, 2],
        [1, 2, 3, 4, 5],
        [0, 1, 2, 3, 4],
        ["（1）", "（2）", "（3）", "（4）", "（5）"],
        ["A", "B", None, "D"],
        ["A", "B", None, "C"],
        [None, "A", "B", "D1", "D2", "G91"],
        [1, 2, "3=1+2", "—"],
        ["A", "B", "C=A+B", "/"],
        ["栏次", "甲", "乙", 1, 2],
        ["Ａ", "Ｂ", "Ｃ", None, "Ｅ"],
    ],
)
def test_codes_with_and_without_gaps(row: list[Value], columns: dict[int, Column]) -> None:
    assert is_codes(row, columns)


@pytest.mark.parametrize(
    ("row", "following", "columns"),
    [
        (["V1", "A", 2], None, TEXTS),
        (["甲", 1, 2], ["乙", 3, 4], TEXTS),
        ([1, 2, 3], [2, 5, 6], TEXTS),
        (["A", "B", "C"], ["B", "A", "C"], TEXTS),
        (["A1", "B2", "C3"], None, TEXTS),
        (["B", "A", "C"], None, TEXTS),
        ([1, "A", "B", "C"], None, TEXTS),
        (["A", "C", "E"], None, TEXTS),
        ([3, 4, 5], None, TEXTS),
        ([1, 2], None, TEXTS),
        (["A", "B"], None, TEXTS),
        (["A", "B", "C"], None, GRADES),
        (["A", "A", "A"], None, TEXTS),
        (["—", "—", "—"], None, TEXTS),
        (["桥东街道", "A", "B"], None, TEXTS),
    ],
)
def test_a_row_of_data_with_short_codes_is_data(
    row: list[Value], following: list[Value] | None, columns: dict[int, Column]
) -> None:
    assert not is_codes(row, columns, following)


def test_two_columns_are_codes_only_where_no_value_can_be() -> None:
    columns: dict[str, Any] = {"name": "amount_yuan", "header": "金额", "type": "decimal"}
    pair = {1: Column(name="town", header="镇"), 2: Column.model_validate(columns)}
    assert is_codes(["A", "B"], pair)
    assert not is_codes([1, 2], pair)


def test_codes_are_looked_for_directly_below_the_header_alone() -> None:
    columns = [{"name": name, "header": header} for name, header in (("a", "甲列"), ("b", "乙列"), ("c", "丙列"))]
    report = make_report(columns, format={"kind": "workbook"}, replaces="nothing")
    header: list[Value] = ["甲列", "乙列", "丙列"]
    reading = read_workbook(
        make_book(make_sheet([header, ["A", "B", "C"], ["某甲", "某乙", "某丙"], ["A", "B", "C"]])), report, None
    )
    assert (reading.rows["_row"].to_pylist(), reading.furniture) == ([3, 4], {"header": 1, "letter_codes": 1})
