"""Outlines a document without a contract: its kind and the header of each column of its table.

Headers are worded as the header finder words them (`ExpandedSheet.paths`), so that it finds the columns of a contract written
from the outline.
"""

from __future__ import annotations

import json

from loaders.messages import issue_of
from loaders.reading.flat_files.delimited import DELIMITERS, sheet_of
from loaders.reading.formats.detect import detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.formats.registry import EMPTY
from loaders.reading.model.issue_list import is_issue_list
from loaders.reading.model.refusals import Refusal, empty_document
from loaders.reading.model.requests import Outline, OutlineRequest
from loaders.reading.model.sheets import Sheet
from loaders.reading.tables.headers.header_detection import DetectedHeader, detect_header
from loaders.reading.tables.preamble.labels import find_measures
from loaders.reading.tables.reading_builder import texts_of
from loaders.reading.text.encodings import declared_encoding, read_head
from loaders.reading.text.record_batches import records_of_text

_HEAD_RECORDS = 200
_MORE_DELIMITERS = ("^", "~")


def outline_document(request: OutlineRequest) -> Outline:
    """Returns the outline of a document.

    Raises:
        Refusal: the document cannot be opened, has an encoding that no contract can declare, or has no header.
    """
    found = detect(request.path)
    if found is EMPTY:
        raise empty_document()
    match found.contract_kind:
        case "records":
            return _of_records(request)
        case "delimited":
            return _of_text(request)
        case "workbook":
            return _of_book(request)


def _of_book(request: OutlineRequest) -> Outline:
    book = open_workbook(request.path, request.password)
    visible = [sheet for sheet in book.sheets if not (sheet.hidden or is_issue_list(sheet))]
    found = ((sheet, detect_header(sheet)) for sheet in visible)
    sheet, header = next(((sheet, header) for sheet, header in found if header is not None), (None, None))
    if sheet is None or header is None:
        raise _no_header()
    return Outline("workbook", header.headers, _measures(sheet, header))


def _of_text(request: OutlineRequest) -> Outline:
    head = read_head(request.path)
    encoding, codec = declared_encoding(head)
    text = head.decode(codec, errors="ignore")
    best: tuple[int, Outline] | None = None
    for delimiter in (*DELIMITERS, *_MORE_DELIMITERS):
        outline = _delimited(text, delimiter, encoding)
        if outline is not None and (best is None or outline[0] > best[0]):
            best = outline
    if best is None:
        raise _no_header()
    return best[1]


def _delimited(text: str, delimiter: str, encoding: str) -> tuple[int, Outline] | None:
    """Outlines a text under one delimiter. The score counts the fields of records that are as wide as the header."""
    try:
        records = records_of_text(text, delimiter, most=_HEAD_RECORDS)
    except Refusal:
        return None
    sheet = sheet_of(records)
    header = detect_header(sheet)
    if header is None:
        return None
    width = len(records[header.last_row - 1][2])
    agreeing = sum(len(fields) == width for _, _, fields in records)
    return agreeing * width, Outline("delimited", header.headers, _measures(sheet, header), encoding, delimiter)


def _of_records(request: OutlineRequest) -> Outline:
    """Returns the fields of the first records in the order of their first occurrence."""
    fields: dict[str, None] = {}
    for line in read_head(request.path).decode("utf-8-sig", errors="ignore").splitlines()[:_HEAD_RECORDS]:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            fields.update(dict.fromkeys(record))
    if not fields:
        raise _no_header()
    return Outline("records", tuple(fields))


def _measures(sheet: Sheet, header: DetectedHeader) -> tuple[str, ...]:
    return find_measures(texts_of(sheet, row) for row in range(1, header.first_row))


def _no_header() -> Refusal:
    return Refusal(issue_of("header_not_found.new_report"))
