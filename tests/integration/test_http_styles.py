"""APIs of many styles, each described by a few lines of a contract, against little servers of those styles."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from aiohttp import web

from loaders.model import Pull, RemoteDocument
from loaders.sources import SourceError, retry
from loaders.sources.http.api_source import HttpApiSource
from tests.support.servers.little import Handler, LittleServer, fixed, serving
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

RECORDS = [{"id": f"{number:03d}", "name": f"组织{number}"} for number in range(10)]
SIZE = 4
DELIMITED = {"kind": "delimited"}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


def source_of(server: LittleServer, facts: dict[str, Any], secret: str = "t0ken", **changes: Any) -> HttpApiSource:
    described = {"kind": "http_api", "connection": "api", "request": {"path": "/list"}} | facts
    contract = report(described, period_kind=None, **changes)
    return HttpApiSource(contract, contract.source, server.url("huimin", secret), 10.0)


def document(source: HttpApiSource) -> tuple[RemoteDocument, bytes]:
    pulled = source.pull(None, frozenset(), None)
    target = io.BytesIO()
    source.fetch(pulled.remote_documents[0], target)
    return pulled.remote_documents[0], target.getvalue()


def pulled_records(handler: Handler, facts: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    with serving(handler) as server:
        source = source_of(server, facts, **changes)
        try:
            return [json.loads(line) for line in document(source)[1].splitlines()]
        finally:
            source.close()


def page_of(request: web.Request, page: int, size: int = SIZE) -> list[dict[str, Any]]:
    return RECORDS[page * size : (page + 1) * size]


async def bearer_and_cursor(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != "Bearer t0ken":
        return web.json_response({"error": "no token"}, status=401)
    page = int(request.query.get("cursor", "c0")[1:])
    after = f"c{page + 1}" if (page + 1) * SIZE < len(RECORDS) else None
    return web.json_response({"items": page_of(request, page), "meta": {"next": after}})


def test_bearer_and_cursor() -> None:
    facts = {"auth": {"kind": "bearer"}, "paging": {"kind": "cursor", "next": "meta.next"}, "records": "items"}
    assert pulled_records(bearer_and_cursor, facts) == RECORDS


async def key_and_next_url(request: web.Request) -> web.Response:
    if request.headers.get("X-Api-Key") != "t0ken":
        return web.json_response({"error": "no key"}, status=403)
    page = int(request.query.get("from", "0"))
    content: dict[str, Any] = {"data": {"rows": page_of(request, page)}}
    if (page + 1) * SIZE < len(RECORDS):
        content["links"] = {"next": f"/list?from={page + 1}"}
    return web.json_response(content)


def test_api_key_and_next_url() -> None:
    facts = {
        "auth": {"kind": "api_key", "header": "X-Api-Key"},
        "paging": {"kind": "next_url", "next": "links.next"},
        "records": "data.rows",
    }
    assert pulled_records(key_and_next_url, facts) == RECORDS


async def with_link_header(request: web.Request) -> web.Response:
    page, size = int(request.query.get("page", "0")), int(request.query["per_page"])
    headers = {}
    if (page + 1) * size < len(RECORDS):
        headers["Link"] = f'<http://{request.host}/list?per_page={size}&page={page + 1}>; rel="next", </list>; rel="first"'
    return web.json_response(page_of(request, page, size), headers=headers)


def test_link_header_and_a_list_at_the_root() -> None:
    facts = {"paging": {"kind": "link", "size": "per_page", "page_size": 3}}
    assert pulled_records(with_link_header, facts) == RECORDS


def numbered(ends: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        page, size = int(request.query["pageNo"]), int(request.query["limit"])
        content: dict[str, Any] = {"list": page_of(request, page, size)}
        if ends == "more":
            content["hasMore"] = (page + 1) * size < len(RECORDS)
        elif ends == "total as text":
            content["count"] = str(len(RECORDS))
        elif ends == "last page again":
            content["list"] = page_of(request, min(page, 2), size)
        return web.json_response(content)

    return handler


@pytest.mark.parametrize("ends", ["empty page", "more", "total as text", "last page again"])
def test_numbered_pages_end(ends: str) -> None:
    paging = {"kind": "page_number", "page": "pageNo", "first": 0, "size": "limit", "page_size": SIZE}
    facts: dict[str, Any] = {"records": "list", "paging": paging | ({"more": "hasMore"} if ends == "more" else {})}
    facts |= {"total": "count"} if ends == "total as text" else {}
    assert pulled_records(numbered(ends), facts) == RECORDS


async def by_offset(request: web.Request) -> web.Response:
    start, size = int(request.query["skip"]), min(int(request.query.get("take", "4")), 4)
    return web.json_response({"total": len(RECORDS), "rows": RECORDS[start : start + size]})


@pytest.mark.parametrize("size", [{"size": "take", "page_size": SIZE}, {"size": "take", "page_size": 6}, {}])
@pytest.mark.parametrize("total", [{"total": "total"}, {}])
def test_offsets_with_any_page_size(size: dict[str, Any], total: dict[str, Any]) -> None:
    facts = {"paging": {"kind": "offset", "offset": "skip"} | size, "records": "rows"}
    assert pulled_records(by_offset, facts | total) == RECORDS


async def body_is_asked(request: web.Request) -> web.Response:
    asked = json.loads(await request.text())
    assert asked["filter"] == {"open": True, "level": 3} and request.content_type == "application/json"
    page, size = asked["pageInfo"]["pageNum"], asked["pageInfo"]["pageSize"]
    return web.json_response({"code": "0000", "result": {"total": len(RECORDS), "list": page_of(request, page - 1, size)}})


def test_post_with_a_json_body_that_pages() -> None:
    body = {"json": {"filter": {"open": True, "level": 3}, "pageInfo": {"sort": "id"}}}
    paging = {"kind": "page_number", "page": "pageInfo.pageNum", "size": "pageInfo.pageSize", "page_size": SIZE, "in": "body"}
    facts = {
        "request": {"method": "POST", "path": "/list", "body": body},
        "paging": paging,
        "success": {"path": "code", "values": [0, "0000"]},
        "records": "result.list",
        "total": "result.total",
    }
    assert pulled_records(body_is_asked, facts) == RECORDS


async def form_is_asked(request: web.Request) -> web.Response:
    asked = await request.post()
    page = int(str(asked["page"]))
    return web.json_response({"ok": True, "list": page_of(request, page - 1) if asked["kind"] == "全部" else []})


def test_post_with_a_form() -> None:
    facts = {
        "request": {"method": "POST", "path": "/list", "body": {"form": {"kind": "全部"}}},
        "paging": {"kind": "page_number", "in": "body"},
        "success": {"path": "ok", "values": [True]},
        "records": "list",
    }
    assert pulled_records(form_is_asked, facts) == RECORDS


async def text_is_asked(request: web.Request) -> web.Response:
    assert request.content_type == "text/xml" and await request.text() == "<q>{all}</q>"
    return web.json_response(RECORDS)


def test_post_with_a_text() -> None:
    body = {"text": "<q>{{all}}</q>", "content_type": "text/xml"}
    assert pulled_records(text_is_asked, {"request": {"method": "POST", "path": "/list", "body": body}}) == RECORDS


XML = """<?xml version="1.0" encoding="GBK"?>
<r:response xmlns:r="urn:r" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" code="0">
  <!-- two of them --><r:data count="2">
    <item id="001"><name>组织&amp;一</name><sum>1.10</sum><to><town>芦洲</town></to></item>
    <item id="002"><name><![CDATA[甲<乙]]></name><sum xsi:nil="true"/><tag>a</tag><tag>b</tag></item>
  </r:data>
</r:response>"""


def test_xml_with_namespaces_attributes_and_an_encoding_of_its_own() -> None:
    facts = {
        "answer": "xml",
        "records": "data.item",
        "total": "data.@count",
        "success": {"path": "@code", "values": [0]},
        "key": "@id",
    }
    columns = [{"name": "id", "header": "编号", "field": "@id"}]
    found = pulled_records(fixed(XML.encode("gbk"), content_type="application/xml"), facts, columns=columns)
    assert found == [
        {"@id": "001", "name": "组织&一", "sum": "1.10", "to.town": "芦洲"},
        {"@id": "002", "name": "甲<乙", "sum": None, "tag": ["a", "b"]},
    ]


def test_xml_of_an_empty_list() -> None:
    facts = {"answer": "xml", "records": "response.data.item", "total": "data.@count"}
    body = b'<response><data count="0"/></response>'
    assert pulled_records(fixed(body, content_type="text/xml"), facts) == []


def test_json_lines_keep_a_line_that_is_none() -> None:
    body = '{"id": "001", "sum": 1.10}\r\n\n{"id": "002"\n{"id": "003"}'
    with serving(fixed(body, content_type="application/x-ndjson")) as server:
        source = source_of(server, {"answer": "json_lines"})
        remote_document, content = document(source)
        assert content == b'{"id": "001", "sum": 1.10}\n{"id": "002"\n{"id": "003"}\n' and remote_document.size == 3
        source.close()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["编号"])
    book.active.append(["001"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("2023-06.csv", "编号\n001\n")
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "form"),
    [("编号\n001\n".encode("gb18030"), DELIMITED), (workbook(), {"kind": "workbook"}), (zipped(), DELIMITED)],
    ids=["csv", "xlsx", "zip"],
)
def test_a_file_lands_as_it_came(body: bytes, form: dict[str, Any]) -> None:
    handler = fixed(body, content_type="application/octet-stream", Last_Modified="Thu, 01 Jun 2023 00:00:00 GMT")
    with serving(handler) as server:
        source = source_of(server, {"answer": "file"}, format=form)
        remote_document, content = document(source)
        assert content == body and remote_document.size == len(body)
        assert remote_document.modified_at.isoformat() == "2023-06-01T00:00:00+00:00"
        assert not source.has_answers(remote_document)
        source.close()


def test_an_error_in_the_place_of_a_file_is_reported() -> None:
    with serving(fixed({"code": 500, "msg": "文件未生成"})) as server:
        source = source_of(server, {"answer": "file", "success": {"path": "code", "values": [0]}}, format=DELIMITED)
        with pytest.raises(SourceError, match=r"the answer says code 500, expected 0, saying .文件未生成"):
            document(source)
        source.close()


def test_numbers_keep_every_digit() -> None:
    body = '{"data": [ {"id": 12345678901234567890123, "sum": 1.10,\n "rate": 1E+2, "name": "\\ud83d 一\u2028二"}, {"id": 0.1} ]}'
    with serving(fixed(body)) as server:
        source = source_of(server, {"records": "data"})
        lines = document(source)[1].split(b"\n")
        assert lines[0].decode() == '{"id": 12345678901234567890123, "sum": 1.10,  "rate": 1E+2, "name": "\\ud83d 一\u2028二"}'
        assert lines[1:] == [b'{"id": 0.1}', b""]
        source.close()


@pytest.mark.parametrize(
    ("records", "content"),
    [
        ("pages[1].rows", {"pages": [{"rows": []}, {"rows": [{"id": "1"}]}]}),
        ("pages.1.rows", {"pages": [{"rows": []}, {"rows": [{"id": "1"}]}]}),
        ('$.["a.b"]', {"a.b": [{"id": "1"}]}),
        ("数据.列表", {"数据": {"列表": [{"id": "1"}]}}),
    ],
)
def test_a_path_has_indices_and_names_with_dots(records: str, content: Any) -> None:
    assert pulled_records(fixed(content), {"records": records}) == [{"id": "1"}]


def test_a_declared_encoding_wins_over_a_header_that_lies() -> None:
    body = '[{"id": "一"}]'.encode("gb18030")
    facts = {"encoding": "gb18030"}
    assert pulled_records(fixed(body, content_type="application/json; charset=utf-8"), facts) == [{"id": "一"}]


def test_the_answers_are_kept_as_they_came() -> None:
    with serving(bearer_and_cursor) as server:
        facts = {"auth": {"kind": "bearer"}, "paging": {"kind": "cursor", "next": "meta.next"}, "records": "items"}
        source = source_of(server, facts)
        remote_document, _ = document(source)
        kept = [io.BytesIO(), io.BytesIO()]
        source.fetch_answers(remote_document, kept[0])
        again, _ = document(source)
        source.fetch_answers(again, kept[1])
        assert kept[0].getvalue() == kept[1].getvalue(), "equal answers are equal bytes"
        with zipfile.ZipFile(kept[0]) as archive:
            assert archive.namelist() == ["00001.json", "00002.json", "00003.json"]
            assert json.loads(archive.read("00003.json")) == {"items": RECORDS[8:], "meta": {"next": None}}
            assert b"t0ken" not in kept[0].getvalue()
        source.close()


@pytest.fixture
def counter() -> Iterator[list[str]]:
    yield []


def test_the_connection_may_have_a_path(counter: list[str]) -> None:
    async def handler(request: web.Request) -> web.Response:
        counter.append(request.path_qs)
        return web.json_response(RECORDS)

    with serving(handler) as server:
        contract = report({"kind": "http_api", "connection": "api", "request": {"path": "/list", "query": {"all": True}}})
        source = HttpApiSource(contract, contract.source, f"http://{server.base}/gateway/", 10.0)
        assert isinstance(source.pull(None, frozenset(), None), Pull)
        source.close()
    assert counter == ["/gateway/list?all=true"]
