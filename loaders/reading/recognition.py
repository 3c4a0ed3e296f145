"""Which report a document is, by its headers: those that fit whole, else those that fit at least by half."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from loaders.contract import Delimited, Records, Report, Workbook
from loaders.reading.delimited import header_in
from loaders.reading.detect import Content, detect
from loaders.reading.encodings import codec_of, head_of, likely_codec
from loaders.reading.header import HeaderFinder
from loaders.reading.open_book import open_book
from loaders.reading.refusals import empty_document
from loaders.reading.request import RecogniseRequest
from loaders.reading.sheets import Book

_TEXTS = {Content.TEXT, Content.JSON_LINES}


def recognise_document(request: RecogniseRequest) -> list[str]:
    """The names of the reports that the document may be; several when their headers are the same.

    Raises:
        Refusal: it cannot be opened.
    """
    content = detect(request.path)
    if content is Content.EMPTY:
        raise empty_document()
    fits = _text_fits(request) if content in _TEXTS else _book_fits(open_book(request.path, request.password))
    shares = {report.report: fits(report) for report in request.reports}
    whole = [name for name, share in shares.items() if share == 1]
    closest = max(shares.values(), default=0)
    return whole or [name for name, share in shares.items() if share == closest and share * 2 >= 1]


def _book_fits(book: Book) -> Callable[[Report], float]:
    def share(report: Report) -> float:
        if not isinstance(report.format, Workbook):
            return 0
        finder = HeaderFinder(report, None)
        matches = [finder.find(sheet) for sheet in book.sheets if not sheet.hidden]
        return max((_share(report, match.columns, bool(match.faults)) for match in matches if match), default=0)

    return share


def _text_fits(request: RecogniseRequest) -> Callable[[Report], float]:
    head = head_of(request.path)

    def share(report: Report) -> float:
        if isinstance(report.format, Records):
            return _records_share(report, head)
        if not isinstance(report.format, Delimited):
            return 0
        finder, delimiter = HeaderFinder(report, None), report.format.delimiter
        codec = likely_codec(head, "", lambda text: header_in(text, delimiter, finder) is not None)
        text = head.decode(codec or codec_of(report.format.encoding, request.path), errors="ignore")
        match = header_in(text, delimiter, finder)
        return _share(report, match.columns, bool(match.faults)) if match else 0

    return share


def _records_share(report: Report, head: bytes) -> float:
    try:
        record = json.loads(head.decode("utf-8-sig", errors="ignore").partition("\n")[0])
    except ValueError:
        return 0
    if not isinstance(record, dict):
        return 0
    fields = {column.field or column.name: column.name for column in report.columns}
    return _share(
        report, {fields[name]: 0 for name in record if name in fields}, set(record) > set(fields) | set(report.left_out)
    )


def _share(report: Report, found: dict[str, int], has_faults: bool) -> float:
    """The part of the columns that were found; less than the whole while something does not fit."""
    expected = list(_expected(report))
    part = sum(1 for name in expected if name in found) / max(1, len(expected))
    return min(part, 0.99) if has_faults else part


def _expected(report: Report) -> Iterator[str]:
    return (column.name for column in report.columns if not column.may_be_absent)
