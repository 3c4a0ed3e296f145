"""What goes wrong with an API names the field of the contract to change, ends, and holds no secret."""

from typing import Any

import pytest
from aiohttp import web

from loaders.sources import SourceError, retry
from loaders.sources.http.api_source import HttpApiSource
from loaders.sources.http.paging import counted, followed
from tests.support.servers.error_text import full_error_text
from tests.support.servers.little import Handler, LittleServer, fixed, serving
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

SECRET = "s3cret-value"
PERSON = "441302199001010023"
NUMBERED = {"kind": "page_number"}
CURSOR = {"kind": "cursor", "next": "next"}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


def source_of(server: LittleServer, facts: dict[str, Any], **changes: Any) -> HttpApiSource:
    described = {"kind": "http_api", "connection": "api", "request": {"path": "/list"}, "auth": {"kind": "bearer"}} | facts
    contract = report(described, period_kind=None, **changes)
    return HttpApiSource(contract, contract.source, server.url("huimin", SECRET), 10.0)


def error_of(handler: Handler, facts: dict[str, Any], **changes: Any) -> tuple[str, int]:
    """The message of a pull that fails, and how many requests it took."""
    with serving(handler) as server:
        source = source_of(server, facts, **changes)
        try:
            with pytest.raises(SourceError) as failure:
                source.pull(None, frozenset(), None)
        finally:
            source.close()
        shown = full_error_text(failure.value)
        assert SECRET not in shown and PERSON not in shown and "ask the owner of the system what" not in shown
        return str(failure.value), len(server.requests)


RECORD = {"id": "1", "person": PERSON}
OK = {"code": 0, "data": {"rows": [RECORD], "count": 1}}


@pytest.mark.parametrize(
    ("content", "facts", "expected"),
    [
        (
            OK,
            {"records": "data.list"},
            "/list: expected a list at `records: data.list`, found keys code, data, data.rows (list of 1), data.count; "
            "change source.records to the list",
        ),
        (
            OK,
            {"records": "data"},
            "expected a list at `records: data`, found an object with rows (list of 1), count there, and keys",
        ),
        (OK, {"records": "code"}, "found a text or number there"),
        (
            {"rows": [1]},
            {"records": "rows"},
            "expected objects in the list at `records: rows`, found a text or number as record 1",
        ),
        ([RECORD], {"records": "data"}, "expected a list at `records: data`, found keys $ (list of 1); change source.records"),
        ({PERSON: []}, {"records": "data"}, "found keys 441302********0023 (list of 0); change source.records"),
        (OK, {"records": "data.rows", "total": "total"}, "expected a whole number at `total: total`, found keys code, data"),
        (OK, {"records": "data.rows", "total": "data.rows"}, "expected a whole number at `total: data.rows`, found a list of 1"),
        ({"n": -1, "rows": []}, {"records": "rows", "total": "n"}, "expected a whole number at `total: n`"),
        ({"n": True, "rows": []}, {"records": "rows", "total": "n"}, "found true or false; change source.total"),
        ({"n": 3, "rows": [RECORD]}, {"records": "rows", "total": "n"}, "one answer holds 1 of 3 records; say in source.paging"),
        ({"n": 3, "rows": None}, {"records": "rows", "total": "n"}, "one answer holds 0 of 3 records; say in source.paging"),
        (
            {"code": 401, "msg": f"身份证{PERSON}无权"},
            {"success": {"path": "code", "values": [0, 200], "message": "msg"}, "records": "rows"},
            'the answer says code 401, expected 0, 200, saying "身份证…无权"; change source.request',
        ),
        (
            {"status": "ok"},
            {"success": {"path": "code", "values": [0]}},
            "expected a code at `success.path: code`, found keys status",
        ),
        ({"rows": [RECORD], "next": {"id": 2}}, {"records": "rows", "paging": CURSOR}, "expected a text at `paging.next: next`"),
        (
            {"rows": [RECORD], "more": "maybe"},
            {"records": "rows", "paging": NUMBERED | {"more": "more"}},
            "expected true or false at `paging.more: more`",
        ),
    ],
)
def test_what_is_elsewhere_names_the_field_to_change(content: Any, facts: dict[str, Any], expected: str) -> None:
    message, requests = error_of(fixed(content), facts)
    assert expected in message and requests == 1


@pytest.mark.parametrize(
    ("body", "kind", "facts", "expected"),
    [
        (f"<html>{PERSON}</html>", "text/html", {}, "expected JSON, found HTTP 200, text/html; charset=utf-8, 31 bytes"),
        ("<a><b></a>", "text/xml", {"answer": "xml"}, "expected XML, found HTTP 200, text/xml; charset=utf-8, 10 bytes (no XML)"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "text/xml", {"answer": "xml"}, "(XML with a DOCTYPE); change source.answer"),
        ("<a><c/></a>", "text/xml", {"answer": "xml", "records": "b"}, "expected elements at `records: b`, found a, c; change"),
        ('{"a": 1} {"b": 2}', "application/json", {}, "(more than one value); change source.answer"),
        ("二".encode("gbk"), "application/json", {}, "it is not in utf-8 from byte 0 on: change source.encoding"),
    ],
)
def test_another_form_is_named_and_not_quoted(body: str | bytes, kind: str, facts: dict[str, Any], expected: str) -> None:
    assert expected in error_of(fixed(body, content_type=kind), facts)[0]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "change source.request (path, headers, query or body)"),
        (401, "check user and password of the connection, then source.auth"),
        (403, "then source.auth"),
        (404, 'found HTTP 404, application/json; charset=utf-8, 13 bytes, saying "no"; change source.request.path'),
        (405, "change source.request.method"),
        (415, "change source.request.body"),
    ],
)
def test_a_status_names_the_field_to_change(status: int, expected: str) -> None:
    message, requests = error_of(fixed({"msg": "no"}, status=status), {})
    assert expected in message and requests == 1


def test_a_next_page_on_another_host_is_refused() -> None:
    with serving(fixed([])) as other:
        content = {"rows": [RECORD], "next": f"http://{other.base}/list?token=x"}
        message, _ = error_of(fixed(content), {"records": "rows", "paging": {"kind": "next_url", "next": "next"}})
        assert f"the next page is at http://{other.base}, expected http://127.0.0.1:" in message and "token" not in message
        assert "change its URL, or source.paging" in message
        assert other.requests == []


def test_a_next_page_of_another_scheme_is_refused() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([RECORD], headers={"Link": f'<https://{request.host}/list>; rel="next"'})

    assert "the next page is at https://127.0.0.1" in error_of(handler, {"paging": {"kind": "link"}})[0]


@pytest.mark.parametrize(
    ("paging", "expected"),
    [
        (CURSOR, "page 2 leads to a page that came before, so that paging would never end; change source.paging.next"),
        ({"kind": "next_url", "next": "url"}, "page 2 leads to a page that came before"),
        ({"kind": "link"}, "page 2 leads to a page that came before"),
    ],
)
def test_a_loop_ends(paging: dict[str, Any], expected: str) -> None:
    served = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        content = {"rows": [{"id": str(served)}], "next": "same", "url": "/list?p=same"}
        return web.json_response(content, headers={"Link": '</list?p=same>; rel="next"'})

    message, requests = error_of(handler, {"records": "rows", "paging": paging})
    assert expected in message and requests == 2


def test_a_cursor_that_is_not_sent_is_noticed() -> None:
    served = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        return web.json_response({"rows": [RECORD], "next": f"c{served}"})

    message, requests = error_of(handler, {"records": "rows", "paging": CURSOR | {"token": "wrong"}})
    assert "page 2 is the same as page 1; change source.paging.token" in message and requests == 2


def test_a_full_first_page_without_a_next_one_is_reported() -> None:
    facts = {"records": "rows", "paging": CURSOR | {"next": "meta.next", "size": "n", "page_size": 1}}
    message, _ = error_of(fixed({"rows": [RECORD], "next": "c1"}), facts)
    assert "the first page is full, and there is nothing that leads to the next one; change source.paging.next" in message


@pytest.mark.parametrize(
    ("content", "likely"),
    [
        ({"rows": [RECORD], "page": {"next": "c1"}}, "page.next"),
        ({"rows": [RECORD], "meta": {"nextCursor": "c1"}}, "meta.nextCursor"),
        ({"rows": [RECORD], "data": {"pageToken": 17}}, "data.pageToken"),
    ],
)
def test_a_path_to_the_next_page_that_is_not_there_is_reported(content: Any, likely: str) -> None:
    message, requests = error_of(fixed(content), {"records": "rows", "paging": CURSOR | {"next": "meta.next"}})
    assert f"and {likely} seems to lead to more; change source.paging.next to {likely}" in message and requests == 1


@pytest.mark.parametrize(
    "content",
    [
        {"rows": [RECORD]},
        {"rows": [RECORD], "page": {"next": None, "cursor": ""}},
        {"rows": [RECORD], "nextUpdateTime": "2024-01-01", "more": {"hasNext": False}},
        {"rows": [RECORD | {"next": "c1"}], "accessToken": "x"},
    ],
)
def test_the_last_page_may_leave_out_the_way_to_the_next(content: Any) -> None:
    with serving(fixed(content)) as server:
        source = source_of(server, {"records": "rows", "paging": CURSOR | {"next": "meta.next"}})
        try:
            assert len(source.pull(None, frozenset(), None).remote_documents) == 1
        finally:
            source.close()


def test_a_server_that_is_not_there_is_named_with_the_connection() -> None:
    with serving(fixed({})) as server:
        source = source_of(server, {"records": "rows"})
    with pytest.raises(
        SourceError, match=r"ConnectError at http://127\.0\.0\.1:\d+/list .*; check scheme, host and port of the conn"
    ):
        source.pull(None, frozenset(), None)
    source.close()


def test_empty_pages_without_end_are_bounded() -> None:
    served = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        return web.json_response({"rows": [], "next": f"c{served}"})

    message, requests = error_of(handler, {"records": "rows", "paging": CURSOR})
    assert "20 pages in a row hold no record; change source.records, or source.paging.next" in message and requests == 20


@pytest.mark.parametrize("paging", [NUMBERED, {"kind": "offset"}, CURSOR])
def test_pages_without_end_are_bounded(monkeypatch: pytest.MonkeyPatch, paging: dict[str, Any]) -> None:
    monkeypatch.setattr(counted, "MOST_PAGES", 7)
    monkeypatch.setattr(followed, "MOST_PAGES", 7)
    served = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        return web.json_response({"rows": [{"id": str(served)}], "next": f"c{served}"})

    message, requests = error_of(handler, {"records": "rows", "paging": paging})
    assert "raise source.paging.page_size" in message and requests == 7


def test_a_page_parameter_of_another_name_is_noticed() -> None:
    message, _ = error_of(fixed({"rows": [RECORD]}), {"records": "rows", "paging": NUMBERED})
    assert "page 2 is the same as page 1; change the names of the parameters in source.paging, or name the end" in message


@pytest.mark.parametrize("total", [1, 9])
def test_a_total_that_lies_names_its_field(total: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        return web.json_response({"n": total, "rows": [{"id": f"{page}{number}"} for number in (1, 2)] if page < 3 else []})

    message, _ = error_of(handler, {"records": "rows", "total": "n", "paging": NUMBERED})
    assert "changed under each of 4 pulls" in message and "or change source.total, if it counts something else" in message


def test_a_header_that_cannot_be_sent_is_reported_without_its_value() -> None:
    facts = {"request": {"path": "/list", "headers": {"X-Unit": "{unit}"}, "unit_codes": {"4413": f"惠{PERSON}"}}}
    assert "headers hold ASCII only" in error_of(fixed([]), facts | {"asks_for": "unit"})[0]
