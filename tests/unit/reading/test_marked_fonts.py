"""How each format says that a font strikes or raises, and what only looks like it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.sheets import Cell
from tests.support.documents import biff, xlsb_parts
from tests.support.documents.biff import BiffSheet, biff_stream
from tests.support.documents.ooxml_parts import write_rows
from tests.support.documents.styled_text import OOXML_STYLES, write_binary
from tests.support.documents.xlsb_parts import write_xlsb

TWO_FONTS = "<fonts><font/><font><strike/></font></fonts>"
URN = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = "".join(f' xmlns:{name}="{URN}{name}:1.0"' for name in ("office", "table", "text", "style"))


def first(path: Path) -> Cell:
    return open_workbook(path).sheets[0].rows[1][1]


def run(text: str, properties: str | None) -> str:
    own = "" if properties is None else f"<rPr>{properties}</rPr>"
    return f"<r>{own}<t>{text}</t></r>"


@pytest.mark.parametrize(
    ("item", "style", "text", "flags"),
    [
        (run("1", "<strike/>") + run("2", "<b/>"), 0, "2", ("part_struck",)),
        (run("1", '<strike val="1"/>') + run("2", "<b/>"), 0, "2", ("part_struck",)),
        (run("1", '<strike val="true"/>') + run("2", None), 0, "2", ("part_struck",)),
        (run("1", "<dstrike/>") + run("2", "<b/>"), 0, "2", ("part_struck",)),
        (run("1", '<strike val="0"/>') + run("2", "<b/>"), 0, "12", ()),
        (run("1", '<strike val="false"/><dstrike val="off"/>') + run("2", "<b/>"), 0, "12", ()),
        (run("4", None) + run("1", '<vertAlign val="superscript"/>'), 0, "4¹", ("part_raised",)),
        (run("4", None) + run("1", '<vertAlign val="baseline"/>'), 0, "41", ()),
        (run("1", None) + run("2", "<b/>"), 1, "2", ("part_struck",)),
        (run("1", "<b/>") + run("2", "<b/>"), 1, "12", ()),
        ("<t>12</t>", 1, "12", ("struck",)),
        ("<t>12</t>", 2, "12", ("raised",)),
        ("<t>12</t>", 0, "12", ()),
        ('<t>12</t><rPh sb="0" eb="1"><t>shi</t></rPh>', 0, "12", ()),
        (run("惠", "<strike/>") + run("_x000D_", "<strike/>") + run("城", "<b/>"), 0, "城", ("part_struck",)),
    ],
)
@pytest.mark.parametrize("is_shared", [True, False])
def test_runs_and_styles_of_office_open_xml(
    tmp_path: Path, item: str, style: int, text: str, flags: tuple[str, ...], is_shared: bool
) -> None:
    rows = f'<row><c t="s" s="{style}"><v>0</v></c></row>' if is_shared else ""
    rows = rows or f'<row><c t="inlineStr" s="{style}"><is>{item}</is></c></row>'
    cell = first(write_rows(tmp_path, rows, strings=f"<si>{item}</si>" if is_shared else None, styles=OOXML_STYLES))
    assert (cell.text, cell.flags) == (text, flags)


def test_one_string_in_cells_of_several_styles(tmp_path: Path) -> None:
    rows = "<row>" + "".join(f'<c t="s" s="{style}"><v>0</v></c>' for style in (0, 1, 0, 2)) + "</row>"
    sheet = open_workbook(write_rows(tmp_path, rows, strings="<si><t>12</t></si>", styles=OOXML_STYLES)).sheets[0]
    assert [cell.flags for cell in sheet.rows[1].values()] == [(), ("struck",), (), ("raised",)]


def test_numbers_dates_and_results_of_formulas_are_struck_too(tmp_path: Path) -> None:
    styles = TWO_FONTS + '<cellXfs><xf/><xf fontId="1"/><xf fontId="1" numFmtId="14"/></cellXfs>'
    rows = '<row><c s="1"><v>7</v></c><c s="2"><v>45078</v></c><c s="1"><f>A1</f><v>7</v></c>'
    rows += '<c s="1" t="b"><v>1</v></c><c s="1"/></row>'
    cells = open_workbook(write_rows(tmp_path, rows, styles=styles)).sheets[0].rows[1]
    assert [(cell.text, "struck" in cell.flags) for cell in cells.values()] == [
        ("7", True),
        ("2023-06-01", True),
        ("7", True),
        ("TRUE", True),
    ]


def test_fonts_of_conditional_formats_and_named_styles_are_no_cells(tmp_path: Path) -> None:
    styles = TWO_FONTS + '<cellStyleXfs><xf fontId="1"/></cellStyleXfs><cellXfs><xf fontId="0"/></cellXfs>'
    styles += "<dxfs><dxf><font><strike/></font></dxf></dxfs>"
    rule = '<cfRule type="expression" dxfId="0" priority="1"><formula>1</formula></cfRule>'
    after = f'<conditionalFormatting sqref="A1">{rule}</conditionalFormatting>'
    assert first(write_rows(tmp_path, "<row><c><v>7</v></c></row>", styles=styles, after=after)).flags == ()


def test_an_unmarked_font_after_marked_text_of_an_old_workbook(tmp_path: Path) -> None:
    cells = [biff.rich(0, 0, "新12旧34", [(1, 5), (3, 0), (4, 6)]), biff.rich(1, 0, "𠀀12", [(2, 5), (3, 0)])]
    fonts = [biff.font(is_struck=True), biff.font(escapement=1)]
    path = tmp_path / "book.xls"
    path.write_bytes(biff_stream([BiffSheet("表1", cells)], formats=(0,), fonts=fonts))
    rows = open_workbook(path).sheets[0].rows
    assert [(rows[row][1].text, rows[row][1].original) for row in (1, 2)] == [("新旧³⁴", "新12旧34"), ("𠀀2", "𠀀12")]


def test_rich_texts_in_the_cells_of_a_binary_workbook(tmp_path: Path) -> None:
    rich = xlsb_parts.rich("𠀀12", [(0, 0), (2, 1), (3, 0)])
    rows = xlsb_parts.row(0) + xlsb_parts.cell(62, 0, rich)
    fonts = [xlsb_parts.font(), xlsb_parts.font(is_struck=True)]
    assert first(write_xlsb(tmp_path / "book.xlsb", rows, fonts=fonts)).text == "𠀀2"
    assert first(write_binary(tmp_path / "plain.xlsb", [["甲"]])).flags == ()


def ods(folder: Path, *, named: str = "", automatic: str = "", table: str) -> Path:
    content = (
        f"<office:document-content{SPACES}><office:automatic-styles>{automatic}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="表1">{table}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    styles = f"<office:document-styles{SPACES}><office:styles>{named}</office:styles></office:document-styles>"
    path = folder / "book.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("styles.xml", styles)
    return path


def style(name: str, family: str, properties: str, parent: str = "") -> str:
    inherits = f' style:parent-style-name="{parent}"' if parent else ""
    head = f'<style:style style:name="{name}" style:family="{family}"{inherits}>'
    return f"{head}<style:text-properties {properties}/></style:style>"


LINE = 'style:text-line-through-type="double"'
NO_LINE = 'style:text-line-through-type="none"'


def line(inner: str, *, cell: str = "", paragraph: str = "", row: str = "") -> str:
    """A row of one text cell."""
    text = f"<text:p {paragraph}>{inner}</text:p>"
    return (
        f'<table:table-row {row}><table:table-cell office:value-type="string" {cell}>{text}</table:table-cell></table:table-row>'
    )


def span(name: str, inner: str) -> str:
    return f'<text:span text:style-name="{name}">{inner}</text:span>'


OLD = style("旧", "table-cell", LINE)
OF_COLUMN = '<table:table-column table:default-cell-style-name="ce1"/>'
SPANS = style("T1", "text", LINE) + style("T2", "text", NO_LINE)
HEIGHTS = style("T1", "text", 'style:text-position="0% 100%"') + style("T2", "text", 'style:text-position="super 58%"')


@pytest.mark.parametrize(
    ("named", "automatic", "table", "text", "flags"),
    [
        (OLD, "", line("12", cell='table:style-name="旧"'), "12", ("struck",)),
        (OLD, style("ce1", "table-cell", "", "旧"), OF_COLUMN + line("12"), "12", ("struck",)),
        (
            OLD,
            style("ce1", "table-cell", NO_LINE, "旧"),
            line("12", row='table:default-cell-style-name="ce1"'),
            "12",
            (),
        ),
        ("", style("P1", "paragraph", LINE), line("12", paragraph='text:style-name="P1"'), "12", ("struck",)),
        ("", SPANS, line(span("T1", "1<text:span>0</text:span>") + "2"), "2", ("part_struck",)),
        ("", SPANS, line(span("T1", "1" + span("T2", "2"))), "2", ("part_struck",)),
        ("", HEIGHTS, line("4" + span("T1", "1")), "41", ()),
        ("", HEIGHTS, line("4" + span("T2", "1")), "4¹", ("part_raised",)),
        ("", SPANS, line(span("T1", "1") + "2", cell='office:string-value="12"'), "2", ("part_struck",)),
        ("", SPANS, line(span("T1", "1") + "2", cell='office:string-value="别"'), "别", ()),
    ],
)
def test_styles_of_opendocument(
    tmp_path: Path, named: str, automatic: str, table: str, text: str, flags: tuple[str, ...]
) -> None:
    cell = first(ods(tmp_path, named=named, automatic=automatic, table=table))
    assert (cell.text, cell.flags) == (text, flags)


@pytest.mark.parametrize(
    ("cell", "text", "flags"),
    [
        ("<td><del>1</del>2</td>", "2", ("part_struck",)),
        ("<td><strike><b>1</b></strike> 2</td>", "2", ("part_struck",)),
        ('<td><span style="text-decoration:line-through;color:red">1</span>2</td>', "2", ("part_struck",)),
        ('<td><font class="font5">1</font>2</td>', "2", ("part_struck",)),
        ("<td class='xl66'>12</td>", "12", ("struck",)),
        ('<td style="TEXT-DECORATION: underline line-through">12</td>', "12", ("struck",)),
        ("<td><s>1<span style='text-decoration:none'>0</span></s>2</td>", "2", ("part_struck",)),
        ("<td>4<sup>1</sup></td>", "4¹", ("part_raised",)),
        ('<td>4<span style="vertical-align:super">1</span></td>', "4¹", ("part_raised",)),
        ("<td>H<sub>2</sub>O</td>", "H₂O", ("part_raised",)),
        ('<td style="vertical-align:super">12</td>', "12", ()),
        ('<td style="vertical-align:middle">1<span style="vertical-align:baseline">2</span></td>', "12", ()),
        ("<td><u>1</u><b>2</b></td>", "12", ()),
        ('<td><span style="text-decoration:underline">12</span></td>', "12", ()),
        ("<td class='xl65'>12</td>", "12", ()),
        ("<td><s>已</s><br>办</td>", "办", ("part_struck",)),
        ('<td x:num="12.5" class=xl66>13</td>', "12.5", ("struck",)),
    ],
)
def test_elements_styles_and_classes_of_a_page(tmp_path: Path, cell: str, text: str, flags: tuple[str, ...]) -> None:
    head = "<style>.xl65 {color:red} .xl66, td.xl67 {text-decoration:line-through;} .font5{text-decoration:line-through}</style>"
    path = tmp_path / "page.xls"
    path.write_text(f"<html><head>{head}</head><body><table><tr>{cell}</tr></table></body></html>", encoding="utf-8")
    found = first(path)
    assert (found.text, found.flags) == (text, flags)


def test_a_row_of_a_page_is_struck_by_its_style(tmp_path: Path) -> None:
    path = tmp_path / "page.xls"
    path.write_text('<table><tr style="text-decoration:line-through"><td>12</td></tr></table>', encoding="utf-8")
    assert first(path).flags == ("struck",)


@pytest.mark.parametrize(
    ("font", "data", "text", "flags"),
    [
        ('ss:StrikeThrough="1"', "12", "12", ("struck",)),
        ('ss:StrikeThrough="0"', "12", "12", ()),
        ("", "<S>1</S>2", "2", ("part_struck",)),
        ("", '<Font html:Color="#FF0000"><S>1</S></Font><B>2</B>', "2", ("part_struck",)),
        ("", "4<Font><Sup>1</Sup></Font>", "4¹", ("part_raised",)),
        ('ss:StrikeThrough="1"', "<B>1</B>2", "12", ("struck",)),
    ],
)
def test_fonts_of_an_xml_spreadsheet(tmp_path: Path, font: str, data: str, text: str, flags: tuple[str, ...]) -> None:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    styles = f'<Style ss:ID="p"><Font {font}/></Style><Style ss:ID="s1" ss:Parent="p"><Font ss:Bold="1"/></Style>'
    path = tmp_path / "book.xls"
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}" xmlns:html="http://www.w3.org/TR/REC-html40">'
        f'<Styles>{styles}</Styles><Worksheet ss:Name="表1"><Table><Row><Cell ss:StyleID="s1">'
        f'<ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{data}</ss:Data></Cell></Row></Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    cell = first(path)
    assert (cell.text, cell.flags) == (text, flags)
