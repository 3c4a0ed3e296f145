"""Where a table ends: no row of data is furniture, and no line below the table is a row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

COLUMNS: list[dict[str, Any]] = [
    {"name": "day_date", "header": "日期", "type": "date"},
    {"name": "donor_name", "header": "捐赠单位"},
    {"name": "total_persons", "header": "人次", "type": "integer", "unit": "人次"},
    {"name": "amount_yuan", "header": "金额（元）", "type": "decimal", "unit": "元"},
    {"name": "remark", "header": "备注"},
]
HEADER: list[Value] = ["日期", "捐赠单位", "人次", "金额（元）", "备注"]
FULL: list[list[Value]] = [
    ["2023-06-01", "甲公司", 1, 10, "已到账"],
    ["2023-06-02", "乙商行", 2, 20, None],
    ["2023-06-03", "张三", 3, 30, "已到账"],
]
REQUIRED = {"none": (), "one": ("donor_name",), "some": ("day_date", "amount_yuan")}


def contract(required: str, form: str = "workbook", **format_fields: Any) -> Report:
    columns = [{**column, "required": column["name"] in REQUIRED[required]} for column in COLUMNS]
    return make_report(columns, format={"kind": form, **format_fields}, replaces="nothing")


def read(rows: list[list[Value]], required: str = "none", **format_fields: Any) -> Reading:
    sheet = make_sheet([HEADER, *rows])
    reading = read_workbook(make_book(sheet), contract(required, **format_fields), None)
    assert reading.rows_total == sheet.last_row == reading.rows.num_rows + sum(reading.furniture.values())
    return reading


def read_csv(tmp_path: Path, rows: list[list[Value]], required: str = "none", *, ragged: bool = False) -> Reading:
    text = io.StringIO(newline="")
    width = 0 if ragged else len(HEADER)
    lines = [["" if value is None else value for value in row] for row in [HEADER, *rows]]
    csv.writer(text, lineterminator="\n").writerows([line + [""] * (width - len(line)) for line in lines])
    path = tmp_path / "table.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    reading = read_document(ReadRequest(path, contract(required, "delimited")))
    assert reading.refusal is None, reading.refusal
    assert reading.rows_total == len(lines) == reading.rows.num_rows + sum(reading.furniture.values())
    return reading


def numbers(reading: Reading) -> list[int]:
    found: list[int] = reading.rows["_row"].to_pylist()
    return found


CLOSING: list[list[Value]] = [
    ["注：以上为大额捐赠明细。"],
    ["说明：1. 数据截至月末"],
    ["备注：", "本表由社工站填报"],
    ["惠城区红十字会"],
    [None, None, None, "惠城区民政局"],
    ["惠城区民政局（盖章）", None, None, "2023年7月3日"],
    ["2023年7月3日"],
    [None, None, None, "二〇二三年七月三日"],
    ["年  月  日"],
    ["共计6人次，总金额60元"],
    ["共计6人次", "总金额60"],
    ["以上合计 3 笔 60 元"],
    ["总人次：6人次"],
    ["第1页 共3页"],
    ["第 1 页", "共 3 页"],
    ["打印时间：2023-07-03 10:20"],
    ["以上数据真实有效，特此说明"],
    ["本单位承诺以上内容属实"],
    ["以下空白"],
    ["领导签字："],
    ["领导签字", None, "经办人签字"],
    ["单位负责人：", None, "审核人：", "填表人：李四"],
    ["制表人", "李四", "审核人", "王五"],
    ["捐赠热线：0752-2800000"],
    ["（公章）"],
    ["其它捐赠明细请下载附件查询，如有疑问请与我会联系。"],
]


@pytest.mark.parametrize("required", REQUIRED)
@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("line", CLOSING, ids=lambda line: str(next(text for text in line if text)))
def test_a_line_below_the_table_is_no_row(line: list[Value], gap: int, required: str) -> None:
    reading = read([*FULL, *[[]] * gap, line], required)
    assert numbers(reading) == [2, 3, 4]
    assert reading.issues == ()


@pytest.mark.parametrize("required", REQUIRED)
@pytest.mark.parametrize(
    "block",
    [
        [["惠城区红十字会"], ["2023年7月3日"]],
        [["注：一、本表按月报送；"], ["2、数据截至月末，如有变动以下期为准"], ["惠城区民政局"], ["2023-07-03"]],
        [["合计", None, 6, 60], ["甲公司"], ["2023-06-04"]],
        [["惠州市民政局"], ["惠州市财政局"], ["2023年7月3日"]],
        [["惠城区红十字会", None, None, "2023年7月3日"], ["第1页 共1页"]],
    ],
)
def test_lines_of_several_kinds_close_a_document(block: list[list[Value]], required: str) -> None:
    assert numbers(read([*FULL, *block], required)) == [2, 3, 4]
    assert numbers(read([*FULL, [], *block], required)) == [2, 3, 4]


LONE: list[list[Value]] = [
    ["2023-06-05"],
    ["2023年6月5日"],
    [None, "丙公司"],
    [None, "惠城区红十字会"],
    [None, None, 4],
    [None, None, None, 40],
    [None, None, None, None, "已到账（2笔）"],
    [None, None, None, None, "款已到账，发票下月开具，请财务核对后入库登记。"],
    [None, "惠城区红十字会", None, None, "2023年6月5日"],
]


@pytest.mark.parametrize("required", REQUIRED)
@pytest.mark.parametrize("row", LONE, ids=lambda row: str(next(text for text in row if text)))
def test_a_row_with_any_value_in_the_middle_is_a_row(row: list[Value], required: str, tmp_path: Path) -> None:
    rows = [FULL[0], row, *FULL[1:]]
    for reading in (read(rows, required), read_csv(tmp_path, rows, required)):
        assert numbers(reading) == [2, 3, 4, 5]
        assert reading.issues == ()


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        ([None, "丙公司"], True),
        (["2023-06-04"], True),
        ([None, "李四"], False),
        ([None, None, 4], False),
        ([None, None, None, 40], False),
        ([None, None, None, None, "已退款"], False),
        (["2023-06-04", "丙公司"], True),
        (["2023-06-04", None, None, 40], False),
    ],
)
def test_a_last_row_that_looks_like_those_above_is_a_row(row: list[Value], reported: bool, tmp_path: Path) -> None:
    for reading in (read([*FULL, row]), read_csv(tmp_path, [*FULL, row])):
        assert numbers(reading) == [2, 3, 4, 5]
        assert [(issue.rule, issue.row) for issue in reading.issues] == ([("row_or_closing_line", 5)] if reported else [])


def test_a_last_row_that_lacks_what_is_required_is_held_back_without_a_second_word() -> None:
    reading = read([*FULL, ["2023-06-04"]], "some")
    assert (numbers(reading), reading.issues) == ([2, 3, 4, 5], ())


def test_an_office_like_those_above_that_stands_apart_is_reported() -> None:
    reading = read([*FULL, [], [None, "丙公司"]])
    assert numbers(reading) == [2, 3, 4]
    assert [(issue.rule, issue.row, issue.found) for issue in reading.issues] == [("row_or_closing_line", 6, "丙公司")]


def test_a_list_of_offices_with_nothing_beside_them_is_a_list(tmp_path: Path) -> None:
    offices: list[list[Value]] = [[None, f"{town}民政局"] for town in ("惠城区", "惠阳区", "博罗县", "惠东县")]
    for reading in (read(offices), read_csv(tmp_path, offices)):
        assert (numbers(reading), reading.issues) == ([2, 3, 4, 5], ())


def test_the_rest_of_a_split_name_is_no_office_that_signs() -> None:
    columns = [{**column, "may_be_split": column["name"] == "donor_name"} for column in COLUMNS]
    report = make_report(columns, format={"kind": "workbook"}, replaces="nothing")
    sheet = make_sheet([HEADER, *FULL, ["2023-06-04", "武汉市", 1], [None, "第七医院"], [], ["惠城区红十字会"]])
    reading = read_workbook(make_book(sheet), report, None)
    assert reading.rows["donor_name"].to_pylist()[-1] == "武汉市第七医院"
    assert reading.furniture == {"header": 1, "continuation": 1, "blank": 1, "signature": 1}


def test_an_empty_table_that_is_signed_has_no_rows() -> None:
    assert numbers(read([["惠城区民政局"], ["2023年7月3日"]])) == []


def test_the_name_of_an_office_heads_a_group_where_there_are_groups() -> None:
    reading = read([["惠城区民政局"], *FULL, ["惠阳区民政局"], FULL[0]], "some", group_rows=True)
    assert reading.furniture == {"header": 1, "group_row": 2}
    lone = read([FULL[0], ["2023-06-05"], [None, None, None, None, "已退款"], FULL[1]], "some", group_rows=True)
    assert numbers(lone) == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "row",
    [["2023-06-04", "张三", 5, 50, "两笔合计"], ["2023-06-04", "合计利生", 5, 50], ["2023-06-04", "共建总计划", 5, 50, "小计"]],
)
def test_a_word_of_totals_behind_a_number_makes_no_total(row: list[Value]) -> None:
    assert numbers(read([*FULL, row, FULL[0]], "some")) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("required", REQUIRED)
def test_a_lone_value_above_a_repeated_header_is_a_row(required: str) -> None:
    reading = read([*FULL, [None, None, 4], ["续表"], HEADER, FULL[0]], required)
    assert numbers(reading) == [2, 3, 4, 5, 8]
    assert numbers(read([*FULL, [], ["2023年6月5日"], HEADER, FULL[0]], required)) == [2, 3, 4, 8]


def test_signatures_above_a_repeated_header_of_a_csv_are_no_rows(tmp_path: Path) -> None:
    rows = [*FULL, ["惠城区红十字会"], ["2023年7月3日"], HEADER, *FULL]
    assert numbers(read_csv(tmp_path, rows)) == [2, 3, 4, 8, 9, 10]


@pytest.mark.parametrize("required", REQUIRED)
@pytest.mark.parametrize("line", [line for line in CLOSING if line[0]], ids=lambda line: str(line[0]))
def test_a_line_below_the_table_of_a_csv_is_no_row(line: list[Value], required: str, tmp_path: Path) -> None:
    for ragged in (False, True):
        reading = read_csv(tmp_path, [*FULL, line], required, ragged=ragged)
        assert numbers(reading) == [2, 3, 4]
        assert reading.issues == ()


def test_closing_lines_of_a_large_csv_wait_for_the_next_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.reading.text.record_batches._BLOCK_BYTES", 256)
    rows: list[list[Value]] = []
    for number in range(60):
        rows += [*FULL, *([["2023-06-05"]] if number % 7 == 0 else []), *([[None, "惠城区红十字会"]] if number % 11 == 0 else [])]
    reading = read_csv(tmp_path, [*rows, [], ["惠城区红十字会"], ["2023年7月3日"]])
    assert numbers(reading) == list(range(2, len(rows) + 2))
    assert reading.furniture == {"header": 1, "blank": 1, "signature": 2}


# Random tables with random furniture: the generator knows which rows are data.

VALUES = [
    st.integers(1, 28).map(lambda day: f"2023-06-{day:02d}"),
    st.sampled_from(["甲公司", "乙商行", "张三", "惠阳区慈善基金", "桥东街道"]),
    st.integers(0, 99),
    st.integers(1, 9_999),
    st.sampled_from(["已到账", "无", "转账", "小额", "一、现金"]),
]
FULL_ROW = st.tuples(*VALUES).map(list)
SOME_ROW = st.tuples(*(st.none() | values for values in VALUES)).map(list).filter(lambda row: any(v is not None for v in row))
INNER = st.sampled_from([[], ["小计", None, 5, None], ["第1页 共3页"], ["注：续下页"]])
ITEM = st.one_of(
    FULL_ROW.map(lambda row: (row, True)), SOME_ROW.map(lambda row: (row, True)), INNER.map(lambda row: (list(row), False))
)
TABLE = st.tuples(st.lists(ITEM, max_size=10), FULL_ROW, st.lists(st.sampled_from([[], *CLOSING]), max_size=4))


def laid_out(table: Any) -> tuple[list[list[Value]], list[int]]:
    """The rows below the header, and the numbers of those that are data."""
    items, last, closing = table
    marked = [*items, (last, True), *((line, False) for line in closing)]
    return [list(row) for row, _ in marked], [number for number, (_, is_data) in enumerate(marked, start=2) if is_data]


@settings(max_examples=40, deadline=None)
@given(TABLE, st.sampled_from(sorted(REQUIRED)))
def test_each_row_of_a_random_sheet_is_what_it_was_made_as(table: Any, required: str) -> None:
    rows, data = laid_out(table)
    while rows and not any(rows[-1]):
        rows.pop()
    assert numbers(read(rows, required)) == data


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLE, st.sampled_from(sorted(REQUIRED)))
def test_each_record_of_a_random_csv_is_what_it_was_made_as(tmp_path: Path, table: Any, required: str) -> None:
    rows, data = laid_out(table)
    assert numbers(read_csv(tmp_path, rows, required)) == data
