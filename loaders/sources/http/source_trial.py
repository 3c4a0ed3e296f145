"""One request to an API, to see what comes and what the paths of the contract find in it. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders.contract import AskedSource, HttpApi, Report
from loaders.contract.sources.http.paging import CountedPaging, CursorPaging, LinkPaging, NextUrlPaging
from loaders.contract.sources.record_fields import field_value
from loaders.period import Period
from loaders.sources.http.answers.page_reader import (
    Page,
    check_success,
    find_more,
    find_next,
    find_total,
    form_of,
    good_answer,
    plain_body,
    read_page,
)
from loaders.sources.http.answers.tree import AnswerMismatch, AnswerTree, Record
from loaders.sources.http.api_source import AnsweringClient
from loaders.sources.http.asks import AskPlan
from loaders.sources.http.change_times import is_change_time
from loaders.sources.http.client import Answer
from loaders.sources.http.paging.page_scan import PageScan
from loaders.sources.http.request_builder import PageCall


@dataclass(frozen=True, slots=True)
class FoundPath:
    """What a field of the contract (`records: data.list`) found in the answer; `is_error`: not what belongs there."""

    field: str
    found: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class SourceTrial:
    """One answer: what came, what the paths found, the records, and the document that would be made of this one page.

    `error` says why there is no document, and what to change.
    """

    request: str
    status: int
    content_type: str
    byte_size: int
    seconds: float
    unit: str
    period: Period | None
    paths: tuple[FoundPath, ...] = ()
    records: tuple[Record, ...] = field(default=(), repr=False)
    document: bytes | None = field(default=None, repr=False)
    error: str | None = None


def try_source(
    report: Report,
    source: AskedSource,
    client: AnsweringClient,
    *,
    unit: str | None = None,
    period: Period | None = None,
) -> SourceTrial:
    """Sends the first request: that of the first unit and the newest ended period unless others are given. Closes the client.

    Raises:
        SourceError: no answer came.
    """
    plan = AskPlan(report, source)
    newest = plan.newest_period() if source.is_per_period else None
    ask = plan.ask_for(unit or report.units[0], period or newest)
    size = getattr(source.paging, "page_size", 0) if getattr(source.paging, "size", None) else 0
    began = time.monotonic()
    try:
        answer = client.ask(ask.values(source), PageCall(size=size))
    finally:
        client.close()
    return _examined(report, source, answer, time.monotonic() - began, ask.unit or report.units[0], ask.period)


def _examined(
    report: Report, source: AskedSource, answer: Answer, seconds: float, unit: str, period: Period | None
) -> SourceTrial:
    # A query may hold a key or a signature.
    request = f"{_method(source)} {answer.url.copy_with(query=None, fragment=None)}"
    came = (request, answer.status, answer.content_type, len(answer.body), seconds, unit, period)
    try:
        tree = good_answer(source, answer)
    except AnswerMismatch as mismatch:
        return SourceTrial(*came, error=f"{mismatch.what}; {mismatch.next_step}")
    if form_of(source) == "file":
        return SourceTrial(*came, document=plain_body(source, answer))
    paths = () if tree is None else tuple(_paths(source, answer, tree))
    try:
        page = read_page(source, answer)
    except AnswerMismatch as mismatch:
        return SourceTrial(*came, paths=paths, error=f"{mismatch.what}; {mismatch.next_step}")
    paths += tuple(_fields(report, source, page.records))
    return SourceTrial(*came, paths=paths, records=tuple(page.records), document=_document(source, page))


def _method(source: AskedSource) -> str:
    return source.request.method if isinstance(source, HttpApi) else f"{source.place} by POST"


def _paths(source: AskedSource, answer: Answer, tree: AnswerTree) -> Iterator[FoundPath]:
    """Yields what each path of the contract found."""
    if source.success is not None:
        yield _found(f"success: {source.success.path}", lambda: check_success(source, tree))
    yield _found(f"records: {source.records}", lambda: f"{len(tree.records(source.records))} records")
    if source.total is not None:
        yield _found(f"total: {source.total}", lambda: find_total(source, tree))
    paging = source.paging
    if isinstance(paging, CursorPaging | NextUrlPaging):
        # A token or the query of a URL may open more than a page: only that there is one is shown.
        yield _found(f"paging.next: {paging.next}", lambda: _next_page(source, answer, tree))
    if isinstance(paging, LinkPaging):
        yield _found("paging: Link header", lambda: _presence(find_next(source, answer, tree)))
    if isinstance(paging, CursorPaging | CountedPaging) and paging.more is not None:
        yield _found(f"paging.more: {paging.more}", lambda: find_more(source, tree))


def _found(name: str, find: Callable[[], Any]) -> FoundPath:
    try:
        return FoundPath(name, str(find()))
    except AnswerMismatch as mismatch:
        return FoundPath(name, f"{mismatch.what}; {mismatch.next_step}", is_error=True)


def _next_page(source: AskedSource, answer: Answer, tree: AnswerTree) -> str:
    page = read_page(source, answer)
    if page.lacks_next and page.likely_next is not None:
        raise AnswerMismatch(
            f"not in the answer, and {page.likely_next} seems to lead to more", f"change source.paging.next to {page.likely_next}"
        )
    if page.lacks_next:
        return f"not in the answer, which has {tree.keys()}: right if this is the last page"
    return _presence(find_next(source, answer, tree))


def _presence(next_page: str | None) -> str:
    return "nothing: this is the last page" if next_page is None else "leads to another page"


def _fields(report: Report, source: AskedSource, records: list[Record]) -> Iterator[FoundPath]:
    """Yields in how many records the key and the time of the last change are."""
    keys = [source.key] if source.key else [column.field or column.name for column in report.columns if column.key]
    for name in keys:
        count = sum(isinstance(value, str) and value != "" for value in _values(records, name))
        yield FoundPath(f"key: {name}", f"in {count} of {len(records)} records", is_error=count < len(records))
    if source.updated_field is not None:
        texts = [str(value) for value in _values(records, source.updated_field)]
        count = sum(is_change_time(source, text) for text in texts)
        name = f"updated_field: {source.updated_field} ({source.updated_format})"
        yield FoundPath(name, f"a time in {count} of {len(records)} records", is_error=count < len(records))


def _values(records: list[Record], name: str) -> list[Any]:
    return [field_value(record.fields, name) for record in records]


def _document(source: AskedSource, page: Page) -> bytes:
    scan = PageScan(source, (), 0)
    scan.take(page)
    scan.lines.seek(0)
    content = scan.lines.read()
    scan.close()
    return content
