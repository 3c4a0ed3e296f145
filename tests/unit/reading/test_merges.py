"""Merged cells: what is shown counts, what lies under it is remarked on, and an amount over several rows is one amount."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contract import Column, Report
from loaders.model import Issue, Reading, Severity
from loaders.reading.document import read_document
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.sheets import Cell, CellKind, Sheet
from loaders.reading.tables.totals.column_sums import is_additive
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import VISITS, make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

HEADER: list[Value] = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]
ROWS: list[list[Value]] = [["V1", "桥东街道", 1, 5, "一"], ["V2", "桥西街道", 2, 6, "二"], ["V3", "水口街道", 3, 7, "三"]]
FREE = [{**column, "required": False} for column in VISITS]


def report(columns: list[dict[str, Any]] | None = None, **fields: Any) -> Report:
    return make_report(columns or FREE, format={"kind": "workbook"}, replaces="nothing", **fields)


def read(sheet: Sheet, under: Report | None = None) -> Reading:
    last_row = sheet.last_row
    reading = read_workbook(make_book(sheet), under or report(), None)
    assert reading.rows_total == last_row == reading.rows.num_rows + sum(reading.furniture.values())
    return reading


def under_merges(reading: Reading) -> list[tuple[str | None, str | None, str | None]]:
    found = [issue for issue in reading.issues if issue.rule == "value_under_merge"]
    assert all(issue.severity is Severity.WARNING for issue in found)
    return [(issue.cell, issue.found, issue.expected) for issue in found]


@pytest.mark.parametrize(
    ("merge", "reported", "column", "values"),
    [
        ("B2:B4", [("B3", "桥西街道", "桥东街道"), ("B4", "水口街道", "桥东街道")], "town_name", ["桥东街道"] * 3),
        ("A3:A4", [("A4", "V3", "V2")], "visit_code", ["V1", "V2", "V2"]),
        ("D2:E2", [("E2", "一", "5")], "remark", [None, "二", "三"]),
        ("B2:C2", [("C2", "1", "桥东街道")], "visit_persons", [None, "2", "3"]),
        (
            "A2:B3",
            [("B2", "桥东街道", "V1"), ("A3", "V2", "V1"), ("B3", "桥西街道", "V1")],
            "town_name",
            [None, None, "水口街道"],
        ),
        ("E2:E4", [("E3", "二", "一"), ("E4", "三", "一")], "remark", ["一"] * 3),
        ("A1:A1", [], "visit_code", ["V1", "V2", "V3"]),
        ("G2:G4", [], "visit_code", ["V1", "V2", "V3"]),
    ],
)
def test_the_shown_value_counts_and_the_one_under_it_is_reported(
    merge: str, reported: list[tuple[str, str, str]], column: str, values: list[str | None]
) -> None:
    reading = read(make_sheet([HEADER, *ROWS], merges=[merge]))
    assert under_merges(reading) == reported
    assert reading.rows[column].to_pylist() == values


def test_a_value_under_a_merge_that_shows_nothing_is_reported() -> None:
    reading = read(make_sheet([HEADER, ["V1", None, 1], ["V2", "桥西街道", 2]], merges=["B2:B3"]))
    assert under_merges(reading) == [("B3", "桥西街道", "")]
    assert reading.rows["town_name"].to_pylist() == [None, None]


def test_equal_values_blank_cells_and_formats_under_a_merge_say_nothing() -> None:
    rows: list[list[Value]] = [["V1", "桥东街道", 1], ["V2", "桥东街道", 2], ["V3", Cell(""), 3]]
    reading = read(make_sheet([HEADER, *rows], merges=["B2:B4"]))
    assert (reading.issues, reading.rows["town_name"].to_pylist()) == ((), ["桥东街道"] * 3)


def test_a_row_of_which_a_merge_shows_nothing_is_blank_and_reported() -> None:
    reading = read(make_sheet([HEADER, ["V1", "桥东街道", 1], ["V2", "桥西街道", 2]], merges=["A2:C3"]))
    assert reading.furniture == {"header": 1, "blank": 1}
    assert len(under_merges(reading)) == 5


def test_values_under_merged_titles_and_headers_count_for_nothing() -> None:
    lines: list[list[Value]] = [["2023年6月探访表", "2023年5月"], HEADER, [None, None, None, None, "说明"], *ROWS]
    reading = read(make_sheet(lines, merges=["A1:E1", *(f"{letter}2:{letter}3" for letter in "ABCDE")]))
    assert (str(reading.period), reading.rows.num_rows, reading.issues) == ("2023-06", 3, ())


def test_a_value_under_a_merged_closing_line_is_reported_and_no_row() -> None:
    reading = read(make_sheet([HEADER, *ROWS, ["注：按月报送。", "x"]], merges=["A5:E5"]))
    assert (reading.rows.num_rows, under_merges(reading)) == (3, [("B5", "x", "注：按月报送。")])


def test_a_personal_value_under_a_merge_is_not_quoted() -> None:
    columns = [*FREE[:4], {"name": "remark", "header": "备注", "pii": "personal"}]
    reading = read(make_sheet([HEADER, *ROWS[:2]], merges=["E2:E3"]), report(columns))
    assert under_merges(reading) == [("E3", "***", "***")]


def test_an_error_under_a_merge_is_no_error_of_the_row() -> None:
    rows: list[list[Value]] = [ROWS[0], ["V2", Cell("#REF!", CellKind.ERROR), 2]]
    reading = read(make_sheet([HEADER, *rows], merges=["B2:B3"]))
    assert [(issue.rule, issue.severity) for issue in reading.issues] == [("value_under_merge", Severity.WARNING)]


def xlsx(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表1")
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
        sheet.merge_range("B2:B4", "桥东街道")
        sheet.write("B3", "桥西街道")
    return path


def ods(path: Path) -> Path:
    """A spreadsheet in one XML file, as OpenDocument writes what is under a merge: covered cells."""
    office, table, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text"))
    string = 'office:value-type="string"'

    def cell(word: Value, tag: str = "table-cell", spans: str = "") -> str:
        return f"<table:{tag} {string}{spans}><text:p>{'' if word is None else word}</text:p></table:{tag}>"

    rows = ["".join(map(cell, HEADER))]
    for number, row in enumerate(ROWS):
        spans = ' table:number-rows-spanned="3" table:number-columns-spanned="1"' if number == 0 else ""
        town = cell(row[1], "table-cell" if number == 0 else "covered-table-cell", spans)
        rows.append(cell(row[0]) + town + "".join(map(cell, row[2:])))
    content = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    path.write_text(
        f'<?xml version="1.0"?><office:document xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}" '
        f'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
        f'<table:table table:name="表1">{content}</table:table></office:spreadsheet></office:body></office:document>',
        encoding="utf-8",
    )
    return path


def spreadsheet_ml(path: Path) -> Path:
    rows = [HEADER, *ROWS]
    place = ' ss:MergeDown="2"'

    def cell(number: int, column: int, word: Value) -> str:
        merge = place if (number, column) == (1, 1) else ""
        return f'<Cell ss:Index="{column + 1}"{merge}><Data ss:Type="String">{word}</Data></Cell>'

    body = "".join(
        f"<Row>{''.join(cell(number, column, word) for column, word in enumerate(row))}</Row>" for number, row in enumerate(rows)
    )
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="表1"><Table>{body}</Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("write", [xlsx, ods, spreadsheet_ml])
def test_every_format_that_keeps_values_under_a_merge_is_reported(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    reading = read_document(ReadRequest(write(tmp_path / "document"), report()))
    assert reading.refusal is None, reading.refusal
    assert reading.rows["town_name"].to_pylist() == ["桥东街道"] * 3
    assert ("B3", "桥西街道", "桥东街道") in under_merges(reading)


def test_rows_of_a_web_page_share_a_spanned_amount(tmp_path: Path) -> None:
    header = "".join(f"<th>{word}</th>" for word in HEADER)
    body = (
        "<tr><td>V1</td><td>甲</td><td>1</td><td rowspan=2>9</td><td></td></tr><tr><td>V2</td><td>乙</td><td>2</td><td></td></tr>"
    )
    (tmp_path / "page.xls").write_text(f"<html><meta charset=utf-8><table><tr>{header}</tr>{body}</table></html>", "utf-8")
    book = open_workbook(tmp_path / "page.xls")
    reading = read_workbook(book, report(), None)
    assert reading.rows["spent_yuan"].to_pylist() == ["9", None]
    assert [(issue.rule, issue.row, issue.cell) for issue in reading.issues] == [
        ("merged_amount", 2, "D2"),
        ("merged_amount", 3, "D2"),
    ]


# Merged amounts


def amounts(reading: Reading) -> list[str | None]:
    found: list[str | None] = reading.rows["spent_yuan"].to_pylist()
    return found


def merged_amounts(reading: Reading) -> list[Issue]:
    return [issue for issue in reading.issues if issue.rule == "merged_amount"]


def with_rule(rule: str | None) -> Report:
    columns = [{**column, "merged": rule} if column["name"] == "spent_yuan" and rule else column for column in FREE]
    return report(columns)


def three_days(*, total: Value = None, amount: Value = 314) -> Sheet:
    rows: list[list[Value]] = [["V1", "桥东街道", 1, amount], ["V2", "桥东街道", 1], ["V3", "桥东街道", 1]]
    return make_sheet([HEADER, *rows, *([["合计", None, 3, total]] if total else [])], merges=["D2:D4"])


@pytest.mark.parametrize("rule", [None, "refuse"])
def test_rows_that_share_an_amount_are_held_back_at_the_merge(rule: str | None) -> None:
    reading = read(three_days(total=314), with_rule(rule))
    assert [(issue.row, issue.severity, issue.cell, issue.found) for issue in reading.issues] == [
        (row, Severity.ERROR, "D2", "314") for row in (2, 3, 4)
    ]
    assert amounts(reading) == ["314", None, None]
    assert "D2:D4" in reading.issues[0].message_zh


def test_an_amount_counts_once_where_the_contract_says_so() -> None:
    reading = read(three_days(total=314), with_rule("once"))
    assert (amounts(reading), reading.issues) == (["314", None, None], ())
    wrong = read(three_days(total=942), with_rule("once"))
    assert [(issue.rule, issue.found, issue.expected) for issue in wrong.issues] == [("control_total", "942", "314")]


def test_a_number_that_is_no_amount_is_filled_down_where_the_contract_says_so() -> None:
    reading = read(three_days(total=942), with_rule("fill_down"))
    assert (amounts(reading), reading.issues) == (["314"] * 3, ())


@pytest.mark.parametrize("amount", ["—", "无", None, "0", 0, "见附件"])
def test_what_is_no_amount_is_filled_down_as_ever(amount: Value) -> None:
    reading = read(three_days(amount=amount))
    assert merged_amounts(reading) == []
    assert amounts(reading) == [None if amount is None else str(amount)] * 3


@pytest.mark.parametrize("amount", [314, "314", "1,314.50", "198件", "3.5万", "约120"])
def test_every_print_of_an_amount_is_one(amount: Value) -> None:
    reading = read(three_days(amount=amount))
    assert (len(merged_amounts(reading)), amounts(reading)) == (3, [str(amount), None, None])


def test_a_merge_over_one_row_of_data_and_furniture_is_no_shared_amount() -> None:
    rows: list[list[Value]] = [["V1", "桥东街道", 1, 5], [], ["小计", None, 1, None], ["V2", "桥西街道", 1, 6], ["合计", None, 2]]
    reading = read(make_sheet([HEADER, *rows], merges=["D2:D4", "D5:D6"]))
    assert (reading.issues, amounts(reading)) == ((), ["5", "6"])


@pytest.mark.parametrize(
    ("column", "additive"),
    [
        ({"name": "spent_yuan", "header": "支出（元）", "type": "decimal", "unit": "元"}, True),
        ({"name": "total_persons", "header": "人数", "type": "integer"}, True),
        ({"name": "quantity", "header": "数量", "type": "decimal"}, True),
        ({"name": "visit_minutes", "header": "时长（分钟）", "type": "integer", "unit": "分钟"}, True),
        ({"name": "item_no", "header": "序号", "type": "integer"}, False),
        ({"name": "age", "header": "年龄", "type": "integer"}, False),
        ({"name": "price_yuan", "header": "单价（元）", "type": "decimal", "unit": "元"}, False),
        ({"name": "per_person_yuan", "header": "人均支出", "type": "decimal", "unit": "元"}, False),
        ({"name": "done_pct", "header": "完成率", "type": "decimal", "unit": "%"}, False),
        ({"name": "party_score", "header": "党建得分", "type": "decimal"}, False),
        ({"name": "fiscal_year", "header": "年份", "type": "integer"}, False),
        ({"name": "row_code", "header": "行次", "type": "integer", "key": True}, False),
        ({"name": "remark", "header": "备注"}, False),
    ],
)
def test_what_is_an_amount_and_what_is_not(column: dict[str, Any], additive: bool) -> None:
    assert is_additive(Column.model_validate(column)) is additive


def test_a_merged_serial_number_is_filled_down() -> None:
    columns = [{"name": "item_no", "header": "序号", "type": "integer"}, *FREE]
    sheet = make_sheet([["序号", *HEADER], [1, *ROWS[0]], [None, *ROWS[1]]], merges=["A2:A3"])
    reading = read(sheet, report(columns))
    assert (reading.rows["item_no"].to_pylist(), reading.issues) == (["1", "1"], ())


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ({"merged": "once", "required": True}, "cannot be required"),
        ({"merged": "once", "type": "text"}, "merged goes with type"),
    ],
)
def test_a_contract_says_what_goes_together(column: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Column.model_validate({"name": "spent_yuan", "header": "支出", "type": "decimal", **column})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.sampled_from(["refuse", "once"]))
def test_the_sum_of_what_is_read_is_the_sum_of_what_is_shown(groups: list[int], rule: str) -> None:
    """Amounts merged over groups of rows: each counts once, and the rows of a shared one are held back or not as a whole."""
    rows: list[list[Value]] = []
    merges: list[str] = []
    for number, size in enumerate(groups, start=1):
        first = len(rows) + 2
        rows += [[f"V{first + place}", "桥东街道", 1, number * 10 if place == 0 else None] for place in range(size)]
        merges += [f"D{first}:D{first + size - 1}"] if size > 1 else []
    shown = sum(number * 10 for number in range(1, len(groups) + 1))
    reading = read(make_sheet([HEADER, *rows, ["合计", None, len(rows), shown]], merges=merges), with_rule(rule))
    assert sum(int(text) for text in amounts(reading) if text) == shown
    assert len(merged_amounts(reading)) == (sum(size for size in groups if size > 1) if rule == "refuse" else 0)
    assert [issue for issue in reading.issues if issue.rule == "control_total"] == []
