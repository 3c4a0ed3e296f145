"""OpenDocument spreadsheets: repetitions, spans, types, what is hidden, and what is no cell."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Area, Book, CellKind
from tests.support.documents.ooxml_parts import cell_at, shown

URN = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = "".join(f' xmlns:{name}="{URN}{name}:1.0"' for name in ("office", "table", "text", "style", "draw"))
SPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def content(tables: str, root: str = "document-content") -> str:
    styles = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return f"<office:{root}{SPACES}><office:automatic-styles>{styles}</office:automatic-styles>{body}</office:{root}>"


def read(folder: Path, tables: str, *, flat: bool = False, manifest: str = "<a/>") -> Book:
    path = folder / "report.xls"
    if flat:
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{content(tables, "document")}', encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            package.writestr("content.xml", content(tables))
            package.writestr("META-INF/manifest.xml", manifest)
    return open_workbook(path)


def cell(kind: str, value: str, text: str = "", more: str = "") -> str:
    slot = {"float": "value", "percentage": "value", "date": "date-value", "time": "time-value", "boolean": "boolean-value"}
    said = f' office:{slot[kind]}="{value}"' if kind in slot else ""
    return f'<table:table-cell office:value-type="{kind}"{said} {more}><text:p>{text or value}</text:p></table:table-cell>'


BLANK = "<table:table-cell/>"
ROWS = f"""
<table:table-column/><table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>
<table:table-header-rows><table:table-row>
{cell("string", "标题", more='table:number-columns-spanned="3" table:number-rows-spanned="2"')}
<table:covered-table-cell table:number-columns-repeated="2"/></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
<table:table-row-group><table:table-row table:number-rows-repeated="2" table:visibility="filter">
{cell("float", "1.5", "1.50", 'table:number-columns-repeated="2"')}</table:table-row></table:table-row-group>
<table:table-row>{cell("percentage", "0.5", "50%")}{cell("date", "2023-06-01", "6月1日")}{cell("date", "2023-06-01T08:30:00")}
{cell("time", "PT08H30M00S")}{cell("time", "PT30H00M00S")}{cell("boolean", "true")}</table:table-row>
<table:table-row>{cell("string", "#REF!", more='table:formula="of:=[.#REF!]" calcext:value-type="error" office:string-value=""')}
{cell("string", "Err:502", more='table:formula="of:=X()"')}{cell("float", "441302199001010000")}
<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation>
<text:p>甲<text:s text:c="2"/>乙<text:tab/><text:span>丙</text:span></text:p><text:p>第二行</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
"""


@pytest.mark.parametrize("flat", [False, True], ids=["ods", "fods"])
def test_a_spreadsheet_with_all_that_the_format_says(tmp_path: Path, flat: bool) -> None:
    tables = f'<table:table table:name="表1">{ROWS}</table:table><table:table table:name="字典" table:style-name="h"/>'
    book = read(tmp_path, tables, flat=flat)
    sheet = book.sheets[0]

    assert shown(sheet) == {
        "A1": "标题",
        **{"A3": "1.5", "B3": "1.5", "A4": "1.5", "B4": "1.5"},
        **{"A5": "0.5", "B5": "2023-06-01", "C5": "2023-06-01 08:30:00", "D5": "08:30:00", "E5": "30:00:00", "F5": "TRUE"},
        **{"A6": "#REF!", "B6": "Err:502", "C6": "441302199001010000", "D6": "甲  乙\t丙\n第二行"},
    }
    kinds = [cell_at(sheet, place).kind for place in ("B5", "C5", "D5", "F5", "A6", "B6")]
    assert kinds == [CellKind.DATE, CellKind.DATETIME, CellKind.TIME, CellKind.BOOL, CellKind.ERROR, CellKind.ERROR]
    assert [cell_at(sheet, place).flags for place in ("A5", "E5", "C6")] == [("percent",), ("duration",), ("precision_lost",)]
    assert (sheet.merges, sheet.hidden_rows, sheet.hidden_columns) == ([Area(1, 1, 2, 3)], {3, 4}, {2, 3})
    assert (sheet.last_row, [(each.name, each.hidden) for each in book.sheets]) == (6, [("表1", False), ("字典", True)])


def test_a_spreadsheet_reads_as_calamine_reads_it(tmp_path: Path) -> None:
    cells = cell("float", "1.5") + cell("string", "镇") + cell("date", "2023-06-01") + cell("time", "PT30H00M00S") + BLANK
    book = read(tmp_path, f'<table:table table:name="表1"><table:table-row>{cells}</table:table-row></table:table>')

    assert book.notes == []
    assert [cell.flags for _, _, cell in book.sheets[0].cells()] == [(), (), (), ("duration",)]


def test_tables_of_charts_are_no_sheets(tmp_path: Path) -> None:
    local = f'<table:table table:name="local"><table:table-row>{cell("float", "9")}</table:table-row></table:table>'
    inner = f"<table:table-cell><draw:frame><draw:object>{local}</draw:object></draw:frame></table:table-cell>"
    tables = f'<table:table table:name="表1"><table:table-row>{cell("float", "1")}{inner}</table:table-row></table:table>'
    book = read(tmp_path, tables, flat=True)

    assert [(sheet.name, shown(sheet)) for sheet in book.sheets] == [("表1", {"A1": "1"})]


def test_repeated_values_may_not_explode(tmp_path: Path) -> None:
    row = cell("float", "1", more='table:number-columns-repeated="16384"')
    rows = f'<table:table-row table:number-rows-repeated="1048576">{row}</table:table-row>'
    tables = f'<table:table table:name="表1">{rows}</table:table>'

    with pytest.raises(Refusal) as refused:
        read(tmp_path, tables)

    assert refused.value.issue.rule == "too_large"


def test_an_encrypted_spreadsheet_is_refused_as_such(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path, "", manifest="<manifest:encryption-data/>")

    assert refused.value.issue.rule == "encrypted_document"


@pytest.mark.parametrize(
    "tables", ["", '<table:table><table:table-row table:number-rows-repeated="x"/></table:table>', "<table:table>"]
)
def test_a_damaged_spreadsheet_is_refused(tmp_path: Path, tables: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path, tables)

    assert refused.value.issue.rule == "unreadable_document"
