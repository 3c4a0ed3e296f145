"""A text is the same text in whatever kind of document it stands: exports' marks, separators, nulls, errors."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import Reading
from loaders.reading.formats.readers.plain_text import read_plain_text
from loaders.validation import ValidationInput, Validator
from tests.support.documents.ooxml_parts import write_rows
from tests.support.documents.workbooks import workbook

Read = Callable[..., Reading]
Make = Callable[..., Report]
TEXTS = {
    '="0000012"': "0000012",
    '= "07""52"': '07"52',
    "'0013": "'0013",
    "惠城\u2028博罗": "惠城\n博罗",
    "惠城\u2029博罗": "惠城\n博罗",
    "惠城\u0085博罗": "惠城\n博罗",
    "惠\u200b城\u00ad": "惠城",
    "惠城\u3000博罗": "惠城\u3000博罗",
    "\\N": "\\N",
    "NULL": "NULL",
}
NOT_IN_XML = {
    "惠城\x0b博罗": "惠城\n博罗",
    "惠城\x0c博罗": "惠城\n博罗",
    "惠城\x1f博罗": "惠城 博罗",
    "惠城\x01博罗": "惠城 博罗",
}
COLUMNS = [{"name": "code", "header": "编号", "required": True}, {"name": "remark", "header": "备注"}]


def in_csv(texts: list[str], codec: str = "utf-8") -> bytes:
    fields = (text.replace('"', '""') for text in texts)
    return "".join(["编号,备注\n", *(f'V{row},"{field}"\n' for row, field in enumerate(fields))]).encode(codec)


def in_csv_without_quotes(texts: list[str]) -> bytes:
    return "".join(["编号,备注\n", *(f"V{row},{text}\n" for row, text in enumerate(texts))]).encode()


def in_json(texts: list[str]) -> bytes:
    return "".join(json.dumps({"code": f"V{row}", "remark": text}) + "\n" for row, text in enumerate(texts)).encode()


def in_workbook(texts: list[str]) -> bytes:
    rows = [["编号", "备注"], *([f"V{row}", text] for row, text in enumerate(texts))]
    return workbook(rows, strings_to_formulas=False)


def in_page(texts: list[str]) -> bytes:
    rows = "".join(f"<tr><td>V{row}<td>{html.escape(text)}" for row, text in enumerate(texts))
    return f"<meta charset=utf-8><table><tr><td>编号<td>备注{rows}</table>".encode()


def in_xml(texts: list[str]) -> bytes:
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'.format
    rows = "".join(f"<Row>{cell(f'V{row}')}{cell(html.escape(text))}</Row>" for row, text in enumerate(texts))
    return (
        '<?xml version="1.0" encoding="utf-8"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="表"><Table>'
        f"<Row>{cell('编号')}{cell('备注')}</Row>{rows}</Table></Worksheet></Workbook>"
    ).encode()


WRITERS = {
    "csv": (in_csv, {"kind": "delimited"}, TEXTS | NOT_IN_XML),
    "gb18030": (lambda texts: in_csv(texts, "gb18030"), {"kind": "delimited", "encoding": "gb18030"}, TEXTS | NOT_IN_XML),
    "utf-16": (lambda texts: in_csv(texts, "utf-16"), {"kind": "delimited", "encoding": "utf-16"}, TEXTS | NOT_IN_XML),
    "bare csv": (in_csv_without_quotes, {"kind": "delimited"}, TEXTS | NOT_IN_XML),
    "json": (in_json, {"kind": "records"}, TEXTS | NOT_IN_XML),
    "xlsx": (in_workbook, {"kind": "workbook"}, TEXTS),
    "html": (in_page, {"kind": "workbook"}, TEXTS),
    "xml": (in_xml, {"kind": "workbook"}, TEXTS),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_texts_are_read_alike(read: Read, report: Make, kind: str) -> None:
    write, form, texts = WRITERS[kind]
    reading = read(write(list(texts)), under(report, form))
    assert reading.refusal is None, reading.refusal
    assert reading.rows["remark"].to_pylist() == list(texts.values())
    assert reading.issues == ()
    assert reading.rows_total == len(texts) + (kind != "json")


def under(report: Make, form: dict[str, Any]) -> Report:
    source = {"kind": "http_api", "connection": "api", "request": {"path": "/x"}, "key": "code"}
    given = {"source": source, "ignored_headers": ["seq"]} if form["kind"] == "records" else {}
    return report(COLUMNS, format=form, replaces="nothing", **given)


def test_an_error_cell_of_a_workbook_stays_an_error_and_its_text_is_a_null(read: Read, report: Make, tmp_path: Path) -> None:
    contract = report(COLUMNS, format={"kind": "workbook"}, replaces="nothing", reject_limit_pct=100)
    text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'.format
    rows = (
        f"<row r='1'>{text('A1', '编号')}{text('B1', '备注')}</row>"
        f'<row r="2">{text("A2", "V1")}<c r="B2" t="e"><v>#N/A</v></c></row>'
        f"<row r='3'>{text('A3', 'V2')}{text('B3', '#N/A')}</row>"
    )
    reading = read(write_rows(tmp_path, rows).read_bytes(), contract)
    result = Validator(contract, Divisions(()), b"key", prefer_pandas=True).validate([ValidationInput(reading, "4413", None)])[0]
    assert [(issue.rule, issue.cell) for issue in result.issues] == [("error_cell", "B2")]
    assert result.accepted.to_pylist() == [
        {"code": "V2", "remark": None, "_sheet": "表1", "_row": 3, "_texts": '{"remark":"#N/A"}'}
    ]


def test_headers_that_an_export_wrapped_are_headers(read: Read, report: Make) -> None:
    reading = read('="编号",="备注"\n="001","=""a"""\n'.encode(), under(report, {"kind": "delimited"}))
    assert [tuple(row.values())[2:] for row in reading.rows.to_pylist()] == [("001", "a")]


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x1e", "\u0085", "\u2028", "\u2029"])
def test_a_separator_inside_a_value_ends_no_record(read: Read, report: Make, separator: str) -> None:
    content = f"编号,备注\nV1,甲{separator}乙\n{separator}V2,丙\n"
    reading = read(content.encode(), under(report, {"kind": "delimited"}))
    assert reading.rows_total == 3
    assert reading.rows["_row"].to_pylist() == [2, 3]
    assert [text.split() for text in reading.rows["remark"].to_pylist()] == [["甲", "乙"], ["丙"]]
    sheet = read_plain_text(io.BytesIO(content.encode())).sheets[0]
    assert [sheet.text(row, 1) for row in sheet.rows] == ["编号", "V1", "V2"]


@pytest.mark.parametrize("null", ["\\N", "NULL", "nan", "—"])
def test_a_printed_total_is_checked_where_some_numbers_are_nulls(read: Read, report: Make, null: str) -> None:
    columns = [COLUMNS[0], {"name": "spent_yuan", "header": "支出", "type": "decimal", "unit": "元"}]
    content = f"编号,支出\nV1,1.5\nV2,{null}\nV3,2\n合计,5\n"
    reading = read(content.encode(), report(columns, replaces="nothing"))
    assert [(issue.rule, issue.found, issue.expected) for issue in reading.issues] == [("control_total", "5", "3.5")]
