"""Formats in whole tables and forms: units of headers and labels, totals in the same reading, merges, lines above the table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loaders.contract import Report
from loaders.model import Reading, Severity
from loaders.period import Period
from loaders.reading.model.datetimes import formatted_cell
from loaders.reading.model.sheets import Cell, Sheet
from loaders.reading.number_formats import format_of_code
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents import sheets
from tests.support.documents.contracts import make_report
from tests.support.documents.sheets import Value, make_book

COLUMNS = [
    {"name": "visit_code", "header": "探访编号", "required": True, "key": True},
    {"name": "spent_yuan", "header": "支出", "type": "decimal", "unit": "元", "required": True},
]


def spending(**fields: object) -> Report:
    return make_report([dict(column) for column in COLUMNS], format={"kind": "workbook", **fields})


def cell(code: str, raw: str) -> Cell:
    made = formatted_cell(raw, format_of_code(code), since_1904=False)
    assert made is not None
    return made


def make_sheet(*rows: list[Value], **said: list[str]) -> Sheet:
    return sheets.make_sheet(list(rows), **said)


def read(sheet: Sheet, report: Report | None = None) -> Reading:
    return read_workbook(make_book(sheet), report or spending(), None)


def spent(reading: Reading) -> list[Decimal]:
    """The amounts in the contract's unit."""
    (table,) = reading.tables
    scale = table.scales.get("spent_yuan", Decimal(1))
    return [Decimal(text) * scale for text in reading.rows["spent_yuan"].to_pylist()]


def reported(reading: Reading) -> list[tuple[str, Severity, str | None]]:
    return [(issue.rule, issue.severity, issue.cell) for issue in reading.issues]


@pytest.mark.parametrize(
    ("head", "header"),
    [
        ([], "支出（万元）"),
        ([["单位：万元"]], "支出"),
        ([["计量单位：人次、万元"]], "支出"),
        ([["支出情况表（万元）"]], "支出"),
    ],
)
def test_a_scale_is_compared_with_the_unit_of_header_or_label(head: list[list[Value]], header: str) -> None:
    rows: list[list[Value]] = [*head, ["探访编号", header], ["V1", 3.5], ["V2", cell("0!.0,", "35123")]]
    reading = read(make_sheet(*rows, ["V3", cell('0.0"万元"', "3.5")]))

    assert spent(reading) == [35000, 35123, 35000]
    assert reported(reading) == []


@pytest.mark.parametrize(("header", "unit"), [("支出（元）", "元"), ("支出", "元")])
def test_a_scale_that_no_unit_explains_is_held_back(header: str, unit: str) -> None:
    reading = read(make_sheet(["探访编号", header], ["V1", cell("0!.0,", "35000")], ["V2", 7]))

    assert reported(reading) == [("shown_otherwise", Severity.ERROR, "B2")]
    assert f"3.5{unit}" in reading.issues[0].message_zh


def test_the_unit_that_the_contract_says_for_the_form_counts_too() -> None:
    columns = [dict(COLUMNS[0]), {**COLUMNS[1], "printed_unit": "万元"}]
    report = make_report(columns, format={"kind": "workbook"})

    assert spent(read(make_sheet(["探访编号", "支出"], ["V1", cell(r"0\.0,", "35000")]), report)) == [35000]


@pytest.mark.parametrize(
    ("total", "is_right"),
    [
        (Decimal("7"), True),
        (cell("0!.0,", "70123"), True),
        (cell('0.00"万元"', "7.01"), True),
        (cell('#,##0"元"', "70123"), True),
        (cell("0!.0,", "80000"), False),
        (cell("0.0", "8"), False),
        (cell("#,##0,", "70123"), True),  # a total with two readings is compared with nothing
    ],
)
def test_totals_are_read_as_their_rows_are(total: Decimal | Cell, is_right: bool) -> None:
    printed: Value = total if isinstance(total, Cell) else float(total)
    rows: list[list[Value]] = [["探访编号", "支出（万元）"], ["V1", 3.5], ["V2", cell("0!.0,", "35123")], ["合计", printed]]
    reading = read(make_sheet(*rows))

    assert ("control_total" not in {issue.rule for issue in reading.issues}) is is_right


def test_rows_with_two_readings_are_not_added_up() -> None:
    rows: list[list[Value]] = [["探访编号", "支出（万元）"], ["V1", cell("#,##0,", "35000")], ["V2", 1], ["合计", 9]]

    assert reported(read(make_sheet(*rows))) == [("shown_otherwise", Severity.ERROR, "B2")]


def test_a_merged_code_keeps_its_format() -> None:
    sheet = make_sheet(["探访编号", "支出"], [cell('"GA"000', "1"), 1], [None, 2], merges=["A2:A3"])

    assert read(sheet).rows["visit_code"].to_pylist() == ["GA001", "GA001"]


def test_a_form_takes_what_is_shown() -> None:
    sheet = make_sheet(["探访编号：", cell('"GA"000', "1")], ["支出（万元）：", cell("0!.0,", "35000")])
    reading = read(sheet, spending(form=True))

    assert reading.rows["visit_code"].to_pylist() == ["GA001"]
    assert spent(reading) == [35000]
    assert reported(reading) == []


def test_a_form_holds_back_what_has_two_readings() -> None:
    sheet = make_sheet(["探访编号：", cell("m-d", "44995")], ["支出（元）：", cell("0!.0,", "35000")])

    assert reported(read(sheet, spending(form=True))) == [
        ("date_in_code", Severity.ERROR, "B1"),
        ("shown_otherwise", Severity.ERROR, "B2"),
    ]


@pytest.mark.parametrize(
    ("code", "raw", "period"),
    [('yyyy"年"m"月"', "45077", "2023-05"), ('0000"年"00"月"', "202305", "2023-05"), ('yyyy"年"', "45077", None)],
)
def test_a_line_above_the_table_says_what_it_shows(code: str, raw: str, period: str | None) -> None:
    reading = read(make_sheet(["统计月份：", cell(code, raw)], ["探访编号", "支出"], ["V1", 1]))

    assert reading.period == (Period.parse(period) if period else None)
