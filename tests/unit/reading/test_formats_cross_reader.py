"""Where calamine reads something else than we do, the cell says so; where it cannot look, the book says so."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from loaders.reading.formats.cross_reader import compare
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.formats.readers.ooxml.workbook import read_ooxml
from loaders.reading.model.sheets import Book, Cell, CellKind, Sheet
from tests.support.documents.ooxml_parts import cell_formats, ooxml_parts, write_parts, write_rows
from tests.support.documents.workbooks import workbook


def look(ours: dict[tuple[int, int], Cell], theirs: list[list[Any]]) -> Sheet:
    sheet = Sheet("表1")
    for (row, column), cell in ours.items():
        sheet.put(row, column, cell)
    compare(Book("xlsx", [sheet]), io.BytesIO(workbook(theirs)))
    return sheet


def number(text: str, *flags: str) -> Cell:
    return Cell(text, CellKind.NUMBER, flags)


@pytest.mark.parametrize(
    ("cell", "value", "agrees"),
    [
        (number("198"), 198, True),
        (number("199"), 198, False),
        (number("0.1"), 0.1, True),
        (number("198"), "198", True),
        (Cell("198"), 198, False),
        (Cell("镇"), "镇", True),
        (Cell("镇", original="\u200b镇 "), "\u200b镇 ", True),
        (Cell("一\r\n二"), "一\n二", True),
        (Cell("街"), "镇", False),
        (Cell("TRUE", CellKind.BOOL), True, True),
        (Cell("TRUE", CellKind.BOOL), False, False),
        (Cell("TRUE", CellKind.BOOL), 1, False),
        (number("1"), True, False),
        (Cell("2023-06-01", CellKind.DATE), 45078, False),
        (Cell("#REF!", CellKind.ERROR), "", True),
        (Cell("#REF!", CellKind.ERROR), 23, False),
        (Cell("", original="\u200b"), "", True),
        (Cell("1.5", CellKind.NUMBER), "", False),
    ],
)
def test_cells_agree_or_are_flagged(cell: Cell, value: Any, agrees: bool) -> None:
    sheet = look({(1, 1): Cell("头"), (2, 2): cell}, [["头"], [None, value or None if value == "" else value]])

    assert ("readers_disagree" not in sheet.rows[2][2].flags) is agrees


def test_a_value_that_only_the_second_reader_sees_is_kept_beside_a_blank() -> None:
    sheet = look({(1, 1): Cell("头")}, [["头", None, 5], [], ["尾"]])

    assert sheet.rows[1][3] == Cell("", CellKind.TEXT, ("readers_disagree",), "5.0")
    assert sheet.rows[3][1] == Cell("", CellKind.TEXT, ("readers_disagree",), "尾")


def test_rows_that_only_we_see_are_flagged() -> None:
    sheet = look({(1, 1): Cell("头"), (9, 9): number("5")}, [["头"]])

    assert sheet.rows[9][9].flags == ("readers_disagree",)


def test_a_real_disagreement_in_one_file_is_flagged(tmp_path: Path) -> None:
    # calamine drops what stands after a comment inside a value
    path = write_rows(tmp_path, '<row r="1"><c r="A1"><v>1<!-- x -->5</v></c></row>')
    book = read_ooxml(path)
    with path.open("rb") as file:
        compare(book, file)

    assert book.sheets[0].rows[1][1] == Cell("15", CellKind.NUMBER, ("readers_disagree",))
    assert book.notes == ['sheet "表1" A1: read as "15", by the second reader as "1.0"']


def test_moments_are_compared_by_their_serial_number(tmp_path: Path) -> None:
    rows = "".join(
        f'<row><c s="0"><v>{serial}</v></c><c s="1"><v>{serial}</v></c></row>' for serial in (1, 59, 61, 0.25, 45078.5)
    )
    for head in ("", '<workbookPr date1904="1"/>'):
        path = write_rows(tmp_path, rows, styles=cell_formats("yyyy-mm-dd hh:mm", "[h]:mm"), workbook_head=head)
        book = read_ooxml(path)
        with path.open("rb") as file:
            compare(book, file)
        assert not any("readers_disagree" in cell.flags for _, _, cell in book.sheets[0].cells())


def test_a_file_that_the_second_reader_cannot_open_is_said_and_not_lost() -> None:
    book = Book("xlsx", [Sheet("表1", rows={1: {1: Cell("头")}})])
    compare(book, io.BytesIO(b"PK\x03\x04" + bytes(64)))

    assert book.sheets[0].rows[1][1].flags == ()
    assert [note.split(",")[0] for note in book.notes] == ["not compared with a second reader"]


def test_a_sheet_that_the_second_reader_does_not_see_is_said() -> None:
    book = Book("xlsx", [Sheet("另一表", rows={1: {1: Cell("头")}})])
    compare(book, io.BytesIO(workbook([["头"]])))

    assert book.notes == ['sheet "另一表" was not compared: the second reader does not see it']


def test_a_package_that_overstates_its_strings_is_not_shown_to_a_reader_that_would_believe_it(tmp_path: Path) -> None:
    parts = ooxml_parts('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings="<si><t>镇</t></si>")
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace("<sst ", '<sst uniqueCount="99999999999" ')
    book = open_workbook(write_parts(tmp_path / "book.xlsx", parts))

    assert book.sheets[0].text(1, 1) == "镇"
    assert book.notes == ["not compared with a second reader: too large to be read twice"]
