"""Web pages, XML spreadsheets, web archives and plain texts that pretend to be workbooks."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Area, Book, CellKind
from tests.support.documents.ooxml_parts import cell_at, shown


def read(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Book:
    path = folder / "report.xls"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return open_workbook(path)


def page(body: str, charset: str = "utf-8") -> str:
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    return f"<html><head>{declared}<title>页</title></head><body>{body}</body></html>"


SPANS = """<table><caption>探访表</caption>
<tr><td rowspan=2>镇</td><td colspan="2">人次</td></tr>
<tr><td>本月</td><td>累计</td></tr>
<tr><td>龙华镇<td>&nbsp;1,234&nbsp;<td>#REF!
<tr style="display:none"><td>隐藏</td><td rowspan=0>5</td></tr>
<tr><td>末</td></tr></table>"""


def test_spans_stand_in_their_first_place_and_are_merges(tmp_path: Path) -> None:
    book = read(tmp_path, page(SPANS))
    sheet = book.sheets[0]

    expected = {
        "A1": "探访表",
        "A2": "镇",
        "B2": "人次",
        "B3": "本月",
        "C3": "累计",
        "A4": "龙华镇",
        "B4": "1,234",
        "C4": "#REF!",
    }
    assert shown(sheet) == {**expected, "A5": "隐藏", "B5": "5", "A6": "末"}
    assert sheet.merges == [Area(2, 1, 3, 1), Area(2, 2, 2, 3), Area(5, 2, 6, 2)]
    assert (sheet.hidden_rows, cell_at(sheet, "C4").kind, book.notes) == ({5}, CellKind.ERROR, [])


def test_a_page_is_one_sheet_with_its_title_its_tables_and_its_footer(tmp_path: Path) -> None:
    body = """<h3>惠州市 2023年6月</h3><script>1</script>
    <table><tr><td><table><tr><td>单位：元</td></tr></table></td></tr></table>
    <table><tr><th>镇</th><th>金额<br>（元）</th></tr>
    <tr><td>龙<b>华</b>镇</td><td><span style="display:none">x</span>3</td></tr></table>
    填表人：张三<br/>审核人：李四"""

    assert list(shown(read(tmp_path, page(body)).sheets[0]).values()) == [
        "惠州市 2023年6月",
        "单位：元",
        "镇",
        "金额\n（元）",
        "龙华镇",
        "3",
        "填表人：张三",
        "审核人：李四",
    ]


@pytest.mark.parametrize(
    ("declared", "encoding", "is_said"),
    [
        ("gb2312", "gb18030", False),
        ("GBK", "gb18030", False),
        ("utf-8", "utf-8", False),
        ("utf-8", "gb18030", True),
        ("iso-8859-1", "gb18030", True),
        ("gbk", "utf-16", False),
        ("unicode", "utf-16-le", False),
        ("gbk", "utf-16-le", True),
    ],
)
def test_a_page_is_decoded_as_declared_and_any_other_choice_is_said(
    tmp_path: Path, declared: str, encoding: str, is_said: bool
) -> None:
    book = read(tmp_path, page("<table><tr><td>龙华镇㐂</td></tr></table>", declared), encoding)

    assert shown(book.sheets[0]) == {"A1": "龙华镇㐂"}
    assert bool(book.notes) is is_said


def test_a_page_nested_or_expanded_without_end_is_refused(tmp_path: Path) -> None:
    for body in ("<table><tr><td>" * 3000, "<table>" + "<tr><td colspan=1000 rowspan=60000>x</td></tr>" * 30):
        with pytest.raises(Refusal):
            read(tmp_path, page(body))


SPREADSHEET_ML = """<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:html="http://www.w3.org/TR/REC-html40">
<Styles><Style ss:ID="Default"><NumberFormat/></Style><Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style>
<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>
<Style ss:ID="t" ss:Parent="d"><NumberFormat ss:Format="h:mm"/></Style>
<Style ss:ID="y"><NumberFormat ss:Format="Yes/No"/></Style></Styles>
<Worksheet ss:Name="表1"><Table><Column ss:Index="3" ss:Hidden="1" ss:Span="1"/><Column ss:StyleID="d"/>
<Row ss:Index="2"><Cell ss:MergeAcross="2" ss:MergeDown="1"><Data ss:Type="String">标题</Data></Cell>
<Cell><Data ss:Type="Number">45078</Data></Cell></Row>
<Row ss:Hidden="1" ss:Index="5"><Cell ss:Index="2" ss:StyleID="d"><Data ss:Type="DateTime">2023-06-01T00:00:00.000</Data></Cell>
<Cell ss:StyleID="t"><Data ss:Type="DateTime">1899-12-31T08:30:00.000</Data></Cell>
<Cell ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell>
<Cell ss:Formula="=1/0"><Data ss:Type="Error">#DIV/0!</Data></Cell><Cell><Data ss:Type="Boolean">1</Data></Cell>
<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>粗</B>体</ss:Data></Cell><Cell ss:Formula="=1"/>
<Cell ss:StyleID="y"><Data ss:Type="Number">1</Data></Cell><Cell ss:StyleID="d"><Data ss:Type="Number">45078</Data></Cell></Row>
</Table></Worksheet>
<Worksheet ss:Name="字典"><Table/>
<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetVeryHidden</Visible></WorksheetOptions></Worksheet>
</Workbook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312"])
def test_an_xml_spreadsheet_with_all_that_the_format_says(tmp_path: Path, encoding: str) -> None:
    book = read(tmp_path, SPREADSHEET_ML.format(encoding=encoding), "utf-8" if encoding == "utf-8" else "gb18030")
    sheet = book.sheets[0]

    expected = {
        "B5": "2023-06-01",
        "C5": "08:30:00",
        "D5": "0.5",
        "E5": "#DIV/0!",
        "F5": "TRUE",
        "G5": "粗体",
        "H5": "",
        "I5": "1",
        "J5": "2023-06-01",
    }
    assert shown(sheet) == {"A2": "标题", "D2": "45078", **expected}
    kinds = [cell_at(sheet, place).kind for place in ("B5", "C5", "D5", "E5", "F5", "J5")]
    assert kinds == [CellKind.DATE, CellKind.TIME, CellKind.NUMBER, CellKind.ERROR, CellKind.BOOL, CellKind.DATE]
    assert cell_at(sheet, "H5").flags == ("formula_without_value",)
    assert (sheet.merges, sheet.hidden_rows, sheet.hidden_columns) == ([Area(2, 1, 3, 3)], {5}, {3, 4})
    assert [(each.name, each.hidden) for each in book.sheets] == [("表1", False), ("字典", True)]


@pytest.mark.parametrize(
    "change", [("</Table>", ""), ('ss:Index="2">', 'ss:Index="9999999">'), ('ss:Index="2">', 'ss:Index="x">')]
)
def test_a_damaged_xml_spreadsheet_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path, SPREADSHEET_ML.format(encoding="utf-8").replace(*change))

    assert refused.value.issue.rule == "unreadable_document"


def test_entities_of_an_xml_spreadsheet_are_refused(tmp_path: Path) -> None:
    declared = '<!DOCTYPE Workbook [<!ENTITY a "惠"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    content = SPREADSHEET_ML.format(encoding="utf-8").replace("<Workbook", f"{declared}<Workbook").replace("标题", "&a;&b;")

    with pytest.raises(Refusal):
        read(tmp_path, content)


def test_each_page_of_a_web_archive_is_a_sheet(tmp_path: Path) -> None:
    pages = [
        page("<frameset></frameset>"),
        page("<table><tr><td>甲</td></tr></table>", "gbk"),
        page("<table><tr><td>乙</td></tr></table>", "gbk"),
    ]
    head = "--=b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    parts = "".join(f"{head}{base64.encodebytes(text.encode('gbk')).decode()}\r\n" for text in pages)
    book = read(tmp_path, f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="=b"\r\n\r\n{parts}--=b--\r\n')

    assert [(sheet.name, shown(sheet)) for sheet in book.sheets] == [("Sheet1", {"A1": "甲"}), ("Sheet2", {"A1": "乙"})]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", "|"])
def test_a_text_that_calls_itself_a_workbook_is_read_with_notes(tmp_path: Path, delimiter: str) -> None:
    lines = [["镇", "编号", "备注"], ["龙华镇", '="00752"', '"第一行\n第二行"'], [], ["麻陂镇", "1", "#N/A"]]
    book = read(tmp_path, "\r\n".join(delimiter.join(line) for line in lines), "gb18030")
    sheet = book.sheets[0]

    expected = {"A1": "镇", "B1": "编号", "C1": "备注", "A2": "龙华镇", "B2": "00752", "C2": "第一行\n第二行"}
    assert shown(sheet) == {**expected, "A4": "麻陂镇", "B4": "1", "C4": "#N/A"}
    assert (cell_at(sheet, "B2").original, cell_at(sheet, "C4").kind) == ('="00752"', CellKind.ERROR)
    assert [note.split(";")[0] for note in book.notes[:1]] == ["read as gb18030"]


def test_a_text_whose_quotes_do_not_pair_is_read_line_by_line(tmp_path: Path) -> None:
    book = read(tmp_path, '镇,说明\n龙华镇,5" 管\n麻陂镇,"未完\n平陵镇,无\n')

    assert shown(book.sheets[0])["A4"] == "平陵镇"
    assert any("quotation" in note for note in book.notes)


def test_a_page_that_a_spreadsheet_wrote_gives_its_numbers_in_full(tmp_path: Path) -> None:
    page = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr>
    <td x:num="0.1234">12%</td><td x:num="1234.5678">1,234.57</td><td x:num="45078">2023-6-1</td><td x:num>12</td>
    <td sdval="3.14159" sdnum="2052;">3.14</td><td x:num="x">5</td></tr></table></html>"""
    path = tmp_path / "a.xls"
    path.write_text(page, encoding="utf-8")
    (sheet,) = open_workbook(path).sheets
    assert [(cell.text, cell.kind.value, cell.flags, cell.original) for _, _, cell in sheet.cells()] == [
        ("0.1234", "number", ("percent",), "12%"),
        ("1234.5678", "number", (), "1,234.57"),
        ("2023-6-1", "text", (), None),
        ("12", "text", (), None),
        ("3.14159", "number", (), "3.14"),
        ("5", "text", (), None),
    ]
