"""One document under its contract: opened by what it is, never by its name, and read into rows or refused with a reason."""

from __future__ import annotations

from dataclasses import replace

from loaders.contract import Delimited, Records, Workbook
from loaders.identifiers import redact
from loaders.model import Issue, Reading
from loaders.reading.flat_files.delimited import read_delimited
from loaders.reading.flat_files.json_lines import read_records
from loaders.reading.formats.detect import Content, detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal, refuse
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.row_schema import refused
from loaders.reading.model.row_spool import RowSpool
from loaders.reading.tables.workbook_reader import count_rows, read_workbook

_FLAT = {Content.EMPTY, Content.TEXT, Content.JSON_LINES, Content.OTHER, Content.HTML}
_NAMES_ZH = {
    Content.OOXML: "Excel 工作簿（xlsx）",
    Content.BIFF: "Excel 97-2003 或 WPS 工作簿（xls、et）",
    Content.ENCRYPTED: "加密的工作簿",
    Content.XLSB: "二进制工作簿（xlsb）",
    Content.ODS: "OpenDocument 表格（ods）",
    Content.SPREADSHEET_ML: "XML 表格",
    Content.HTML: "网页",
    Content.JSON_LINES: "JSON 文本",
    Content.TEXT: "纯文本",
    Content.PDF: "PDF 文件",
    Content.WORD: "Word 文档",
    Content.IMAGE: "图片",
    Content.ARCHIVE: "压缩包",
    Content.OTHER: "无法识别的文件",
}


def read_document(request: ReadRequest) -> Reading:
    """Read a document in this process, with all rows in the reading. A refusal is a reading without rows."""
    with RowSpool(request.report) as spool:
        reading = read_into(request, spool)
        return replace(reading, rows=spool.table()) if reading.refusal is None else reading


def read_into(request: ReadRequest, spool: RowSpool) -> Reading:
    """Read a document; its rows go into the spool, the reading says the rest, without any personal number in its messages."""
    reading = _read_into(request, spool)
    refusal = None if reading.refusal is None else _scrubbed(reading.refusal)
    return replace(reading, refusal=refusal, issues=tuple(map(_scrubbed, reading.issues)))


def _scrubbed(issue: Issue) -> Issue:
    """Whatever a message quotes of a document may be a number of somebody: where it stands, and that it is wrong, is enough."""
    return replace(
        issue,
        message_zh=redact(issue.message_zh),
        message_en=redact(issue.message_en),
        found=issue.found and redact(issue.found),
    )


def _read_into(request: ReadRequest, spool: RowSpool) -> Reading:
    try:
        match request.report.format:
            case Workbook():
                return _read_sheets(request, spool)
            case Delimited() as form:
                _expect_text(request, "CSV" if form.delimiter == "," else "TSV")
                return read_delimited(request, form, spool)
            case Records():
                _expect_text(request, "JSON lines")
                return read_records(request, spool)
    except Refusal as refusal:
        return refused(request.report, refusal.issue, refusal.rows_total)


def _read_sheets(request: ReadRequest, spool: RowSpool) -> Reading:
    if detect(request.path) in {Content.TEXT, Content.JSON_LINES}:
        raise _wrong_kind(request, Content.TEXT, "电子表格（.xlsx、.xls、.et、.ods）", "a workbook")
    book = open_workbook(request.path, request.password)
    try:
        reading = read_workbook(book, request.report, request.period)
    except Refusal as refusal:
        raise refusal.counting(count_rows(book)) from None
    spool.write(reading.rows)
    return replace(reading, rows=spool.schema.empty_table())


def _expect_text(request: ReadRequest, expected: str) -> None:
    content = detect(request.path)
    if content not in _FLAT:
        raise _wrong_kind(request, content, f"{expected} 文本文件", expected)


def _wrong_kind(request: ReadRequest, content: Content, expected_zh: str, expected: str) -> Refusal:
    found = _NAMES_ZH.get(content, content.value)
    return refuse(
        "wrong_kind",
        f"《{request.report.title.zh}》应报送{expected_zh}，收到的是{found}；请另存为约定的格式后重新报送",
        f"this report is sent as {expected}, but the file is of another kind ({content.value}): "
        f"save it as {expected} and send it again",
        found=content.value,
        expected=expected,
    )
