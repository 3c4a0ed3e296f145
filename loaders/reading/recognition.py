"""Recognizes which report a document belongs to by its headers: full matches, else the best matches of at least one half."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from loaders.contract import Delimited, Records, Report, Workbook
from loaders.reading.flat_files.delimited import DELIMITERS, header_in
from loaders.reading.flat_files.json_lines import required_fields
from loaders.reading.formats.detect import detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.formats.registry import EMPTY
from loaders.reading.model.issue_list import is_issue_list
from loaders.reading.model.refusals import empty_document
from loaders.reading.model.requests import RecognitionResult, RecognizeRequest
from loaders.reading.model.sheets import Book
from loaders.reading.tables.cells.covered_cells import pop_covered_values
from loaders.reading.tables.headers.header_finder import HeaderFinder, HeaderMatch
from loaders.reading.tables.headers.merged_cells import ExpandedSheet
from loaders.reading.text.encodings import codec_of, guess_codec, read_head

_MAX_NEAREST = 3


def recognize_document(request: RecognizeRequest) -> RecognitionResult:
    """Returns the reports that the document may belong to.

    Raises:
        Refusal: the document cannot be opened.
    """
    found = detect(request.path)
    if found is EMPTY:
        raise empty_document()
    is_workbook = found.contract_kind == "workbook"
    fits = _book_fits(open_workbook(request.path, request.password)) if is_workbook else _text_fits(request)
    shares = {report.report: fits(report, finder) for report, finder in _candidates(request.packed_reports)}
    whole = [name for name, share in shares.items() if share == 1]
    nearest = sorted((name for name, share in shares.items() if share > 0), key=lambda name: -shares[name])
    closest = [name for name in nearest if shares[name] == shares[nearest[0]] and shares[name] * 2 >= 1]
    return RecognitionResult(tuple(whole or closest), tuple(nearest[:_MAX_NEAREST]))


@lru_cache(maxsize=1)
def _candidates(packed_reports: bytes) -> list[tuple[Report, HeaderFinder]]:
    """Unpacks the reports with their header finders. The cache serves the next document."""
    reports = pickle.loads(packed_reports)  # noqa: S301 - our own parent packed them
    return [(report, HeaderFinder(report, None)) for report in reports]


def _book_fits(book: Book) -> Callable[[Report, HeaderFinder], float]:
    shown = [sheet for sheet in book.sheets if not (sheet.hidden or is_issue_list(sheet))]
    for sheet in shown:
        pop_covered_values(sheet)
    expanded_sheets = [ExpandedSheet(sheet) for sheet in shown]

    def share(report: Report, finder: HeaderFinder) -> float:
        if not isinstance(report.format, Workbook):
            return 0
        matches = [finder.find(expanded.sheet, expanded) for expanded in expanded_sheets]
        return max((_share(report, match.columns, bool(match.mismatches)) for match in matches if match), default=0)

    return share


def _text_fits(request: RecognizeRequest) -> Callable[[Report, HeaderFinder], float]:
    head = read_head(request.path)

    def share(report: Report, finder: HeaderFinder) -> float:
        if isinstance(report.format, Records):
            return _records_share(report, head)
        if not isinstance(report.format, Delimited):
            return 0
        own = report.format.delimiter
        codec = guess_codec(head, "", lambda text: _header(text, own, finder) is not None)
        text = head.decode(codec or codec_of(report.format.encoding, request.path), errors="ignore")
        match = _header(text, own, finder)
        return _share(report, match.columns, bool(match.mismatches)) if match else 0

    return share


def _header(text: str, own: str, finder: HeaderFinder) -> HeaderMatch | None:
    """Finds the header of a text under the report's own delimiter or another one.

    A wrong delimiter is reported after recognition.
    """
    matches = (header_in(text, delimiter, finder) for delimiter in (own, *(one for one in DELIMITERS if one != own)))
    return max((match for match in matches if match is not None), key=lambda match: match.score, default=None)


def _records_share(report: Report, head: bytes) -> float:
    try:
        record = json.loads(head.decode("utf-8-sig", errors="ignore").partition("\n")[0])
    except ValueError:
        return 0
    if not isinstance(record, dict):
        return 0
    fields = {column.field or column.name: column.name for column in report.columns}
    has_unknown = not set(record) <= set(fields) | set(report.ignored_headers)
    found = {fields[name]: 0 for name in record if name in fields}
    # Optional fields may be missing. Beside an unknown field they count, because the unknown one may be a renamed optional field.
    return _share(report, found, has_unknown, None if has_unknown else required_fields(report).values())


def _share(report: Report, found: dict[str, int], has_mismatches: bool, expected: Iterable[str] | None = None) -> float:
    """Returns the share of the columns that were found. It is below 1 if anything does not match."""
    expected = list(_expected(report) if expected is None else expected)
    part = sum(1 for name in expected if name in found) / max(1, len(expected))
    return min(part, 0.99) if has_mismatches else part


def _expected(report: Report) -> Iterator[str]:
    return (column.name for column in report.columns if not column.may_be_absent)
