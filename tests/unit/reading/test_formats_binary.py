"""Binary workbooks: xls and et (BIFF5, BIFF8) and xlsb, record by record and as other programs write them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Area, Book, CellKind
from tests.support.documents import biff, xlsb_parts
from tests.support.documents.biff import BiffSheet, biff_stream
from tests.support.documents.ooxml_parts import cell_at, shown
from tests.support.documents.xlsb_parts import cell, row, write_xlsb

SAMPLES = Path(__file__).parents[2] / "support" / "documents" / "samples"
FORM = BiffSheet(
    "表1",
    [
        biff.hidden_columns(2, 2),
        biff.hidden_row(2),
        biff.label(0, 0, "惠州市社区基金月报表"),
        biff.merge(0, 0, 0, 3),
        biff.error(1, 0, 23),
        biff.error(1, 1, 42),
        biff.boolean(1, 2, True),
        biff.hundredths(2, 0, 1980),
        biff.number(2, 1, 45078, 1),
        biff.number(2, 2, 45078.75, 2),
        biff.number(2, 3, 0.125, 3),
        biff.number(3, 0, 441302199001010000.0),
        biff.label(3, 1, "\u200b零宽\u00a0"),
    ],
)


def flagged(book: Book, flag: str) -> list[str]:
    return [cell.text for sheet in book.sheets for _, _, cell in sheet.cells() if flag in cell.flags]


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_an_old_workbook_with_all_that_the_format_says(tmp_path: Path) -> None:
    sheets = [FORM, BiffSheet("字典", [biff.label(0, 0, "甲")], visibility=2)]
    stream = biff_stream(sheets, formats=(0, 31, 164, 10), codes={164: "yyyy-mm-dd hh:mm"})
    book = open_workbook(write(tmp_path / "form.et", stream))
    sheet = book.sheets[0]

    assert shown(sheet) == {
        "A1": "惠州市社区基金月报表",
        "A2": "#REF!",
        "B2": "#N/A",
        "C2": "TRUE",
        "A3": "19.8",
        "B3": "2023-06-01",
        "C3": "2023-06-01 18:00:00",
        "D3": "0.125",
        "A4": "441302199001010000",
        "B4": "零宽",
    }
    assert [cell_at(sheet, place).kind for place in ("A2", "B3", "C3")] == [CellKind.ERROR, CellKind.DATE, CellKind.DATETIME]
    assert (cell_at(sheet, "D3").flags, cell_at(sheet, "A4").flags) == (("percent",), ("precision_lost",))
    assert (sheet.merges, sheet.hidden_rows, sheet.hidden_columns) == ([Area(1, 1, 1, 4)], {3}, {3})
    assert [(each.name, each.hidden) for each in book.sheets] == [("表1", False), ("字典", True)]


@pytest.mark.parametrize("codepage", [936, 0], ids=["code page 936", "no code page"])
def test_an_excel_5_workbook_is_read_in_its_code_page_and_an_undeclared_one_as_chinese(tmp_path: Path, codepage: int) -> None:
    sheet = BiffSheet("表1", [biff.label(0, 0, "惠城区", 0x0500), biff.number(0, 1, 43616, 1)])
    stream = biff_stream([sheet], formats=(0, 14), version=0x0500, codepage=codepage, since_1904=True)

    read = open_workbook(write(tmp_path / "form.xls", stream)).sheets[0]

    assert (read.name, shown(read)) == ("表1", {"A1": "惠城区", "B1": "2023-06-01"})


def test_chinese_date_formats_of_old_workbooks(tmp_path: Path) -> None:
    numbers = (27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58)
    sheet = BiffSheet("表1", [biff.number(0, column, 43859, column) for column in range(len(numbers))])
    read = open_workbook(write(tmp_path / "form.xls", biff_stream([sheet], formats=numbers))).sheets[0]

    assert set(shown(read).values()) == {"2020-01-29"}


def test_what_libreoffice_writes_is_what_calamine_reads() -> None:
    book = open_workbook(SAMPLES / "libreoffice.xls")
    numbers, mixed = book.sheets[0], book.sheets[1]

    assert [sheet.name for sheet in book.sheets] == ["表1", "杂", "字典", "空", "图"]
    assert [cell_at(mixed, place).text for place in ("A3", "B3", "D3", "E3", "D4")] == ["TRUE", "#DIV/0!", "甲乙", "#N/A", "NBSP"]
    assert (mixed.merges, mixed.hidden_rows, mixed.hidden_columns) == ([Area(1, 1, 2, 4)], {5}, {3})
    assert {numbers.rows[row][1].text for row in numbers.rows if "readers_disagree" in numbers.rows[row][3].flags} == {
        "[$-804]aaaa"
    }
    assert len(flagged(book, "readers_disagree")) == 5


def test_a_workbook_under_a_password(tmp_path: Path) -> None:
    path = SAMPLES / "password.xls"
    opened = open_workbook(path, "秘密123")

    assert [sheet.name for sheet in opened.sheets] == ["表1", "杂", "字典", "空", "图"]
    for password in (None, "wrong"):
        with pytest.raises(Refusal) as refused:
            open_workbook(path, password)
        assert refused.value.issue.rule == "encrypted_document"


def test_a_faulty_table_of_sectors_is_read_like_a_spreadsheet_program_reads_it(tmp_path: Path) -> None:
    content = bytearray((SAMPLES / "libreoffice.xls").read_bytes())
    content[80:84] = b"\x03\x00\x00\x00"  # a second sector of the table, which is the first stream's
    book, whole = open_workbook(write(tmp_path / "form.xls", bytes(content))), open_workbook(SAMPLES / "libreoffice.xls")

    assert [shown(sheet) for sheet in book.sheets] == [shown(sheet) for sheet in whole.sheets]
    assert any("sectors" in note for note in book.notes)


def test_cells_are_read_though_the_formats_are_damaged(tmp_path: Path) -> None:
    sheet = BiffSheet("表1", [biff.error(0, 0, 23), biff.number(0, 1, 45078, 1), biff.number(0, 2, 198)])
    palette = biff.record(0x0092, struct.pack("<H", 56) + bytes(4))
    book = open_workbook(write(tmp_path / "form.xls", biff_stream([sheet], formats=(0, 31), extra=palette)))

    assert shown(book.sheets[0]) == {"A1": "#REF!", "B1": "2023-06-01 00:00:00", "C1": "198"}
    assert any("formats are damaged" in note for note in book.notes)


XLSB_ROWS = (
    row(0)
    + cell(7, 0, struct.pack("<I", 0))
    + cell(6, 1, xlsb_parts.wide("直接文本"))
    + cell(1, 2, b"")
    + row(1, hidden=True)
    + cell(3, 0, b"\x17")
    + cell(4, 1, b"\x01")
    + cell(2, 2, struct.pack("<i", (1980 << 2) | 3))
    + cell(5, 3, struct.pack("<d", 45078), 1)
    + cell(5, 4, struct.pack("<d", 0.5), 2)
    + row(5)
    + cell(8, 0, xlsb_parts.wide("结果") + bytes(6))
    + cell(9, 1, struct.pack("<d", 2.5) + bytes(6))
    + cell(10, 2, b"\x00" + bytes(6))
    + cell(11, 3, b"\x07" + bytes(6))
)


def test_a_binary_workbook_with_all_that_the_format_says(tmp_path: Path) -> None:
    path = write_xlsb(
        tmp_path / "book.xls",
        XLSB_ROWS,
        before=xlsb_parts.columns(1, 2),
        after=xlsb_parts.merges((0, 0, 0, 3)),
        strings=["惠城区"],
        formats=(0, 'yyyy"年"m"月"d"日"', 20),
        state=1,
    )
    book = open_workbook(path)
    sheet = book.sheets[0]

    assert shown(sheet) == {
        "A1": "惠城区",
        "B1": "直接文本",
        "A2": "#REF!",
        "B2": "TRUE",
        "C2": "19.8",
        "D2": "2023-06-01",
        "E2": "12:00:00",
        "A6": "结果",
        "B6": "2.5",
        "C6": "FALSE",
        "D6": "#DIV/0!",
    }
    assert [cell_at(sheet, place).kind for place in ("A2", "D2", "E2", "D6")] == [
        CellKind.ERROR,
        CellKind.DATE,
        CellKind.TIME,
        CellKind.ERROR,
    ]
    assert {place for place in shown(sheet) if cell_at(sheet, place).flags == ("formula",)} == {"A6", "B6", "C6", "D6"}
    assert (sheet.hidden, sheet.hidden_rows, sheet.hidden_columns, sheet.merges) == (True, {2}, {2, 3}, [Area(1, 1, 1, 4)])
    assert (book.notes, flagged(book, "readers_disagree")) == ([], [])


def test_binary_dates_since_1904(tmp_path: Path) -> None:
    rows = row(0) + cell(5, 0, struct.pack("<d", 43616), 0)
    path = write_xlsb(tmp_path / "book.xlsb", rows, formats=(14,), since_1904=True)

    assert shown(open_workbook(path).sheets[0]) == {"A1": "2023-06-01"}


def test_short_records_are_read_and_what_calamine_does_not_see_is_flagged() -> None:
    book = open_workbook(SAMPLES / "sheetjs.xlsb")
    sheet = book.sheets[0]

    assert [sheet.text(4, column) for column in range(1, 9)] == [
        "1",
        "甲基金",
        "1234.5",
        "2023-06-01",
        "TRUE",
        "#REF!",
        "12:00:00",
        "3",
    ]
    assert len(flagged(book, "readers_disagree")) == 20


@pytest.mark.parametrize(
    "rows",
    [
        row(1_048_576) + cell(4, 0, b"\x01"),
        row(0) + cell(4, 16_384, b"\x01"),
        row(0) + cell(7, 0, struct.pack("<I", 9)),
        row(0) + cell(6, 0, struct.pack("<I", 900) + b"x"),
        b"\x05\xff\xff\xff\x7f",
    ],
    ids=["row", "column", "string", "text", "length"],
)
def test_a_damaged_binary_workbook_is_refused(tmp_path: Path, rows: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        open_workbook(write_xlsb(tmp_path / "book.xlsb", rows))

    assert refused.value.issue.rule == "unreadable_document"
