"""SOAP services in both versions, and all that can be wrong with a service, a WSDL or a contract."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from aiohttp import web

from loaders.model import KnownVersion, Pull, Selection
from loaders.period import Period
from loaders.sources import SourceError, retry
from loaders.sources.soap import operation
from loaders.sources.soap.soap_source import SoapSource
from tests.support.servers.background import Background
from tests.support.servers.error_text import full_error_text
from tests.support.servers.guarded_api import GuardedApi
from tests.support.servers.soap_service import (
    NAMESPACE,
    Question,
    envelope,
    fault,
    response,
    soap_service,
    write_wsdl,
)
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

USER, SECRET = "huimin", "s3cret-words"
RECORD = (
    '<item id="7"><code> 051-A</code><amount>12.50</amount><share>1E2</share><name><![CDATA[甲 & 乙]]></name>'
    '<place><city>惠州</city></place><tag>a</tag><tag>b</tag><none/><nil xsi:nil="true"/>'
    "<updated>2023-05-02T08:00:00</updated></item>"
)
LIST = f'<list xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{RECORD}</list>'
FIELDS = {
    "@id": "7",
    "code": " 051-A",
    "amount": "12.50",
    "share": "1E2",
    "name": "甲 & 乙",
    "place.city": "惠州",
    "tag": ["a", "b"],
    "none": "",
    "nil": None,
    "updated": "2023-05-02T08:00:00",
}
FACTS: dict[str, Any] = {
    "kind": "soap",
    "connection": "service",
    "wsdl": "register.wsdl",
    "path": "/ws/register",
    "operation": "Query",
    "records": "list.item",
    "key": "id",
}
Open = Callable[..., SoapSource]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def api() -> Iterator[GuardedApi]:
    with Background() as background:
        running = GuardedApi(background, soap_service(lambda asked: response(asked.version, LIST)))
        yield running
        running.close()


@pytest.fixture
def open_source(api: GuardedApi, tmp_path: Path) -> Iterator[Open]:
    write_wsdl(tmp_path)
    opened: list[SoapSource] = []

    def open_one(
        secret: str = SECRET, timeout: float = 5.0, *, changes: dict[str, Any] | None = None, **facts: Any
    ) -> SoapSource:
        contract = report(FACTS | facts, **({"period_kind": None} | (changes or {})))
        opened.append(SoapSource(contract, contract.source, api.with_credentials(USER, secret), timeout, tmp_path))
        return opened[-1]

    yield open_one
    for source in opened:
        source.close()


def pull(source: SoapSource, only: Selection | None = None) -> Pull:
    return source.pull(None, frozenset(), only)


def fetched(source: SoapSource, number: int = 0) -> list[dict[str, Any]]:
    target = io.BytesIO()
    source.fetch(pull(source).remote_documents[number], target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


@pytest.mark.parametrize(("port", "version"), [(None, "1.1"), ("Soap11", "1.1"), ("Soap12", "1.2")])
def test_texts_come_exactly_as_the_xml_has_them(api: GuardedApi, open_source: Open, port: str | None, version: str) -> None:
    asked: list[Question] = []
    api.handler = soap_service(lambda question: asked.append(question) or response(question.version, LIST))
    source = open_source(port=port, arguments={"areaCode": "441302", "limit": 500})
    assert fetched(source) == [FIELDS]
    assert asked == [Question(version, {"areaCode": "441302", "limit": "500"})]
    assert api.paths() == ["/ws/register"]


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("port", ["Soap11", "Soap12"])
def test_a_username_token_is_anew_in_each_request(api: GuardedApi, open_source: Open, port: str, digest: bool) -> None:
    api.handler = soap_service(lambda asked: response(asked.version, LIST), {USER: SECRET})
    auth = {"kind": "username_token", "digest": digest}
    source = open_source(port=port, auth=auth)
    assert fetched(source) == fetched(source) == [FIELDS]
    assert all((SECRET.encode() in seen.body) != digest for seen in api.requests)
    with pytest.raises(SourceError, match=r"reports the fault s:(Client|Sender): 口令不正确 …; check .*source\.auth") as error:
        pull(open_source("another", port=port, auth=auth))
    for text in (SECRET, "another", "13800138000"):
        assert text not in full_error_text(error.value)


def test_basic_authentication(api: GuardedApi, open_source: Open) -> None:
    guarded = api.handler
    api.handler = lambda seen: (
        guarded(seen) if seen.headers.get("Authorization", "").startswith("Basic ") else web.Response(status=401)
    )
    assert fetched(open_source(auth={"kind": "basic"})) == [FIELDS]
    with pytest.raises(SourceError, match=r"HTTP 401: the server asks who we are; say in source\.auth"):
        pull(open_source())


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (f'<?xml version="1.0" encoding="GBK"?><result><code>0</code>{LIST}</result>', {"format": "xml"}),
        ('{"code": "0", "list": {"item": [{"id": 7, "amount": 12.50, "name": "甲"}]}}', {"format": "json"}),
    ],
)
def test_a_text_that_is_xml_or_json_itself(api: GuardedApi, open_source: Open, content: str, facts: dict[str, str]) -> None:
    api.handler = soap_service(lambda asked: response(asked.version, f"<return>{escape(content)}</return>"))
    source = open_source(embedded={"path": "return", **facts}, success={"path": "code", "values": [0]})
    expected = FIELDS if facts["format"] == "xml" else {"id": 7, "amount": 12.5, "name": "甲"}
    assert fetched(source) == [expected]


def test_one_document_for_each_unit_and_period(api: GuardedApi, open_source: Open) -> None:
    def answer(asked: Question) -> web.Response:
        month, unit = asked.arguments["month"], asked.arguments["areaCode"]
        has_some = (unit, month) in {("441302", "2023-05-01..20230531"), ("441303", "2023-06-01..20230630")}
        return response(asked.version, LIST if has_some else "<list/>")

    api.handler = soap_service(answer)
    source = open_source(
        asks_for="unit_and_period",
        periods={"back": 2, "again": 2, "current": True},
        arguments={"areaCode": "{unit}", "month": "{window_start}..{window_end:%Y%m%d}"},
        changes={"period_kind": "month", "units": ["441302", "441303"]},
    )
    months = tuple(Period.parse(text) for text in ("2023-05", "2023-06"))
    found = pull(source, Selection(periods=months)).remote_documents
    assert [(document.uri, document.unit, str(document.period), document.size) for document in found] == [
        ("service:Query/441302/2023-05", "441302", "2023-05", 1),
        ("service:Query/441303/2023-06", "441303", "2023-06", 1),
    ]
    assert len(api.requests) == 4
    api.requests.clear()
    assert pull(source).remote_documents == ()
    assert len(api.requests) == 2 * 3, "without a choice, the present period and two before it"


PAGES = {"kind": "page_number", "page": "page", "size": "limit", "page_size": 2}
ITEM = "<item><code>{0}</code><updated>{1}</updated></item>"


def test_pages_are_arguments_and_unchanged_registers_are_not_pulled_again(api: GuardedApi, open_source: Open) -> None:
    asked: list[dict[str, str]] = []
    records = [(f"k{number}", f"2023-05-0{number}T08:00:00") for number in range(1, 4)]

    def answer(question: Question) -> web.Response:
        asked.append(question.arguments)
        since = question.arguments.get("month", "")
        found = [record for record in records if record[1] > since]
        size = int(question.arguments["limit"])
        start = (int(question.arguments["page"]) - 1) * size
        items = "".join(ITEM.format(*record) for record in found[start : start + size])
        return response(question.version, f"<list><total>{len(found)}</total>{items}</list>")

    api.handler = soap_service(answer)
    source = open_source(arguments={"month": "{since}"}, paging=PAGES, total="list.total", key="id", updated_field="updated")
    first = pull(source)
    (document,) = first.remote_documents
    assert document.size == 3 and [question["page"] for question in asked] == ["1", "2", "1", "2"], "two passes"
    assert all("month" not in question for question in asked), "at the first pull nothing is known"
    known = {KnownVersion(document.uri, document.size, document.modified_at)}
    asked.clear()
    assert source.pull(first.cursor_to, known, None) == Pull("2023-05-03T08:00:00")
    assert asked == [{"month": "2023-05-03T08:00:00", "page": "1", "limit": "1"}, {"page": "1", "limit": "1"}]
    records.append(("k4", "2023-05-04T08:00:00"))
    assert source.pull(first.cursor_to, known, None).remote_documents[0].size == 4


def test_the_envelopes_are_kept_as_they_came(open_source: Open) -> None:
    source = open_source()
    (document,) = pull(source).remote_documents
    target = io.BytesIO()
    source.fetch_answers(document, target)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["00001.xml"] and b"Envelope" in archive.read("00001.xml")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_fault_is_reported_with_its_code_and_without_numbers(api: GuardedApi, open_source: Open, version: str) -> None:
    api.handler = soap_service(lambda asked: fault(asked.version, "Server", f"查无此人 44130219900101123X {'长' * 300}"))
    port = {"1.1": "Soap11", "1.2": "Soap12"}[version]
    with pytest.raises(
        SourceError, match=r"Query: the service reports the fault s:Server: 查无此人 … 长+; check source\.arg"
    ) as error:
        pull(open_source(port=port))
    assert "44130219900101123X" not in full_error_text(error.value)
    assert len(api.requests) == 1


def answers(text: str, **facts: Any) -> Callable[[Any], web.Response]:
    return lambda seen: web.Response(text=text, **({"content_type": "text/xml"} | facts))


CODE = {"success": {"path": "code", "values": [0, 200]}}
XML = {"embedded": {"path": "return", "format": "xml"}}
JSON = {"embedded": {"path": "return", "format": "json"}}


@pytest.mark.parametrize(
    ("content", "facts", "message"),
    [
        (
            LIST,
            {"records": "rows.item"},
            r"expected elements at `records: rows\.item`, found QueryResponse, list, list\.item; change source\.records",
        ),
        (
            LIST,
            {"records": "list.row"},
            r"at `records: list\.row`, found QueryResponse, list, list\.item; change source\.records",
        ),
        (LIST, CODE, r"expected a code at `success\.path: code`, found keys QueryResponse, list, .*; change source\.success"),
        ("<code>9</code>", CODE, r"says code 9, expected 0, 200; change source\.arguments if it .*source\.success"),
        (LIST, XML, r"expected a text at `embedded\.path: return`, .*; change source\.embedded\.path"),
        ("<return>x</return>", XML, r"no XML in the text at `embedded\.path: return`; change source\.embedded"),
        ("<return>{</return>", JSON, r"no JSON in the text at `embedded\.path: return`; change source\.embedded"),
        (
            '<return>{"list": {"item": 1}}</return>',
            JSON,
            r"a list at `records: list\.item`, found a text or number there.*; change source\.records",
        ),
        (
            '<return>{"rows": []}</return>',
            JSON,
            r"a list at `records: list\.item`, found keys rows \(list of 0\); change source\.records",
        ),
        (LIST, {"arguments": {"area": "x"}}, r"not those of Query: .*'area'.*; correct source\.arguments"),
    ],
)
def test_an_answer_that_is_not_as_the_contract_says_names_the_field(
    api: GuardedApi, open_source: Open, content: str, facts: dict[str, Any], message: str
) -> None:
    api.handler = soap_service(lambda asked: response(asked.version, content))
    with pytest.raises(SourceError, match=message):
        pull(open_source(**facts))


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (soap_service(lambda asked: envelope(asked.version, "")), "an Envelope without content"),
        (answers("<html/>", content_type="text/html"), r"expected XML at /ws/register, found HTTP 200.*; correct source\.path"),
        (answers("<a/>"), r"an element a instead of an Envelope; check source\.path"),
        (answers(f'<Envelope xmlns="{NAMESPACE}"><Body><a/></Body></Envelope>'), "an element Envelope instead of an Envelope"),
        (answers("<a>"), r"is no XML \(line 1\)"),
        (answers('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "XML with a document type"),
        (lambda seen: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), "found HTTP 302"),
    ],
)
def test_an_answer_that_is_no_envelope_names_the_field(api: GuardedApi, open_source: Open, handler: Any, message: str) -> None:
    api.handler = handler
    with pytest.raises(SourceError, match=message):
        pull(open_source())


@pytest.mark.parametrize("empty", ["<list/>", "<list><total>0</total></list>"])
def test_a_register_without_records_is_a_document_without_lines(api: GuardedApi, open_source: Open, empty: str) -> None:
    api.handler = soap_service(lambda asked: response(asked.version, empty))
    assert fetched(open_source()) == []


def test_a_server_in_trouble_is_asked_again(api: GuardedApi, open_source: Open) -> None:
    usual, broken = (
        api.handler,
        [web.Response(status=503, text="busy"), web.Response(status=500, text="<html/>", content_type="text/html")],
    )
    api.handler = lambda seen: broken.pop() if broken else usual(seen)
    assert fetched(open_source()) == [FIELDS]
    assert len(api.requests) == 3
    api.handler = lambda seen: web.Response(status=503)
    with pytest.raises(SourceError, match="no answer: HTTP 503 at /ws/register; the next run tries again"):
        pull(open_source())


def test_answers_are_bounded_in_size_and_time(api: GuardedApi, open_source: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "MAX_BYTES", 100)
    with pytest.raises(SourceError, match=r"/ws/register answers with more than 100 bytes; ask for less with source\.asks_for"):
        pull(open_source())
    monkeypatch.setattr(retry, "TRIES", 1)
    api.handler = lambda seen: time.sleep(1.0) or web.Response()
    with pytest.raises(SourceError, match=r"no answer: ReadTimeout at http://127.0.0.1:\d+/ws/register"):
        pull(open_source(timeout=0.2))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"wsdl": "absent.wsdl"}, r"source\.wsdl absent\.wsdl: there is no file absent\.wsdl"),
        ({"operation": "Search"}, r"no operation Search; source\.operation is one of Query"),
        ({"port": "Http"}, r"no SOAP port Http; source\.port is one of Soap11, Soap12"),
        ({"wsdl": "broken.wsdl"}, r"source\.wsdl broken\.wsdl cannot be used \(XMLSyntaxError"),
        ({"wsdl": "fetching.wsdl"}, r"it imports http://elsewhere\.example/register\.xsd: save that beside the WSDL file"),
        ({"wsdl": "climbing.wsdl"}, r"it imports secret\.xsd from outside the folder of the contract"),
    ],
)
def test_a_wsdl_that_cannot_be_used_names_the_field(
    open_source: Open, tmp_path: Path, facts: dict[str, Any], message: str
) -> None:
    text = (tmp_path / "register.wsdl").read_text(encoding="utf-8")
    (tmp_path / "broken.wsdl").write_text(text[:500], encoding="utf-8")
    (tmp_path / "fetching.wsdl").write_text(
        text.replace("register.xsd", "http://elsewhere.example/register.xsd"), encoding="utf-8"
    )
    (tmp_path / "climbing.wsdl").write_text(text.replace("register.xsd", "../secret.xsd"), encoding="utf-8")
    (tmp_path.parent / "secret.xsd").write_text("<a/>", encoding="utf-8")
    with pytest.raises(SourceError, match=message) as error:
        open_source(**facts)
    assert str(tmp_path) not in full_error_text(error.value)
