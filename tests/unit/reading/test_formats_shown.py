"""What each kind of workbook says of the formats of its cells: the same code, number and text in all of them."""

from __future__ import annotations

import html
import struct
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.sheets import Cell
from loaders.reading.values.shown_text import shown_text
from tests.support.documents import biff, xlsb_parts
from tests.support.documents.ooxml_parts import STRICT_MAIN, STRICT_RELATIONS, cell_at, cell_formats, write_rows

Writer = Callable[[Path, str, float | str], Path]

_ROW = '<row r="1"><c r="A1" s="0"{kind}>{value}</c></row>'


def _ooxml_row(value: float | str) -> str:
    if isinstance(value, str):
        return _ROW.format(kind=' t="inlineStr"', value=f"<is><t>{escape(value)}</t></is>")
    return _ROW.format(kind="", value=f"<v>{value}</v>")


def xlsx(folder: Path, code: str, value: float | str) -> Path:
    return write_rows(folder, _ooxml_row(value), styles=cell_formats(code))


def strict_xlsx(folder: Path, code: str, value: float | str) -> Path:
    return write_rows(folder, _ooxml_row(value), styles=cell_formats(code), main=STRICT_MAIN, relations=STRICT_RELATIONS)


def xls(folder: Path, code: str, value: float | str) -> Path:
    cell = biff.label(0, 0, value) if isinstance(value, str) else biff.number(0, 0, float(value))
    path = folder / "book.xls"
    path.write_bytes(biff.biff_stream([biff.BiffSheet("表1", [cell])], formats=(164,), codes={164: code}))
    return path


def xlsb(folder: Path, code: str, value: float | str) -> Path:
    number = struct.pack("<d", value) if not isinstance(value, str) else b""
    cell = xlsb_parts.cell(6, 0, xlsb_parts.wide(value)) if isinstance(value, str) else xlsb_parts.cell(5, 0, number)
    return xlsb_parts.write_xlsb(folder / "book.xlsb", xlsb_parts.row(0) + cell, formats=(code,))


def spreadsheet_ml(folder: Path, code: str, value: float | str) -> Path:
    kind = "String" if isinstance(value, str) else "Number"
    path = folder / "book.xml"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="s1">'
        f'<NumberFormat ss:Format={quoteattr(code)}/></Style></Styles><Worksheet ss:Name="表1"><Table><Row>'
        f'<Cell ss:StyleID="s1"><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell></Row></Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


def web_page(folder: Path, code: str, value: float | str) -> Path:
    said = code.replace("\\", "\\\\").replace('"', "\\0022")
    number = f' x:num="{value}"' if not isinstance(value, str) else ""
    shown = shown_text(cell_at(open_workbook(xlsx(folder, code, value)).sheets[0], "A1")) if number else str(value)
    path = folder / "book.html"
    path.write_text(
        f'<html xmlns:x="urn:x"><meta charset="utf-8"><style><!-- .xl1 {{mso-number-format:"{said}";}} --></style>'
        f'<table><tr><td class="xl1"{number}>{html.escape(shown)}</td></tr></table></html>',
        encoding="utf-8",
    )
    return path


WRITERS = [xlsx, strict_xlsx, xls, xlsb, spreadsheet_ml, web_page]


def the_cell(path: Path) -> Cell:
    return cell_at(open_workbook(path).sheets[0], "A1")


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("code", "value", "text", "shown"),
    [
        ('"GA2305"000', 1, "1", "GA2305001"),
        ("000000", 23051, "23051", "023051"),
        (r"0\.0,", 35000, "35000", "3.5"),
        ("0!.0,", 35000, "35000", "3.5"),
        ("#,##0,", 1280000, "1280000", "1,280"),
        ('0.0"万元"', 3.5, "3.5", "3.5万元"),
        ("0;[Red]0", -5, "-5", "5"),
        ('[>=10000]0!.0,"万";0', 35000, "35000", "3.5万"),
        ('"GA"@', "2305", "2305", "GA2305"),
        ("#,##0.00", 1234.5, "1234.5", "1,234.50"),
    ],
)
def test_a_cell_keeps_its_number_and_says_what_is_shown(
    tmp_path: Path, write: Writer, code: str, value: float | str, text: str, shown: str
) -> None:
    cell = the_cell(write(tmp_path, code, value))

    assert (cell.text, shown_text(cell)) == (text, shown)
    assert "readers_disagree" not in cell.flags


@pytest.mark.parametrize("write", [xlsx, strict_xlsx, xls, xlsb, spreadsheet_ml])
@pytest.mark.parametrize(
    ("code", "shown"), [('yyyy"年"m"月"', "2023年5月"), ("mmm-yy", "May-23"), ("yyyy", "2023"), ('m"月"d"日"', "5月31日")]
)
def test_a_date_keeps_its_day_and_says_what_is_shown(tmp_path: Path, write: Writer, code: str, shown: str) -> None:
    cell = the_cell(write(tmp_path, code, 45077))

    assert (cell.text, shown_text(cell)) == ("2023-05-31", shown)


_ODS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = {
    "office": "office",
    "style": "style",
    "table": "table",
    "number": "datastyle",
    "text": "text",
    "fo": "xsl-fo-compatible",
}
_SAID = " ".join(f'xmlns:{prefix}="{_ODS}:{name}:1.0"' for prefix, name in _SPACES.items())
_ODS_HEAD = f'<office:document {_SAID} office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
_NUMBER = '<number:number number:min-integer-digits="{0}" number:decimal-places="0"{1}/>'


def flat_ods(folder: Path, styles: str, cell: str, *, column: str = "", row: str = "") -> Path:
    path = folder / "book.fods"
    path.write_text(
        f'{_ODS_HEAD}<office:automatic-styles>{styles}<style:style style:name="ce1" style:family="table-cell" '
        'style:data-style-name="N1"/><style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>'
        '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="表1">'
        f"<table:table-column{column}/><table:table-row{row}>{cell}</table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document>",
        encoding="utf-8",
    )
    return path


def _ods_cell(value: str, style: str = ' table:style-name="ce1"', kind: str = "float", slot: str = "value") -> str:
    return f'<table:table-cell{style} office:value-type="{kind}" office:{slot}="{value}"><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    ("style", "value", "shown"),
    [
        (f"<number:text>GA2305</number:text>{_NUMBER.format(3, '')}", "1", "GA2305001"),
        (_NUMBER.format(6, ""), "23051", "023051"),
        (_NUMBER.format(1, ' number:grouping="true" number:display-factor="1000"'), "1280000", "1,280"),
        (
            '<number:number number:min-integer-digits="2" number:decimal-places="0" number:display-factor="1000">'
            '<number:embedded-text number:position="1">.</number:embedded-text></number:number>',
            "35000",
            "3.5",
        ),
        (
            '<number:number number:min-integer-digits="1" number:decimal-places="1"/><number:text>万元</number:text>',
            "3.5",
            "3.5万元",
        ),
        (f"<number:currency-symbol>¥</number:currency-symbol>{_NUMBER.format(1, '')}", "5", "¥5"),
        ('<number:number number:min-integer-digits="1"/><number:text>元</number:text>', "0.5", "0.5元"),
        (
            '<number:fraction number:min-integer-digits="0" number:min-numerator-digits="1" number:min-denominator-digits="1"/>',
            "1.5",
            "1 1/2",
        ),
        (
            '<number:scientific-number number:min-integer-digits="1" number:decimal-places="2" number:min-exponent-digits="2"/>',
            "12345",
            "1.23E+04",
        ),
    ],
)
def test_number_formats_of_open_document(tmp_path: Path, style: str, value: str, shown: str) -> None:
    cell = the_cell(flat_ods(tmp_path, f'<number:number-style style:name="N1">{style}</number:number-style>', _ods_cell(value)))

    assert (cell.text, shown_text(cell).strip()) == (value, shown)


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        (
            '<number:year number:style="long"/><number:text>年</number:text><number:month/><number:text>月</number:text>',
            "2023年5月",
        ),
        ('<number:month number:textual="true"/><number:text>-</number:text><number:year/>', "May-23"),
        ('<number:year number:style="long"/><number:text> </number:text><number:quarter/>', "2023 Q2"),
        ('<number:month number:style="long"/><number:text>/</number:text><number:day number:style="long"/>', "05/31"),
    ],
)
def test_date_formats_of_open_document(tmp_path: Path, style: str, shown: str) -> None:
    styles = f'<number:date-style style:name="N1">{style}</number:date-style>'
    cell = the_cell(flat_ods(tmp_path, styles, _ods_cell("2023-05-31", kind="date", slot="date-value")))

    assert (cell.text, shown_text(cell)) == ("2023-05-31", shown)


@pytest.mark.parametrize(("value", "shown"), [("5", "5.0"), ("-5", "5.0"), ("0", "—")])
def test_conditions_of_open_document(tmp_path: Path, value: str, shown: str) -> None:
    number = '<number:number number:min-integer-digits="1" number:decimal-places="1"/>'
    styles = (
        f'<number:number-style style:name="N1P0">{number}</number:number-style>'
        f'<number:number-style style:name="N1P1"><style:text-properties fo:color="#ff0000"/>{number}</number:number-style>'
        '<number:number-style style:name="N1"><number:text>—</number:text>'
        '<style:map style:condition="value()&gt;0" style:apply-style-name="N1P0"/>'
        '<style:map style:condition="value()&lt;0" style:apply-style-name="N1P1"/></number:number-style>'
    )
    cell = the_cell(flat_ods(tmp_path, styles, _ods_cell(value)))

    assert (cell.text, shown_text(cell)) == (value, shown)


@pytest.mark.parametrize(
    ("style", "column", "row"),
    [
        (' table:style-name="ce1"', "", ""),
        (' table:style-name="ce2"', "", ""),
        ("", ' table:default-cell-style-name="ce1"', ""),
        ("", ' table:default-cell-style-name="Default"', ' table:default-cell-style-name="ce1"'),
    ],
)
def test_styles_of_open_document_are_inherited(tmp_path: Path, style: str, column: str, row: str) -> None:
    styles = f'<number:number-style style:name="N1">{_NUMBER.format(6, "")}</number:number-style>'

    assert shown_text(the_cell(flat_ods(tmp_path, styles, _ods_cell("7", style), column=column, row=row))) == "000007"


def test_formats_of_differential_and_named_styles_are_no_formats_of_cells(tmp_path: Path) -> None:
    styles = (
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="164" applyNumberFormat="0"/></cellXfs>'
        '<dxfs><dxf><numFmt numFmtId="164" formatCode="0%"/></dxf></dxfs>'
    )
    cell = the_cell(write_rows(tmp_path, _ooxml_row(45047), styles=styles))

    assert (cell.text, shown_text(cell)) == ("2023-05-01", "2023-05-01")


def page_cell(folder: Path, cell: str, style: str = "") -> Cell:
    path = folder / "page.xls"
    path.write_text(f'<html><meta charset="utf-8"><style>{style}</style><table><tr>{cell}</tr></table></html>', encoding="utf-8")
    return the_cell(path)


@pytest.mark.parametrize(
    ("cell", "style", "text", "shown"),
    [
        ("<td style=\"mso-number-format:'0000'\">7</td>", "", "7", "0007"),
        ("<td style='mso-number-format:\"\\@\"'>0007</td>", "", "0007", "0007"),
        ("<td class=c1>23051</td>", '.c1 {color:red; mso-number-format:"000000"}', "23051", "023051"),
        ("<td class='a c1'>1</td>", 'td.c1, th {mso-number-format:"\\0022GA\\0022000";}', "1", "GA001"),
        ('<td sdval="35000" sdnum="2052;0;0\\.0,">3.5</td>', "", "35000", "3.5"),
        ("<td>0007</td>", "td {mso-number-format:General}", "0007", "0007"),
        ("<td class=c1 x:num=0.1234>12%</td>", ".c1 {mso-number-format:Percent}", "0.1234", "0.1234"),
        ("<td class=c1 x:num=1234.567>1,234.57</td>", ".c1 {mso-number-format:Standard}", "1234.567", "1,234.57"),
    ],
)
def test_formats_of_web_pages(tmp_path: Path, cell: str, style: str, text: str, shown: str) -> None:
    found = page_cell(tmp_path, cell, style)

    assert (found.text, shown_text(found)) == (text, shown)


@pytest.mark.parametrize(
    ("cell", "text", "is_flagged"),
    [
        ("<td x:num=0.1234>12%</td>", "0.1234", False),
        ("<td x:num=1234.5678>1,234.57</td>", "1234.5678", False),
        ("<td x:num=-5>(5)</td>", "-5", False),
        ("<td x:num=0.005>0.01</td>", "0.005", False),
        ("<td x:num=35000>3.5</td>", "3.5", True),
        ("<td x:num=1280000>1,280</td>", "1,280", True),
        ("<td x:num=-5>5</td>", "5", True),
        ("<td sdval=7>8</td>", "8", True),
    ],
)
def test_a_page_that_shows_another_number_than_it_keeps(tmp_path: Path, cell: str, text: str, is_flagged: bool) -> None:
    found = page_cell(tmp_path, cell)

    assert (found.text, "stored_otherwise" in found.flags) == (text, is_flagged)
