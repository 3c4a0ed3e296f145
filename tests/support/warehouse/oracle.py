"""The expected content of the warehouse, computed in the simplest way from the content of the sources and the decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from loaders.contract import FileDrop, KeyScope, Replaces, Report, WhenGone
from loaders.period import Period
from tests.support.warehouse.driver import FUTURE, START, Document

Row = tuple[str, str, int, int]
# (the time that counts, the number of the arrival)
Arrival = tuple[int, int]
Name = tuple[str, str]
LONG_AGO = -(10**9)


def expected(
    report: Report, shown: Sequence[Document], accepted: Collection[Name] = (), gone: Collection[str] = ()
) -> tuple[set[Row], set[tuple[str, int]]]:
    """Computes the current rows (document, code, amount, row), and the (document, row) in quarantine of current documents.

    `shown` are the documents in the order of arrival. `accepted` are the documents (place, content) that a person accepted.
    `gone` are the places that are empty now, under a contract that closes rows of documents that are gone.
    A document is identified by unit, period and rows: which of several documents with the same rows has them is not compared.
    """
    arrivals_of = _arrivals_of(shown)
    documents = {(document.uri, document.sha256): document for document in shown if document.uri not in gone}
    if report.replaces is Replaces.KEY and not isinstance(report.source, FileDrop) and report.when_gone is WhenGone.CLOSE:
        documents = _newest_of_each_place(documents.values(), arrivals_of)
    candidates = _current(report, _without_duplicates(report, shown, documents, arrivals_of), arrivals_of, accepted)
    if report.replaces is Replaces.KEY:
        by_code = _each_key(report, candidates, arrivals_of)
        replaced = [document for document in candidates if document.rows and document not in {d for d, _ in by_code.values()}]
        left = [document for document in candidates if document not in replaced]
        return {row for _, row in by_code.values()}, {place for document in left for place in _wrong(document)}
    current: set[Row] = set()
    quarantined = {place for document in candidates for place in _wrong(document)}
    taken: set[tuple[str, str]] = set()
    for document in sorted(candidates, key=lambda document: _rank(report, document)):
        scope = _key_scope(report, document)
        for row, code, amount in document.places():
            if report.key and (scope, code) in taken:
                quarantined.add((document.identity, row))
            else:
                current.add((document.identity, code, amount, row))
        taken |= {(scope, code) for code, _ in document.rows}
    return current, quarantined


def _newest_of_each_place(documents: Iterable[Document], arrivals_of: Mapping[Name, Sequence[Arrival]]) -> dict[Name, Document]:
    """Keeps the newest document of each place, for sources where a state is everything that a place has."""
    newest: dict[str, Document] = {}
    for document in sorted(documents, key=lambda document: _precedence(document, arrivals_of)):
        newest[document.uri] = document
    return {(document.uri, document.sha256): document for document in newest.values()}


def arrivals(shown: Iterable[Document]) -> list[Document]:
    """Returns the new documents: a place with unchanged content yields none."""
    last: dict[str, str] = {}
    found = []
    for document in shown:
        if last.get(document.uri) != document.sha256:
            found.append(document)
        last[document.uri] = document.sha256
    return found


def _arrivals_of(shown: Iterable[Document]) -> dict[Name, list[Arrival]]:
    """Returns the arrivals of each document.

    A time in the future is replaced by that of the previous document. No time is earlier than that of the place's last document.
    """
    latest: dict[str, int] = {}
    there: dict[tuple[str, str | None], int] = {}
    arrivals_of: dict[Name, list[Arrival]] = {}
    for number, document in enumerate(arrivals(shown)):
        scope = document.unit, document.period
        claimed = there.get(scope, LONG_AGO) if document.minute >= FUTURE else document.minute
        counts = max(claimed, latest.get(document.uri, claimed))
        latest[document.uri] = counts
        there[scope] = max(counts, there.get(scope, counts))
        arrivals_of.setdefault((document.uri, document.sha256), []).append((counts, number))
    return arrivals_of


def _without_duplicates(
    report: Report, shown: Iterable[Document], documents: Mapping[Name, Document], arrivals_of: Mapping[Name, Sequence[Arrival]]
) -> list[Document]:
    """Keeps the oldest valid document per content and, where documents replace each other as a whole, its repeats."""

    def bytes_of(document: Document) -> tuple[str, ...]:
        own = (document.unit, document.period or "") if report.replaces is Replaces.REGISTER else ()
        return (document.sha256, *own)

    kept = []
    for _, group in groupby(sorted(documents.values(), key=bytes_of), key=bytes_of):
        valid = [document for document in group if not document.is_refused]
        valid.sort(key=lambda document: arrivals_of[document.uri, document.sha256][0])
        kept += valid[:1]
        if report.replaces in {Replaces.PERIOD, Replaces.REGISTER}:
            kept += [other for other in valid[1:] if (other.unit, other.period) == (valid[0].unit, valid[0].period)]
    return kept


def _current(
    report: Report, documents: list[Document], arrivals_of: Mapping[Name, Sequence[Arrival]], accepted: Collection[Name]
) -> list[Document]:
    if report.replaces is Replaces.KEY:
        return documents
    limit = report.shrink_limit
    assert limit is not None
    current = []
    for _, group in groupby(sorted(documents, key=lambda d: _scope(report, d)), key=lambda d: _scope(report, d)):
        passed: Document | None = None
        for document in sorted(group, key=lambda document: _precedence(document, arrivals_of)):
            is_held = passed is not None and limit.is_exceeded(len(passed.rows), len(document.rows))
            if is_held and (document.uri, document.sha256) not in accepted:
                continue
            passed = document
        if passed:
            current.append(passed)
    return current


def _each_key(
    report: Report, documents: list[Document], arrivals_of: Mapping[Name, Sequence[Arrival]]
) -> dict[tuple[str, str], tuple[Document, Row]]:
    current: dict[tuple[str, str], tuple[Document, Row]] = {}
    for document in sorted(documents, key=lambda document: _precedence(document, arrivals_of)):
        scope = _key_scope(report, document)
        current |= {(scope, code): (document, (document.identity, code, amount, row)) for row, code, amount in document.places()}
    return current


def _key_scope(report: Report, document: Document) -> str:
    """Returns what a key is unique in: nothing to add, the unit, or the document."""
    return {KeyScope.REPORT: "", KeyScope.UNIT: document.unit, KeyScope.DOCUMENT: document.uri}[report.key_scope]


def _wrong(document: Document) -> set[tuple[str, int]]:
    first = 2 + len(document.rows)
    return {(document.identity, row) for row in range(first, first + len(document.wrong))}


def _end(document: Document) -> str:
    return Period.parse(document.period).end.isoformat() if document.period else ""


def _precedence(document: Document, arrivals_of: Mapping[Name, Sequence[Arrival]]) -> tuple[str, int, dt.date, Arrival]:
    arrival = arrivals_of[document.uri, document.sha256][-1]
    shown_on = dt.date.min if arrival[0] == LONG_AGO else (START + dt.timedelta(minutes=arrival[0])).date()
    return _end(document), document.revision_number, document.stamped_on or shown_on, arrival


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
