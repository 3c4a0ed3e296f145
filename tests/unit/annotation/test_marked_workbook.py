"""Marks in Office Open XML: what workbooks of other programs, old ones and odd ones, must survive."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from loaders.annotation import annotate
from loaders.annotation.colors import ERROR_FILL, WARNING_FILL
from loaders.model import Issue, Severity
from loaders.reading.formats.readers.ooxml.workbook import read_ooxml
from loaders.reading.model.issue_list import is_issue_list
from tests.support.documents.ooxml_parts import (
    RELATIONS,
    STRICT_MAIN,
    STRICT_RELATIONS,
    cell_formats,
    ooxml_parts,
    write_parts,
)

TEXT = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def issue(
    cell: str | None, *, sheet: str | None = "表1", row: int | None = None, severity: str = "error", text: str = "要改"
) -> Issue:
    return Issue("type", Severity(severity), text, "fix it", sheet=sheet, row=row, cell=cell, found="x", expected="整数")


def made(**options: Any) -> bytes:
    """A workbook of one sheet, 表1, by XlsxWriter."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("表1")
        sheet.write("A1", "编号")
        sheet.write("B2", 5, book.add_format({"num_format": "0.00%", "bold": True, "bg_color": "#00FF00"}))
    return buffer.getvalue()


def package(tmp_path: Path, parts: Mapping[str, str]) -> bytes:
    return write_parts(tmp_path / "book.xlsx", dict(parts)).read_bytes()


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return opened.read(name).decode()


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(content: bytes) -> list[tuple[str, dict[tuple[int, int], str]]]:
    """The texts of the sheets that a reader takes."""
    book = read_ooxml(io.BytesIO(content))
    return [
        (one.name, {(row, column): cell.text for row, column, cell in one.cells()})
        for one in book.sheets
        if not is_issue_list(one)
    ]


def test_a_marked_cell_keeps_its_format_and_gets_fill_note_and_line() -> None:
    copy = annotate(made(), "a/报表.xlsx", [issue("B2"), issue("A1", severity="warning", text="核对")])
    book = opened(copy.content)
    assert (copy.file_name, book.sheetnames) == ("报表.xlsx", ["问题清单", "表1"])
    cell = book["表1"]["B2"]
    assert (cell.value, cell.number_format, cell.font.bold) == (5, "0.00%", True)
    assert cell.fill.fgColor.rgb == "FF" + ERROR_FILL
    assert book["表1"]["A1"].fill.fgColor.rgb == "FF" + WARNING_FILL
    assert cell.comment.text == "【惠民校验】要改"
    lines = [[one.value for one in row] for row in book["问题清单"].iter_rows(min_row=5)]
    assert lines[0] == ["1", "该行退回", "表1", "B2", "", "x", "整数", "要改"]
    assert book["问题清单"]["D5"].hyperlink.location == "'表1'!B2"
    assert cells(copy.content) == cells(made())


def test_several_issues_of_a_cell_share_one_note_and_an_error_outranks_a_warning() -> None:
    content = annotate(made(), "a.xlsx", [issue("B2", severity="warning", text="核对"), issue("B2"), issue("B2")]).content
    cell = opened(content)["表1"]["B2"]
    assert cell.comment.text == "【惠民校验】1. 核对\n2. 要改"
    assert cell.fill.fgColor.rgb == "FF" + ERROR_FILL


def test_parts_without_marks_keep_their_compressed_bytes() -> None:
    before = made()
    after = annotate(before, "a.xlsx", [issue("B2")]).content
    for name in ("xl/theme/theme1.xml", "xl/sharedStrings.xml", "docProps/app.xml"):
        assert raw(before, name) == raw(after, name)


def raw(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        entry = opened.getinfo(name)
    start = entry.header_offset + 30 + len(name)
    start += int.from_bytes(content[entry.header_offset + 28 : entry.header_offset + 30], "little")
    return content[start : start + entry.compress_size]


def test_missing_rows_and_cells_are_added_in_order(tmp_path: Path) -> None:
    rows = f'<row r="2">{TEXT.format("B2", "b")}{TEXT.format("D2", "d")}</row><row r="5">{TEXT.format("A5", "a")}</row>'
    content = annotate(
        package(tmp_path, ooxml_parts(rows)), "a.xlsx", [issue(c) for c in ("C2", "A2", "E2", "B1", "C3", "A9")]
    ).content
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert re.findall(r'<c r="(\w+)"', sheet) == ["B1", "A2", "B2", "C2", "D2", "E2", "C3", "A5", "A9"]
    assert re.findall(r'<row r="(\d+)"', sheet) == ["1", "2", "3", "5", "9"]
    assert cells(content) == [("表1", {(2, 2): "b", (2, 4): "d", (5, 1): "a"})]


def test_cells_without_addresses_stay_where_they_are(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    before = package(tmp_path, ooxml_parts(rows))
    after = annotate(before, "a.xlsx", [issue("A2"), issue("E1"), issue("B3")]).content
    assert cells(after) == cells(before)


def test_a_blank_cell_takes_the_format_of_its_row_or_column(tmp_path: Path) -> None:
    parts = ooxml_parts(
        '<row r="1" s="1" customFormat="1"/>',
        before='<cols><col min="2" max="3" style="2"/></cols>',
        styles=cell_formats(0, 9, 14),
    )
    book = opened(annotate(package(tmp_path, parts), "a.xlsx", [issue("B1"), issue("B2"), issue("D2")]).content)
    assert [book["表1"][place].number_format for place in ("B1", "B2", "D2")] == ["0%", "mm-dd-yy", "General"]


def test_a_workbook_without_styles_and_strings_gets_styles(tmp_path: Path) -> None:
    content = annotate(package(tmp_path, ooxml_parts('<row r="1"><c r="A1"><v>1</v></c></row>')), "a.xlsx", [issue("A1")]).content
    assert opened(content)["表1"]["A1"].fill.fgColor.rgb == "FF" + ERROR_FILL
    assert cells(content) == [("表1", {(1, 1): "1"})]


def test_a_strict_workbook_stays_strict(tmp_path: Path) -> None:
    parts = ooxml_parts('<row r="1"><c r="A1"><v>1</v></c></row>', main=STRICT_MAIN, relations=STRICT_RELATIONS)
    content = annotate(package(tmp_path, parts), "a.xlsx", [issue("A1")]).content
    with zipfile.ZipFile(io.BytesIO(content)) as opened_package:
        texts = {
            name: opened_package.read(name).decode() for name in opened_package.namelist() if name.endswith((".xml", ".rels"))
        }
    package_relations = {name: text.replace(RELS, "") for name, text in texts.items() if name.startswith("xl/")}
    assert [name for name, text in package_relations.items() if "schemas.openxmlformats.org" in text] == []
    assert cells(content) == [("表1", {(1, 1): "1"})]


def test_the_drawing_of_notes_stands_before_what_must_follow_it(tmp_path: Path) -> None:
    after = (
        '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'
        '<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/>'
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14">'
        '<controls/></mc:Choice></mc:AlternateContent><tableParts count="0"/><extLst/>'
    )
    content = annotate(
        package(tmp_path, ooxml_parts('<row r="1"><c r="A1"><v>1</v></c></row>', after=after)), "a.xlsx", [issue("B2")]
    ).content
    sheet = part(content, "xl/worksheets/sheet1.xml")
    order = re.findall(r"<(?:mc:)?(sheetData|mergeCells|pageMargins|legacyDrawing|AlternateContent|tableParts|extLst)\b", sheet)
    assert order == ["sheetData", "mergeCells", "pageMargins", "legacyDrawing", "AlternateContent", "tableParts", "extLst"]
    assert opened(content)["表1"]["A1"].comment.text == "【惠民校验】要改"


def with_notes(author: str = "李科长") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表1")
        for row in range(4):
            sheet.write(row, 1, row)
            sheet.write_comment(row, 1, f"批示{row}", {"author": author, "x_scale": 3, "color": "#FFCC99"})
        sheet.set_header("&C&G", {"image_center": "p.png", "image_data_center": io.BytesIO(PICTURE)})
    return buffer.getvalue()


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7356281"
    "0000000049454e44ae426082"
)


def test_notes_of_the_office_are_kept_and_ours_stands_behind() -> None:
    content = annotate(with_notes(), "a.xlsx", [issue("B2"), issue("C2")]).content
    sheet = opened(content)["表1"]
    assert sheet["B2"].comment.text == "批示1\n【惠民校验】要改"
    assert [sheet[f"B{row}"].comment.text for row in (1, 3, 4)] == ["批示0", "批示2", "批示3"]
    assert sheet["C2"].comment.text == "【惠民校验】要改"
    drawing = part(content, "xl/drawings/vmlDrawing1.vml")
    identities = re.findall(r'id="_x0000_s(\d+)"', drawing)
    assert len(identities) == len(set(identities)) == 5
    assert drawing.startswith(part(with_notes(), "xl/drawings/vmlDrawing1.vml").split("<o:idmap")[0])
    assert "legacyDrawingHF" in part(content, "xl/worksheets/sheet1.xml")
    blocks = re.findall(r'data="([\d,]+)"', drawing + part(content, "xl/drawings/vmlDrawing2.vml"))
    numbers = [number for block in blocks for number in block.split(",")]
    assert numbers.count("2") == 1


def test_a_thread_is_left_as_it_is() -> None:
    before = with_notes("tc={8A1B}")
    content = annotate(before, "a.xlsx", [issue("B2")]).content
    assert opened(content)["表1"]["B2"].comment.text == "批示1"
    assert opened(content)["表1"]["B2"].fill.fgColor.rgb == "FF" + ERROR_FILL


def test_what_counts_sheets_by_position_is_moved() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        first, second = book.add_worksheet("表1"), book.add_worksheet("表2")
        first.write("A1", 1)
        second.print_area("A1:B2")
        second.activate()
        second.set_first_sheet()
        book.define_name("表1!本地", "=表1!$A$1")
    content = annotate(buffer.getvalue(), "a.xlsx", [issue("A1")]).content
    opened_book = opened(content)
    assert opened_book.sheetnames == ["问题清单", "表1", "表2"]
    assert opened_book.active.title == "表2"
    assert opened_book["表2"].print_area == "'表2'!$A$1:$B$2"
    assert list(opened_book["表1"].defined_names) == ["本地"]
    assert 'activeTab="2"' in part(content, "xl/workbook.xml")


def test_a_sheet_of_the_office_with_our_name_stays_its_own() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("问题清单").write("A1", "单位自己的清单")
    content = annotate(buffer.getvalue(), "a.xlsx", [issue("A1", sheet="问题清单")]).content
    assert opened(content).sheetnames == ["问题清单 (2)", "问题清单"]
    assert cells(content) == [("问题清单", {(1, 1): "单位自己的清单"})]


def test_issues_of_a_row_stand_at_its_first_cell_and_those_of_a_document_in_the_list_alone() -> None:
    issues = [
        issue(None, row=2),
        issue(None, severity="document", text="整份退回"),
        issue(None, sheet="没有的表", row=1),
        issue("XFE1"),
    ]
    content = annotate(made(), "a.xlsx", issues).content
    book = opened(content)
    notes = [cell.coordinate for row in book["表1"].iter_rows() for cell in row if cell.comment]
    assert notes == ["B2"]
    assert [row[7].value for row in book["问题清单"].iter_rows(min_row=5)] == ["整份退回", "要改", "要改", "要改"]
    assert book["问题清单"]["D6"].value == "第2行"


def test_everything_that_is_written_is_text() -> None:
    bad = Issue(
        "r",
        Severity.ERROR,
        "=cmd|' /C calc'!A0\x00\ud800<&>_x0041_",
        "",
        sheet="表1",
        cell="B2",
        found="=1+1",
        expected="@SUM(1)",
    )
    content = annotate(made(), "=1.xlsx", [bad]).content
    sheet = part(content, "xl/worksheets/sheet2.xml")
    assert "<f>" not in sheet and set(re.findall(r'<c [^>]*t="(\w+)"', sheet)) == {"inlineStr"}
    assert len(re.findall(r"<c ", sheet)) == len(re.findall(r't="inlineStr"', sheet))
    listed = read_ooxml(io.BytesIO(content)).sheets[0]
    values = [listed.text(5, column) for column in range(1, 9)]
    assert values[5:] == ["=1+1", "@SUM(1)", "=cmd|' /C calc'!A0<&>_x0041_"]


def test_a_second_copy_takes_the_place_of_the_first() -> None:
    first = annotate(with_notes(), "a.xlsx", [issue("B2"), issue("C2"), issue("D4", severity="warning")])
    again = annotate(first.content, first.file_name, [issue("C2", text="还要改")])
    book = opened(again.content)
    assert book.sheetnames == ["问题清单", "表1"]
    notes = {cell.coordinate: cell.comment.text for row in book["表1"].iter_rows() for cell in row if cell.comment}
    assert notes == {"B1": "批示0", "B2": "批示1", "B3": "批示2", "B4": "批示3", "C2": "【惠民校验】还要改"}
    assert book["表1"]["B2"].fill.fill_type is None and book["表1"]["D4"].fill.fill_type is None
    assert book["表1"]["C2"].fill.fgColor.rgb == "FF" + ERROR_FILL
    assert [row[7].value for row in book["问题清单"].iter_rows(min_row=5)] == ["还要改"]
    assert part(again.content, "xl/drawings/vmlDrawing1.vml").count("<v:shape ") == 5


def test_a_copy_that_another_program_saved_is_known_again() -> None:
    first = annotate(made(), "a.xlsx", [issue("B2")]).content
    buffer = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(first)).save(buffer)
    assert cells(buffer.getvalue()) == cells(made())
    book = opened(annotate(buffer.getvalue(), "a.xlsx", []).content)
    assert book.sheetnames == ["问题清单", "表1"]
    assert book["表1"]["B2"].comment is None and book["表1"]["B2"].fill.fill_type is None
    assert "没有发现问题。" in [row[0].value for row in book["问题清单"].iter_rows()]


@pytest.mark.parametrize(
    ("main_type", "suffix"),
    [
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", ".xlsm"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", ".xltx"),
    ],
)
def test_the_suffix_is_that_of_the_content(tmp_path: Path, main_type: str, suffix: str) -> None:
    parts = ooxml_parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(plain, main_type)
    parts["xl/vbaProject.bin"] = "macro"
    copy = annotate(package(tmp_path, parts), "报表.xls", [issue("A1")])
    assert copy.file_name == f"报表{suffix}"
    assert part(copy.content, "xl/vbaProject.bin") == "macro"


def test_notes_are_limited_and_the_list_says_so() -> None:
    many = [issue(f"A{row}") for row in range(1, 1203)]
    book = opened(annotate(made(), "a.xlsx", many).content)
    notes = [cell for row in book["表1"].iter_rows() for cell in row if cell.comment]
    filled = [cell for row in book["表1"].iter_rows() for cell in row if cell.fill.fgColor.rgb == "FF" + ERROR_FILL]
    assert (len(notes), len(filled)) == (1000, 1202)
    assert "批注只加在前 1000 个单元格" in book["问题清单"]["A4"].value


def test_entities_and_bombs_are_not_opened(tmp_path: Path) -> None:
    parts = ooxml_parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    parts["xl/worksheets/sheet1.xml"] = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + parts[
        "xl/worksheets/sheet1.xml"
    ].replace("<v>1</v>", "<v>&e;</v>")
    copy = annotate(package(tmp_path, parts), "a.xlsx", [issue("A1")])
    assert opened(copy.content).sheetnames == ["问题清单"]


def test_relations_are_those_of_the_constants() -> None:
    assert RELATIONS in part(annotate(made(), "a.xlsx", [issue("B2")]).content, "xl/worksheets/_rels/sheet1.xml.rels")
