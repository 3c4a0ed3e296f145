"""Office Open XML as other programs write it: each trap is one hand-written package."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Area, CellKind, Sheet
from tests.support.documents.ooxml_parts import (
    MAIN,
    STRICT_MAIN,
    STRICT_RELATIONS,
    cell_at,
    cell_formats,
    ooxml_parts,
    shown,
    write_parts,
    write_rows,
)

ONE_ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>198</v></c></row>'
STRING = "<si><t>惠城区</t></si>"


def read_sheet(path: Path) -> Sheet:
    return open_workbook(path).sheets[0]


def test_a_strict_workbook_is_read_like_any_other(tmp_path: Path) -> None:
    path = write_rows(tmp_path, ONE_ROW, strings=STRING, main=STRICT_MAIN, relations=STRICT_RELATIONS)

    assert shown(read_sheet(path)) == {"A1": "惠城区", "B1": "198"}


def test_prefixed_namespaces_are_read(tmp_path: Path) -> None:
    parts = ooxml_parts(ONE_ROW, strings=STRING)
    parts["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells></x:worksheet>'
    )
    parts["xl/sharedStrings.xml"] = (
        f'<x:sst xmlns:x="{MAIN}"><x:si><x:r><x:t>惠</x:t></x:r><x:r><x:t>城</x:t></x:r></x:si></x:sst>'
    )
    sheet = read_sheet(write_parts(tmp_path / "book.xlsx", parts))

    assert shown(sheet) == {"A1": "惠城"}
    assert sheet.merges == [Area(1, 1, 2, 2)]


def test_text_kept_in_the_cells_needs_no_shared_strings(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>镇</t></is></c>'
    rows += '<c r="B1" t="inlineStr"><is><r><t>街</t></r><r><t>道</t></r></is></c></row>'

    assert shown(read_sheet(write_rows(tmp_path, rows))) == {"A1": "镇", "B1": "街道"}


def test_phonetic_guides_are_no_text(tmp_path: Path) -> None:
    strings = '<si><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="1"><t>トウ</t></rPh></si>'

    assert shown(read_sheet(write_rows(tmp_path, '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=strings))) == {
        "A1": "東京"
    }


def test_escaped_characters_are_resolved_once(tmp_path: Path) -> None:
    strings = "<si><t>第一行_x000D_\n第二行</t></si><si><t>_x005F_x000D_</t></si><si><t>_xD83D__xDE00_</t></si>"
    rows = '<row r="1">' + "".join(f'<c t="s"><v>{index}</v></c>' for index in range(3)) + "</row>"

    assert shown(read_sheet(write_rows(tmp_path, rows, strings=strings))) == {
        "A1": "第一行\r\n第二行",
        "B1": "_x000D_",
        "C1": "😀",
    }


def test_rows_and_cells_without_addresses_count_on(tmp_path: Path) -> None:
    rows = '<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c><c><v>4</v></c></row>'
    rows += "<row><c><v>5</v></c></row>"

    assert shown(read_sheet(write_rows(tmp_path, rows))) == {"A1": "1", "B1": "2", "C5": "3", "D5": "4", "A6": "5"}


def test_a_cell_stands_where_its_address_says(tmp_path: Path) -> None:
    rows = '<row r="3"><c r="B4"><v>1</v></c><c r="$A$3"><v>2</v></c></row>'

    assert shown(read_sheet(write_rows(tmp_path, rows))) == {"A3": "2", "B4": "1"}


def test_a_place_written_twice_holds_the_last_value_and_says_so(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row><row r="1"><c r="B1"><v>3</v></c></row>'
    sheet = read_sheet(write_rows(tmp_path, rows))

    assert shown(sheet) == {"A1": "2", "B1": "3"}
    assert cell_at(sheet, "A1").flags == ("duplicate_cell",)


@pytest.mark.parametrize(
    ("xml", "text", "kind", "flags"),
    [
        ("<f>1+1</f><v>2</v>", "2", CellKind.NUMBER, ("formula",)),
        ('t="str"><f>A2&amp;""</f><v>甲</v>', "甲", CellKind.TEXT, ("formula",)),
        ('t="str"><f>IF(1,"")</f><v></v>', "", CellKind.TEXT, ("formula",)),
        ('t="b"><f>TRUE()</f><v>1</v>', "TRUE", CellKind.BOOL, ("formula",)),
        ('t="e"><f>1/0</f><v>#DIV/0!</v>', "#DIV/0!", CellKind.ERROR, ("formula",)),
        ('t="e"><v>#N/A</v>', "#N/A", CellKind.ERROR, ()),
        ('><f t="shared" si="0"/><v>7</v>', "7", CellKind.NUMBER, ("formula",)),
        ('><f t="array" ref="A1:A3">B1:B3*2</f><v>8</v>', "8", CellKind.NUMBER, ("formula",)),
        ("<f>SUM(B1:B9)</f>", "", CellKind.TEXT, ("formula", "formula_without_value")),
        ("<f>SUM(B1:B9)</f><v></v>", "", CellKind.TEXT, ("formula", "formula_without_value")),
        ('t="b"><v>0</v>', "FALSE", CellKind.BOOL, ()),
        ('t="d"><v>2023-06-01T00:00:00</v>', "2023-06-01", CellKind.DATE, ()),
        ('t="d"><v>2023-06-01T08:30:00.000</v>', "2023-06-01 08:30:00", CellKind.DATETIME, ()),
        ('t="d"><v>08:30:00</v>', "08:30:00", CellKind.TIME, ()),
        ("<v>1E3</v>", "1000", CellKind.NUMBER, ()),
        ("<v>1.5E-7</v>", "0.00000015", CellKind.NUMBER, ()),
        ("<v>-0</v>", "0", CellKind.NUMBER, ()),
        ("<v>abc</v>", "abc", CellKind.TEXT, ("not_a_number",)),
        ("<v>9007199254740993</v>", "9007199254740993", CellKind.NUMBER, ("precision_lost",)),
        ("<v>4.41302199001E+17</v>", "441302199001000000", CellKind.NUMBER, ("precision_lost",)),
        ("<v>6222021234567890</v>", "6222021234567890", CellKind.NUMBER, ("precision_lost",)),
    ],
)
def test_a_cell_of_each_kind(tmp_path: Path, xml: str, text: str, kind: CellKind, flags: tuple[str, ...]) -> None:
    body = xml if xml.startswith("t=") else xml.removeprefix(">")
    cell = f'<c r="A1" {body}</c>' if xml.startswith("t=") else f'<c r="A1">{body}</c>'
    read = cell_at(read_sheet(write_rows(tmp_path, f'<row r="1">{cell}</row>')), "A1")

    assert (read.text, read.kind, tuple(flag for flag in read.flags if flag != "readers_disagree")) == (text, kind, flags)


def test_a_value_that_is_not_there_is_blank(tmp_path: Path) -> None:
    kinds = ("s", "b", "n", "e", "d")
    cells = "".join(f'<c r="" t="{kind}"><v></v></c><c t="{kind}"/>' for kind in kinds)
    sheet = read_sheet(write_rows(tmp_path, f'<row r="1">{cells}<c><v>1</v></c></row>'))

    assert shown(sheet) == {"K1": "1"}


def test_what_cannot_be_seen_is_cleaned_and_kept_beside(tmp_path: Path) -> None:
    texts = ["\u00a0王\u200b某\u00a0", "\u200b", " ", "a\u00a0b"]
    cells = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in texts)
    sheet = read_sheet(write_rows(tmp_path, f'<row r="1">{cells}</row>'))

    assert shown(sheet) == {"A1": "王某", "B1": "", "C1": "", "D1": "a\u00a0b"}
    assert [cell_at(sheet, place).original for place in ("A1", "B1", "C1", "D1")] == [*texts[:3], None]


def test_cells_without_style_sheet_are_plain_and_with_an_unknown_style_flagged(tmp_path: Path) -> None:
    sheet = read_sheet(write_rows(tmp_path, '<row r="1"><c r="A1"><v>45078</v></c><c r="B1" s="3"><v>45078</v></c></row>'))

    assert shown(sheet) == {"A1": "45078", "B1": "45078"}
    assert cell_at(sheet, "A1").flags == ()
    assert cell_at(sheet, "B1").flags == ("unknown_format",)


def test_dates_since_1904(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" s="0"><v>0</v></c><c r="B1" s="0"><v>43616</v></c></row>'
    path = write_rows(tmp_path, rows, styles=cell_formats(14), workbook_head='<workbookPr date1904="1"/>')

    assert shown(read_sheet(path)) == {"A1": "1904-01-01", "B1": "2023-06-01"}


def test_results_of_a_workbook_that_waits_to_be_calculated_are_flagged(tmp_path: Path) -> None:
    path = write_rows(tmp_path, '<row r="1"><c r="A1"><f>1+1</f><v>0</v></c></row>', workbook_tail='<calcPr fullCalcOnLoad="1"/>')

    assert cell_at(read_sheet(path), "A1").flags == ("formula", "not_calculated")


def test_what_is_hidden_is_read_and_said(tmp_path: Path) -> None:
    before = '<cols><col min="2" max="3" hidden="1"/><col min="5" max="5" width="0" customWidth="1"/></cols>'
    rows = '<row r="1"><c><v>1</v></c></row><row r="2" hidden="1"><c><v>2</v></c></row><row r="3" ht="0"><c><v>3</v></c></row>'
    parts = ooxml_parts(rows, before=before)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<sheet ", '<sheet state="veryHidden" ')
    sheet = read_sheet(write_parts(tmp_path / "book.xlsx", parts))

    assert (sheet.hidden, sheet.hidden_rows, sheet.hidden_columns) == (True, {2, 3}, {2, 3, 5})
    assert sheet.last_row == 3


def test_charts_are_no_sheets_and_are_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "甲"
    book.create_chartsheet("图")
    book.save(tmp_path / "book.xlsx")
    read = open_workbook(tmp_path / "book.xlsx")

    assert [sheet.name for sheet in read.sheets] == ["Sheet"]
    assert any("图" in note for note in read.notes)


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("xl/worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"),
        ("xl\\worksheets\\sheet1.xml", "worksheets/sheet1.xml"),
        ("xl/worksheets/sheet1.xml", "worksheets\\sheet1.xml"),
        ("xl/Worksheets/Sheet1.XML", "worksheets/sheet1.xml"),
        ("/xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"),
        ("xl/worksheets/sheet1.xml", "../xl/./worksheets/sheet1.xml"),
    ],
)
def test_part_names_of_any_make(tmp_path: Path, part: str, target: str) -> None:
    parts = ooxml_parts(ONE_ROW, strings=STRING)
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", target)
    renamed = {part if name == "xl/worksheets/sheet1.xml" else name: text for name, text in parts.items()}

    assert shown(read_sheet(write_parts(tmp_path / "book.xlsx", renamed))) == {"A1": "惠城区", "B1": "198"}


def test_macros_and_templates_are_read_like_workbooks(tmp_path: Path) -> None:
    for kind in ("sheet.macroEnabled.main", "template.main"):
        parts = ooxml_parts(ONE_ROW, strings=STRING)
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("sheet.main", kind)
        parts["xl/vbaProject.bin"] = "not a macro"
        assert shown(read_sheet(write_parts(tmp_path / "book.xlsm", parts)))["B1"] == "198"


def test_bytes_after_the_package_and_streamed_members_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"

    class Unseekable:
        def __init__(self) -> None:
            self._file = path.open("wb")

        def write(self, data: bytes) -> int:
            return self._file.write(data)

        def flush(self) -> None:
            self._file.flush()

        def close(self) -> None:
            self._file.close()

    target = Unseekable()
    with zipfile.ZipFile(target, "w") as package:  # type: ignore[arg-type]
        for name, text in ooxml_parts(ONE_ROW, strings=STRING).items():
            with package.open(name, "w", force_zip64=True) as member:
                member.write(text.encode())
    target.close()
    path.write_bytes(path.read_bytes() + b"\r\n" * 20)

    assert shown(read_sheet(path)) == {"A1": "惠城区", "B1": "198"}


def test_a_far_cell_costs_nothing_and_is_counted(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    book = open_workbook(write_rows(tmp_path, rows))

    assert shown(book.sheets[0]) == {"A1": "1", "XFD1048576": "2"}
    assert (book.sheets[0].last_row, book.sheets[0].last_column) == (1_048_576, 16_384)
    assert any("not compared" in note for note in book.notes)


def test_styled_blanks_are_no_rows(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XEP1" s="0"/></row><row r="900"><c r="A900" s="0"/></row>'
    sheet = read_sheet(write_rows(tmp_path, rows, styles=cell_formats(0)))

    assert (sheet.last_row, sheet.last_column) == (1, 1)


def without(part: str) -> dict[str, str]:
    parts = ooxml_parts(ONE_ROW, strings=STRING)
    del parts[part]
    return parts


def with_text(part: str, old: str, new: str) -> dict[str, str]:
    parts = ooxml_parts(ONE_ROW, strings=STRING)
    parts[part] = parts[part].replace(old, new)
    return parts


@pytest.mark.parametrize(
    "parts",
    [
        without("xl/workbook.xml"),
        without("xl/worksheets/sheet1.xml"),
        without("xl/sharedStrings.xml"),
        without("xl/_rels/workbook.xml.rels"),
        with_text("xl/worksheets/sheet1.xml", "<v>0</v>", "<v>-1</v>"),
        with_text("xl/worksheets/sheet1.xml", "<v>0</v>", "<v>7</v>"),
        with_text("xl/worksheets/sheet1.xml", 'r="B1"', 'r="ZZZ1"'),
        with_text("xl/worksheets/sheet1.xml", '<row r="1"', '<row r="1048577"'),
        with_text("xl/worksheets/sheet1.xml", '<row r="1"', '<row r="x"'),
        with_text("xl/worksheets/sheet1.xml", "</sheetData>", ""),
        with_text("xl/workbook.xml", "<sheet ", "<nothing "),
    ],
    ids=lambda parts: "",
)
def test_a_package_that_lacks_something_is_refused(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        open_workbook(write_parts(tmp_path / "book.xlsx", parts))

    assert refused.value.issue.rule == "unreadable_document"


def test_entities_are_refused_before_they_expand(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "哈哈">' + "".join(
        f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 50}">' for level in range(8)
    )
    outside = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">'
    for declared in (bomb, outside):
        parts = ooxml_parts('<row r="1"><c r="A1" t="str"><v>&i;</v></c></row>')
        parts["xl/worksheets/sheet1.xml"] = f"{declared}]>{parts['xl/worksheets/sheet1.xml']}"
        with pytest.raises(Refusal):
            open_workbook(write_parts(tmp_path / "book.xlsx", parts))


def test_a_package_that_unpacks_to_too_much_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in ooxml_parts(ONE_ROW, strings=STRING).items():
            package.writestr(name, text)
        with package.open("xl/media/blank.bin", "w") as member:
            for _ in range(420):
                member.write(bytes(1024 * 1024))

    with pytest.raises(Refusal) as refused:
        open_workbook(path)

    assert refused.value.issue.rule == "too_large"
