"""What the warehouse must come to, computed from the set of documents alone, in the plainest way."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from loaders.contract import Replaces, Report
from loaders.period import Period
from tests.integration.warehouse.desk import Document

Row = tuple[str, str, int, int]


def expected(report: Report, documents: Iterable[Document]) -> tuple[set[Row], set[tuple[str, int]]]:
    """The current rows (uri, code, amount, row), and the (uri, row) that are held back of those that speak."""
    speaking = _speaking(report, _without_twins(report, documents))
    if report.replaces is Replaces.KEY:
        by_code = _each_key(speaking)
        silent = [document for document in speaking if document.rows and document not in {d for d, _ in by_code.values()}]
        left = [document for document in speaking if document not in silent]
        return {row for _, row in by_code.values()}, {place for document in left for place in _wrong(document)}
    current: set[Row] = set()
    held = {place for document in speaking for place in _wrong(document)}
    taken: set[str] = set()
    for document in sorted(speaking, key=lambda document: _rank(report, document)):
        for row, code, amount in document.places():
            if report.key and code in taken:
                held.add((document.uri, row))
            else:
                current.add((document.uri, code, amount, row))
        taken |= {code for code, _ in document.rows}
    return current, held


def _without_twins(report: Report, documents: Iterable[Document]) -> list[Document]:
    """Of the same bytes, the eldest that is not refused."""

    def bytes_of(document: Document) -> tuple[str, ...]:
        own = (document.unit, document.period or "") if report.replaces is Replaces.REGISTER else ()
        return (document.sha256, *own)

    kept = []
    for _, group in groupby(sorted(documents, key=bytes_of), key=bytes_of):
        sound = [document for document in group if not document.is_refused]
        kept += sorted(sound, key=lambda document: (document.minute, document.uri))[:1]
    return kept


def _speaking(report: Report, documents: list[Document]) -> list[Document]:
    if report.replaces is Replaces.KEY:
        return documents
    speaking = []
    for _, group in groupby(sorted(documents, key=lambda d: _scope(report, d)), key=lambda d: _scope(report, d)):
        passed: Document | None = None
        for document in sorted(group, key=_precedence):
            least = len(passed.rows) * (1 - report.shrink_limit_pct / 100) if passed else 0
            if report.replaces is Replaces.REGISTER and len(document.rows) < least:
                continue
            passed = document
        if passed:
            speaking.append(passed)
    return speaking


def _each_key(documents: list[Document]) -> dict[str, tuple[Document, Row]]:
    current: dict[str, tuple[Document, Row]] = {}
    for document in sorted(documents, key=_precedence):
        current |= {code: (document, (document.uri, code, amount, row)) for row, code, amount in document.places()}
    return current


def _wrong(document: Document) -> set[tuple[str, int]]:
    first = 2 + len(document.rows)
    return {(document.uri, row) for row in range(first, first + len(document.wrong))}


def _end(document: Document) -> str:
    return Period.parse(document.period).end.isoformat() if document.period else ""


def _precedence(document: Document) -> tuple[str, int, str]:
    return _end(document), document.minute, document.uri


def _scope(report: Report, document: Document) -> tuple[str, ...]:
    return {
        Replaces.PERIOD: (document.unit, document.period or ""),
        Replaces.REGISTER: (document.unit,),
        Replaces.NOTHING: (document.uri,),
    }[report.replaces]


def _rank(report: Report, document: Document) -> tuple[str, ...]:
    return {
        Replaces.PERIOD: (_end(document), document.unit),
        Replaces.REGISTER: (document.unit,),
        Replaces.NOTHING: (_end(document), document.unit, document.uri),
    }[report.replaces]
