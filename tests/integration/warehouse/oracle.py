"""What the warehouse must come to, computed from what sources showed and people decided alone, in the plainest way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from loaders.contract import FileDrop, Replaces, Report, WhenGone
from loaders.period import Period
from tests.integration.warehouse.desk import FUTURE, Document

Row = tuple[str, str, int, int]
# (the time that counts, the number of the arrival)
Moment = tuple[int, int]
Name = tuple[str, str]
LONG_AGO = -(10**9)


def expected(
    report: Report, shown: Sequence[Document], accepted: Collection[Name] = (), gone: Collection[str] = ()
) -> tuple[set[Row], set[tuple[str, int]]]:
    """The current rows (document, code, amount, row), and the (document, row) that are held back of current documents.

    `shown` is what places showed, in the order of arrival; `accepted` are the documents (place, bytes) that a person accepted;
    `gone` are places that hold nothing now, under a contract that closes what is gone.
    Which of several names of the same bytes carries the rows is left open: unit, period and bytes stand for the document.
    """
    moments = _moments(shown)
    documents = {(document.uri, document.sha256): document for document in shown if document.uri not in gone}
    if report.replaces is Replaces.KEY and not isinstance(report.source, FileDrop) and report.when_gone is WhenGone.CLOSE:
        documents = _newest_of_each_place(documents.values(), moments)
    speaking = _current(report, _without_duplicates(report, shown, documents, moments), moments, accepted)
    if report.replaces is Replaces.KEY:
        by_code = _each_key(speaking, moments)
        silent = [document for document in speaking if document.rows and document not in {d for d, _ in by_code.values()}]
        left = [document for document in speaking if document not in silent]
        return {row for _, row in by_code.values()}, {place for document in left for place in _wrong(document)}
    current: set[Row] = set()
    held = {place for document in speaking for place in _wrong(document)}
    taken: set[str] = set()
    for document in sorted(speaking, key=lambda document: _rank(report, document)):
        for row, code, amount in document.places():
            if report.key and code in taken:
                held.add((document.identity, row))
            else:
                current.add((document.identity, code, amount, row))
        taken |= {code for code, _ in document.rows}
    return current, held


def _newest_of_each_place(documents: Iterable[Document], moments: Mapping[Name, Sequence[Moment]]) -> dict[Name, Document]:
    """Where each state of a place is all that it holds, its newest state alone counts."""
    newest: dict[str, Document] = {}
    for document in sorted(documents, key=lambda document: _precedence(document, moments)):
        newest[document.uri] = document
    return {(document.uri, document.sha256): document for document in newest.values()}


def arrivals(shown: Iterable[Document]) -> list[Document]:
    """What is new: a place that shows what it showed last brings nothing."""
    last: dict[str, str] = {}
    found = []
    for document in shown:
        if last.get(document.uri) != document.sha256:
            found.append(document)
        last[document.uri] = document.sha256
    return found


def _moments(shown: Iterable[Document]) -> dict[Name, list[Moment]]:
    """Of each document, the moments of its arrivals.

    A time from the future counts as that of what was there before, and none lies before what its place showed earlier.
    """
    latest: dict[str, int] = {}
    there: dict[tuple[str, str | None], int] = {}
    moments: dict[Name, list[Moment]] = {}
    for number, document in enumerate(arrivals(shown)):
        scope = document.unit, document.period
        told = there.get(scope, LONG_AGO) if document.minute >= FUTURE else document.minute
        counts = max(told, latest.get(document.uri, told))
        latest[document.uri] = counts
        there[scope] = max(counts, there.get(scope, counts))
        moments.setdefault((document.uri, document.sha256), []).append((counts, number))
    return moments


def _without_duplicates(
    report: Report, shown: Iterable[Document], documents: Mapping[Name, Document], moments: Mapping[Name, Sequence[Moment]]
) -> list[Document]:
    """Of the same bytes, the eldest that is not refused; where documents replace each other as a whole, its repeats as well."""

    def bytes_of(document: Document) -> tuple[str, ...]:
        own = (document.unit, document.period or "") if report.replaces is Replaces.REGISTER else ()
        return (document.sha256, *own)

    kept = []
    for _, group in groupby(sorted(documents.values(), key=bytes_of), key=bytes_of):
        sound = [document for document in group if not document.is_refused]
        sound.sort(key=lambda document: moments[document.uri, document.sha256][0])
        kept += sound[:1]
        if report.replaces in {Replaces.PERIOD, Replaces.REGISTER}:
            kept += [other for other in sound[1:] if (other.unit, other.period) == (sound[0].unit, sound[0].period)]
    return kept


def _current(
    report: Report, documents: list[Document], moments: Mapping[Name, Sequence[Moment]], accepted: Collection[Name]
) -> list[Document]:
    if report.replaces is Replaces.KEY:
        return documents
    limit = report.shrink_limit
    assert limit is not None
    current = []
    for _, group in groupby(sorted(documents, key=lambda d: _scope(report, d)), key=lambda d: _scope(report, d)):
        passed: Document | None = None
        for document in sorted(group, key=lambda document: _precedence(document, moments)):
            is_held = passed is not None and limit.is_exceeded(len(passed.rows), len(document.rows))
            if is_held and (document.uri, document.sha256) not in accepted:
                continue
            passed = document
        if passed:
            current.append(passed)
    return current


def _each_key(documents: list[Document], moments: Mapping[Name, Sequence[Moment]]) -> dict[str, tuple[Document, Row]]:
    current: dict[str, tuple[Document, Row]] = {}
    for document in sorted(documents, key=lambda document: _precedence(document, moments)):
        current |= {code: (document, (document.identity, code, amount, row)) for row, code, amount in document.places()}
    return current


def _wrong(document: Document) -> set[tuple[str, int]]:
    first = 2 + len(document.rows)
    return {(document.identity, row) for row in range(first, first + len(document.wrong))}


def _end(document: Document) -> str:
    return Period.parse(document.period).end.isoformat() if document.period else ""


def _precedence(document: Document, moments: Mapping[Name, Sequence[Moment]]) -> tuple[str, Moment]:
    return _end(document), moments[document.uri, document.sha256][-1]


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
