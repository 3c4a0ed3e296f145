"""A table written through random titles, headers, merges, units, furniture and encodings is read back as it was."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contract import Report
from loaders.model import Reading
from loaders.period import Period
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.sheets import Sheet
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

COLUMNS = [
    {"name": "code", "header": "编号", "required": True, "key": True},
    {"name": "town", "header": "镇（街道）", "required": True},
    {"name": "persons", "header": "人次", "type": "integer", "unit": "人次", "required": True},
    {"name": "spent_yuan", "header": "支出（元）", "type": "decimal", "unit": "元"},
    {"name": "remark", "header": "备注"},
]
NAMES = [str(column["name"]) for column in COLUMNS]
TOWNS = ("桥东街道", "河南岸街道", "水口镇", "龙溪镇")
REMARKS = (None, "已回访", "二、待跟进", "注意", "小计算器", "a,b", '自述"不好"', "一\n二", "2023年5月", "单位：个")
UNITS = {"元": 1, "万元": 10_000, "亿元": 100_000_000, "百元": 100}
MARKS = ("", "*", "①", " ", "\n")
BELOW: tuple[list[Value], ...] = (
    [],
    ["注：本表按月报送。"],
    ["单位负责人：", None, "审核人：张三", "填表人：李四"],
    ["2023年7月3日"],
)

Row = tuple[str, str, int, Decimal | None, str | None]
ROW = st.tuples(
    st.integers(0, 99_999).map(lambda number: f"V{number:05d}"),
    st.sampled_from(TOWNS),
    st.integers(0, 9_999),
    st.none() | st.decimals(min_value=0, max_value=99_999, places=2),
    st.sampled_from(REMARKS),
)
ROWS = st.lists(ROW, max_size=8)


@dataclass(frozen=True)
class Style:
    """How an office lays a table out."""

    order: list[int]
    top: int
    title: bool
    left: int
    deep: bool
    mark: str
    unit: str
    unit_in_header: bool
    codes: bool
    merged: bool
    total: bool
    below: list[list[Value]]
    gap: int


STYLES = st.builds(
    Style,
    order=st.permutations(range(5)),
    top=st.integers(0, 3),
    title=st.booleans(),
    left=st.integers(0, 2),
    deep=st.booleans(),
    mark=st.sampled_from(MARKS),
    unit=st.sampled_from(sorted(UNITS)),
    unit_in_header=st.booleans(),
    codes=st.booleans(),
    merged=st.booleans(),
    total=st.booleans(),
    below=st.lists(st.sampled_from(BELOW), max_size=3),
    gap=st.integers(0, 1),
)


def report(**fields: object) -> Report:
    return make_report(COLUMNS, replaces="nothing", **fields)


def printed(row: Row, style: Style) -> list[Value]:
    code, town, persons, spent, remark = row
    values: list[Value] = [code, town, persons, None if spent is None else f"{spent / UNITS[style.unit]:f}", remark]
    return [values[column] for column in style.order]


def lay_out(rows: list[Row], style: Style) -> tuple[Sheet, list[int]]:
    """The sheet, and the numbers of its rows of data."""
    lines: list[list[Value]] = [[] for _ in range(style.top)]
    merges: list[str] = []
    if style.title:
        lines.append(["惠城区2023年6月探访表"])
    if not style.unit_in_header:
        lines.append([None, "填报单位：惠城区", None, f"单位：{style.unit}"])
    spent = f"支出（{style.unit}）" if style.unit_in_header else "支出"
    words: list[Value] = [f"编号{style.mark}", "镇 （街道）", f"人次{style.mark}", spent, "备注"]
    header = [words[column] for column in style.order]
    if style.deep:
        top = len(lines) + 1
        lines += [["基本情况", None, header[2], header[3], header[4]], [header[0], header[1], None, None, None]]
        merges += [_area(style.left, 0, top, 1, top), *(_area(style.left, column, top, column, top + 1) for column in (2, 3, 4))]
    else:
        lines.append(header)
    if style.codes:
        lines.append(["A", "B", "C", "D", "E"])
    numbers = [len(lines) + 1 + place for place in range(len(rows))]
    body = [printed(row, style) for row in rows]
    if style.merged:
        merges += _merge_towns(body, style, numbers)
    lines += body
    if style.total:
        label: list[Value] = [None] * 5
        label[0] = "合  计"
        lines.append(label)
    lines += [[] for _ in range(style.gap)] + style.below
    return make_sheet([[None] * style.left + line if line else line for line in lines], merges=merges), numbers


def _merge_towns(body: list[list[Value]], style: Style, numbers: list[int]) -> list[str]:
    """Merge the towns that stand in one above the other."""
    column = style.order.index(1)
    merges = []
    start = 0
    for place in range(1, len(body) + 1):
        if place < len(body) and body[place][column] == body[start][column]:
            continue
        if place - start > 1:
            merges.append(_area(style.left, column, numbers[start], column, numbers[place - 1]))
            for covered in range(start + 1, place):
                body[covered][column] = None
        start = place
    return merges


def _area(left: int, first_column: int, first_row: int, last_column: int, last_row: int) -> str:
    letters = "ABCDEFGH"
    return f"{letters[left + first_column]}{first_row}:{letters[left + last_column]}{last_row}"


def rows_of(reading: Reading) -> list[Row]:
    """The rows as they were before they were printed."""
    scale = reading.tables[0].scales.get("spent_yuan", Decimal(1))
    return [
        (
            row["code"],
            row["town"],
            int(row["persons"]),
            Decimal(row["spent_yuan"]) * scale if row["spent_yuan"] else None,
            row["remark"],
        )
        for row in reading.rows.to_pylist()
    ]


@settings(max_examples=120, deadline=None)
@given(ROWS, STYLES)
def test_a_sheet_in_any_style_gives_its_rows_back(rows: list[Row], style: Style) -> None:
    sheet, numbers = lay_out(rows, style)
    reading = read_workbook(make_book(sheet), report(format={"kind": "workbook"}), None)
    assert rows_of(reading) == rows
    assert reading.rows["_row"].to_pylist() == numbers
    assert reading.rows_total == sheet.last_row == len(rows) + sum(reading.furniture.values())
    assert reading.period == (Period.parse("2023-06") if style.title else None)
    assert reading.unit_text == (None if style.unit_in_header else "惠城区")
    assert [issue for issue in reading.issues if issue.rule != "merged_amount"] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ROWS,
    STYLES,
    st.sampled_from([("utf-8", "utf-8"), ("utf-8", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")]),
    st.sampled_from(",;\t"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_csv_in_any_encoding_gives_its_rows_back(
    tmp_path: Path, rows: list[Row], style: Style, encoding: tuple[str, str], delimiter: str, quoting: int, end: str
) -> None:
    declared, codec = encoding
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    title = [["惠城区2023年6月探访表"]] if style.title else []
    header = [["编号", "镇（街道）", "人次", f"支出（{style.unit}）", "备注"][column] for column in style.order]
    body = [["" if value is None else value for value in printed(row, style)] for row in rows]
    writer.writerows([*title, header, *body, *([["合计"]] if style.total else []), *style.below])
    path = tmp_path / "table.csv"
    path.write_bytes(text.getvalue().encode(codec))
    form = {"kind": "delimited", "encoding": declared, "delimiter": delimiter}
    reading = read_document(ReadRequest(path, report(format=form)))
    assert reading.refusal is None
    assert rows_of(reading) == rows
    assert reading.rows_total == sum(1 for _ in csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter))
    assert reading.rows_total == len(rows) + sum(reading.furniture.values())
    lines = text.getvalue().split("\n")
    assert all(row["code"] in lines[row["_row"] - 1] for row in reading.rows.to_pylist() if style.order[0] == 0)


def test_the_styles_reach_every_kind_of_furniture() -> None:
    style = Style([0, 1, 2, 3, 4], 1, True, 1, True, "*", "万元", False, True, True, True, [*BELOW], 1)
    sheet, numbers = lay_out([("V1", "桥东街道", 1, None, None), ("V2", "桥东街道", 2, Decimal(5), "x")], style)
    reading = read_workbook(make_book(sheet), report(format={"kind": "workbook"}), None)
    assert numbers == [7, 8]
    assert reading.furniture == {
        "blank": 3,
        "title": 2,
        "header": 2,
        "letter_codes": 1,
        "total": 1,
        "prose": 1,
        "signature": 2,
    }
