"""Reads one document under its contract: detects its format by its bytes, and returns rows or a refusal with a reason."""

from __future__ import annotations

from dataclasses import replace

from loaders.contract import Delimited, LocalizedText, Records, Workbook
from loaders.identifiers import redact
from loaders.messages import issue_of, phrase
from loaders.model import Issue, Reading
from loaders.reading.flat_files.delimited import read_delimited
from loaders.reading.flat_files.json_lines import read_records
from loaders.reading.formats.detect import detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.formats.registry import EXCHANGE, PRESENTATION, TEXT, FileFormat
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.row_schema import refused
from loaders.reading.model.row_spool import RowSpool
from loaders.reading.tables.workbook_reader import count_rows, read_workbook

# The rule `wrong_kind` names these formats in English in both languages.
_NAMED_IN_ENGLISH = {PRESENTATION, EXCHANGE}


def read_document(request: ReadRequest) -> Reading:
    """Reads a document in this process and returns all rows in the reading. A refused document has no rows."""
    with RowSpool(request.report) as spool:
        reading = read_into(request, spool)
        return replace(reading, rows=spool.table()) if reading.refusal is None else reading


def read_into(request: ReadRequest, spool: RowSpool) -> Reading:
    """Reads a document, writes its rows to the spool and returns the rest. Messages of the reading hold no personal numbers."""
    reading = _read_into(request, spool)
    refusal = None if reading.refusal is None else _redacted(reading.refusal)
    return replace(reading, refusal=refusal, issues=tuple(map(_redacted, reading.issues)))


def _redacted(issue: Issue) -> Issue:
    """Redacts what a message quotes from the document, because it may be a personal number. The location and the rule remain."""
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
    if detect(request.path).contract_kind != "workbook":
        raise _wrong_kind(request, TEXT, phrase("wanted.workbook"))
    book = open_workbook(request.path, request.password)
    try:
        reading = read_workbook(book, request.report, request.period)
    except Refusal as refusal:
        raise refusal.counting(count_rows(book)) from None
    spool.write(reading.rows)
    return replace(reading, rows=spool.schema.empty_table())


def _expect_text(request: ReadRequest, expected: str) -> None:
    found = detect(request.path)
    if not found.may_be_text:
        raise _wrong_kind(request, found, phrase("wanted.text", name=expected))


def _wrong_kind(request: ReadRequest, found: FileFormat, wanted: LocalizedText) -> Refusal:
    kind = phrase(found.phrase) if found.phrase and found not in _NAMED_IN_ENGLISH else found.name
    return Refusal(issue_of("wrong_kind", title=request.report.title.zh, wanted=wanted, kind=kind))
