"""Three readers over what two libraries write: ours, calamine (through the flags) and openpyxl must read the same cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.sheets import Book, Cell, CellKind, Sheet
from tests.support.documents.ooxml_parts import cell_at, cell_formats, shown, write_rows

NUMBER_FORMATS = ["General", "0", "0.00", "#,##0", "#,##0.00", "0.00E+00", "# ?/?", "@", "000000", '0.0"万元"', "[Red]0;[Blue]-0"]
NUMBER_FORMATS += [
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    '"¥"#,##0.00;[Red]"¥"-#,##0.00',
    "[$¥-804]#,##0.00",
    '#,##0"人次"',
]
NUMBER_FORMATS += [
    "0%",
    "0.00%",
    "[DBNum1][$-804]General",
    "[DBNum2][$-804]General",
    "[>=10000]0!.0,;General",
    '0.00"h"',
    "0\\d",
    "G/通用格式",
]
DATE_FORMATS = ["mm-dd-yy", "d-mmm-yy", "d-mmm", "mmm-yy", "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "yyyy/m/d;@", "yyyy\\-mm\\-dd"]
DATE_FORMATS += [
    '[$-804]yyyy"年"m"月";@',
    '[DBNum1][$-804]yyyy"年"m"月"d"日"',
    "[$-F800]dddd, mmmm dd, yyyy",
    "[$-x-sysdate]dddd, mmmm dd, yyyy",
]
DATE_FORMATS += [
    "m/d/yy h:mm",
    "yyyy-mm-dd hh:mm:ss",
    'yyyy"年"m"月"d"日" h"时"mm"分"',
    "m/d",
    "mmmm",
    "[$-411]ge.m.d",
    "yyyy.mm.dd",
]
CLOCK_FORMATS = ["h:mm", "h:mm AM/PM", "h:mm:ss", "mm:ss", "mm:ss.0", "[$-F400]h:mm:ss AM/PM", '上午/下午h"时"mm"分"']
LENGTH_FORMATS = ["[h]:mm:ss", "[hh]:mm", "[mm]:ss", "[s]"]
ZH_DATES = [27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]
ZH_CLOCKS = [32, 33, 34, 35, 55, 56]


def disagreements(book: Book) -> list[tuple[str, int, int, Cell]]:
    return [(sheet.name, *place) for sheet in book.sheets for place in sheet.cells() if "readers_disagree" in place[2].flags]


def values(sheet: Sheet, column: int) -> list[tuple[str, CellKind]]:
    return [(sheet.rows[row][column].text, sheet.rows[row][column].kind) for row in sorted(sheet.rows)]


def write_formatted(path: Path, formats: list[str], serials: list[float]) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("表1")
    for row, code in enumerate(formats):
        for column, serial in enumerate(serials):
            sheet.write_number(row, column, serial, book.add_format({"num_format": code}))
    book.close()


def test_numbers_stay_numbers_under_every_format_of_numbers(tmp_path: Path) -> None:
    write_formatted(tmp_path / "book.xlsx", NUMBER_FORMATS, [45078, 0.5, -3.25])
    book = open_workbook(tmp_path / "book.xlsx")

    for column, text in enumerate(("45078", "0.5", "-3.25"), start=1):
        assert values(book.sheets[0], column) == [(text, CellKind.NUMBER)] * len(NUMBER_FORMATS)
    assert disagreements(book) == []


def test_dates_are_dates_under_every_format_of_dates(tmp_path: Path) -> None:
    write_formatted(tmp_path / "book.xlsx", DATE_FORMATS, [45078, 45078.75, 1, 2958465])
    book = open_workbook(tmp_path / "book.xlsx")
    by_day = {text for row in book.sheets[0].rows.values() for text in [row[1].text.removesuffix(" 00:00:00")]}

    assert by_day == {"2023-06-01"}
    assert {text for text, _ in values(book.sheets[0], 2)} == {"2023-06-01 18:00:00"}
    assert {text[:10] for text, _ in values(book.sheets[0], 3)} == {"1900-01-01"}
    assert {text[:10] for text, _ in values(book.sheets[0], 4)} == {"9999-12-31"}
    assert disagreements(book) == []


def test_days_that_no_calendar_has_stay_numbers(tmp_path: Path) -> None:
    write_formatted(tmp_path / "book.xlsx", ["yyyy-mm-dd"], [0, 60, -1, 2958466, 1e12])
    book = open_workbook(tmp_path / "book.xlsx")

    assert shown(book.sheets[0]) == {"A1": "0", "B1": "60", "C1": "-1", "D1": "2958466", "E1": "1000000000000"}
    assert all(cell.kind is CellKind.NUMBER and "date_out_of_range" in cell.flags for _, _, cell in book.sheets[0].cells())


def test_times_of_day_and_lengths_of_time(tmp_path: Path) -> None:
    write_formatted(tmp_path / "book.xlsx", CLOCK_FORMATS, [0.5, 0.354166666666667, 0])
    write_formatted(tmp_path / "length.xlsx", LENGTH_FORMATS, [0.5, 1.25, -0.5])
    clock, length = open_workbook(tmp_path / "book.xlsx"), open_workbook(tmp_path / "length.xlsx")

    for column, text in enumerate(("12:00:00", "08:30:00", "00:00:00"), start=1):
        assert values(clock.sheets[0], column) == [(text, CellKind.TIME)] * len(CLOCK_FORMATS)
    for column, text in enumerate(("12:00:00", "30:00:00", "-12:00:00"), start=1):
        assert values(length.sheets[0], column) == [(text, CellKind.TIME)] * len(LENGTH_FORMATS)
    assert all(cell.flags == ("duration",) for _, _, cell in length.sheets[0].cells())
    assert disagreements(clock) == disagreements(length) == []


def test_chinese_built_in_formats_are_dates_and_times_though_no_file_spells_them_out(tmp_path: Path) -> None:
    styles = cell_formats(*ZH_DATES, *ZH_CLOCKS)
    rows = "".join(f'<row><c s="{index}"><v>43859</v></c></row>' for index in range(len(ZH_DATES)))
    rows += "".join(f'<row><c s="{index}"><v>0.5</v></c></row>' for index in range(len(ZH_DATES), len(ZH_DATES) + len(ZH_CLOCKS)))
    book = open_workbook(write_rows(tmp_path, rows, styles=styles))

    expected = [("2020-01-29", CellKind.DATE)] * len(ZH_DATES) + [("12:00:00", CellKind.TIME)] * len(ZH_CLOCKS)
    assert values(book.sheets[0], 1) == expected
    assert disagreements(book) == []


def test_a_weekday_format_is_a_date_and_calamine_says_otherwise(tmp_path: Path) -> None:
    write_formatted(tmp_path / "book.xlsx", ["[$-804]aaaa"], [45078])
    cell = cell_at(open_workbook(tmp_path / "book.xlsx").sheets[0], "A1")

    assert (cell.text, cell.kind, cell.flags) == ("2023-06-01", CellKind.DATE, ("readers_disagree",))


def office_form(path: Path) -> None:
    """What an office writes: merged title and header, dates, amounts, blanks, errors, a hidden sheet, a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表1"
    sheet["A1"] = "惠州市社区基金月报表"
    sheet.merge_cells("A1:F1")
    sheet.append(["填报单位：惠城区民政局", None, None, None, None, "单位：元"])
    sheet.append(["序号", "名称", "成立日期", "金额", "达标", "备注"])
    for number in range(1, 40):
        remark = [None, "无", "\u200b", " 有空格 ", "第一行\n第二行", "<&>"][number % 6]
        sheet.append([number, f"基金{number}", dt.date(2023, 6, 1 + number % 28), number / 7, number % 2 == 0, remark])
    sheet.append(["合计", None, None, "=SUM(D4:D42)"])
    book.create_sheet("字典").append(["甲", 0.1, 1e-9, 123456789.123456789])
    book["字典"].sheet_state = "hidden"
    book.create_sheet("空")
    book.save(path)


def openpyxl_cells(path: Path) -> Iterator[tuple[str, int, int, Any]]:
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield sheet.title, cell.row, cell.column, cell.value


def same(cell: Cell, value: Any) -> bool:
    """Whether our cell is openpyxl's value."""
    match value:
        case bool():
            return cell.kind is CellKind.BOOL and cell.text == str(value).upper()
        case int() | float():
            return cell.kind is CellKind.NUMBER and float(cell.text) == value
        case dt.datetime():
            return cell.kind in {CellKind.DATE, CellKind.DATETIME} and dt.datetime.fromisoformat(cell.text) == value
        case str():
            return cell.kind is CellKind.TEXT and (cell.original or cell.text) == value
    return False


def test_an_office_form_reads_as_openpyxl_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    office_form(path)
    book = open_workbook(path)
    sheets = {sheet.name: sheet for sheet in book.sheets}
    theirs = list(openpyxl_cells(path))

    different = [place for place in theirs if not same(sheets[place[0]].rows[place[1]][place[2]], place[3])]
    assert different == []
    without_result = [c for s in book.sheets for _, _, c in s.cells() if "formula_without_value" in c.flags]
    assert sum(len(row) for sheet in book.sheets for row in sheet.rows.values()) == len(theirs) + len(without_result)
    assert [(sheet.name, sheet.hidden) for sheet in book.sheets] == [("表1", False), ("字典", True), ("空", False)]
    assert [str(area) for area in sheets["表1"].merges] == ["A1:F1"]
    assert disagreements(book) == []


def test_rows_are_counted_as_calamine_counts_them(tmp_path: Path) -> None:
    rows = [
        '<row r="2"><c r="B2"><v>1</v></c></row>',
        '<row r="4"><c r="B4" t="str"><f>IF(1,"")</f><v></v></c></row>',
        '<row r="6"><c r="A6" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>',
        '<row r="8"><c r="A8" t="e"><v>#REF!</v></c></row>',
        '<row r="9"><c r="A9" s="0"/></row>',
    ]
    for count in range(1, len(rows) + 1):
        path = write_rows(tmp_path, "".join(rows[:count]), styles=cell_formats(0))
        end = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).end
        assert open_workbook(path).sheets[0].last_row == end[0] + 1


FIRST_MOMENT = dt.datetime.fromisoformat("1900-03-01")
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: float(f"{number:.15g}")),
    TEXTS,
    st.datetimes(FIRST_MOMENT).map(lambda moment: moment.replace(microsecond=0)),
)


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grid=st.lists(st.lists(VALUES, max_size=5), max_size=6))
def test_what_a_library_writes_is_what_we_read(tmp_path: Path, library: str, grid: list[list[Any]]) -> None:
    path = tmp_path / "book.xlsx"
    if library == "openpyxl":
        written = openpyxl.Workbook()
        for row, line in enumerate(grid, start=1):
            for column, value in enumerate(line, start=1):
                cell = written.active.cell(row, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
        written.save(path)
    else:
        document = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = document.add_worksheet()
        for row, line in enumerate(grid):
            for column, value in enumerate(line):
                sheet.write_string(row, column, value) if isinstance(value, str) else sheet.write(row, column, value)
        document.close()
    book = open_workbook(path)

    read = book.sheets[0]
    for row, line in enumerate(grid, start=1):
        for column, value in enumerate(line, start=1):
            cell = read.rows.get(row, {}).get(column)
            assert same(cell, value) if cell is not None else value in {None, ""}
    assert disagreements(book) == []
