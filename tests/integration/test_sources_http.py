"""The signed API, against a server that is busy, breaks off, moves its pages and sends other things than JSON."""

import asyncio
import datetime as dt
import email.utils
import io
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from loaders.model import KnownVersion, Pull, RemoteDocument, Selection
from loaders.sources import SourceError, retry
from loaders.sources.http import client
from loaders.sources.http.api_source import HttpApiSource
from loaders.sources.http.paging import one_state
from tests.support.servers.api import KEY, PATH, SECRET, Answer, Register, data, page_of
from tests.support.servers.background import Background
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import report, signed_register

pytestmark = pytest.mark.integration

SIZE = 4
RECORDS = [
    {"id": f"{number:03d}", "name": f"组织{number}", "updatedAt": f"2023-05-{number + 1:02d}T08:00:00+08:00"}
    for number in range(10)
]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def register() -> Iterator[Register]:
    with Background() as background:
        running = Register(background, [dict(record) for record in RECORDS])
        yield running
        running.close()


@pytest.fixture
def source(register: Register) -> Iterator[HttpApiSource]:
    made = source_at(register.base)
    yield made
    made.close()


def source_at(base: str, timeout: float = 10.0, secret: str = SECRET) -> HttpApiSource:
    contract = report(
        signed_register(PATH, page_size=SIZE),
        period_kind=None,
    )
    return HttpApiSource(contract, contract.source, f"http://{KEY}:{quote(secret, safe='')}@{base}", timeout)


def pull(source: HttpApiSource) -> Pull:
    return source.pull(None, frozenset(), None)


def fetched(source: HttpApiSource, remote_document: RemoteDocument) -> list[dict[str, Any]]:
    target = io.BytesIO()
    source.fetch(remote_document, target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def whole(source: HttpApiSource) -> list[dict[str, Any]]:
    return fetched(source, pull(source).remote_documents[0])


def reply(status: int, text: str = "", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def pages(*contents: Any) -> list[Answer]:
    """Answers with these contents, one a request."""

    def answer(content: Any) -> Answer:
        async def give(request: web.Request) -> web.Response:
            return data(content)

        return give

    return [answer(content) for content in contents]


def test_all_pages_come_as_one_document(source: HttpApiSource) -> None:
    found = pull(source)
    remote_document = found.remote_documents[0]
    assert (remote_document.uri, remote_document.size, remote_document.unit) == (f"register:{PATH}", 10, "4413")
    assert remote_document.modified_at == dt.datetime(2023, 5, 10, tzinfo=dt.UTC)
    assert found.cursor_to == "2023-05-10T08:00:00+08:00"
    assert fetched(source, remote_document) == RECORDS


def test_what_did_not_change_is_asked_for_in_two_small_questions(source: HttpApiSource, register: Register) -> None:
    first = pull(source)
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in first.remote_documents
    ]
    register.requests.clear()
    assert source.pull(first.cursor_to, seen, None) == Pull(first.cursor_to)
    assert [request.query["pageSize"] for request in register.requests] == ["1", "1"]


def test_a_record_that_disappeared_is_noticed(source: HttpApiSource, register: Register) -> None:
    first = pull(source)
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in first.remote_documents
    ]
    del register.records[3]
    again = source.pull(first.cursor_to, seen, None)
    assert len(fetched(source, again.remote_documents[0])) == 9


def test_a_record_dated_in_the_future_does_not_hide_what_follows(source: HttpApiSource, register: Register) -> None:
    register.records[0]["updatedAt"] = "2099-01-01T00:00:00+08:00"
    first = pull(source)
    assert first.cursor_to == "2023-05-10T08:00:00+08:00"
    register.records[1]["name"] = "改名"
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in first.remote_documents
    ]
    assert source.pull(first.cursor_to, seen, None).remote_documents


@pytest.mark.parametrize("odd", [None, "", "昨天", 20230501, "2023-05-01"])
def test_a_record_with_an_odd_update_time_stops_nobody(source: HttpApiSource, register: Register, odd: object) -> None:
    register.records[4]["updatedAt"] = odd
    assert pull(source).cursor_to == "2023-05-10T08:00:00+08:00"


def test_the_newest_is_chosen_by_time_and_not_by_the_letters(source: HttpApiSource, register: Register) -> None:
    register.records[0]["updatedAt"] = "2023-05-10T01:00:00Z"
    assert pull(source).cursor_to == "2023-05-10T01:00:00Z"


def test_chosen_documents_are_pulled_though_known_and_others_not_at_all(source: HttpApiSource, register: Register) -> None:
    assert source.pull("2024-01-01", frozenset(), Selection(uris=(f"register:{PATH}",))).remote_documents
    register.requests.clear()
    assert source.pull("2024-01-01", frozenset(), Selection(units=("441302",))) == Pull("2024-01-01")
    assert not register.requests


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(source: HttpApiSource, register: Register) -> None:
    register.script = [reply(429, Retry_After="1")]
    began = time.monotonic()
    assert whole(source) == RECORDS
    assert time.monotonic() - began >= 1


def test_retry_after_may_be_a_date(source: HttpApiSource, register: Register) -> None:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    register.script = [reply(503, Retry_After=email.utils.format_datetime(moment, usegmt=True))]
    assert whole(source) == RECORDS
    assert dt.datetime.now(dt.UTC) >= moment.replace(microsecond=0)


def test_a_server_that_asks_for_an_hour_is_not_asked_again(source: HttpApiSource, register: Register) -> None:
    register.script = [reply(429, Retry_After="3600")] * 9
    with pytest.raises(SourceError, match=r"no answer: HTTP 429 .*the next run tries again"):
        pull(source)
    assert len(register.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(source: HttpApiSource, register: Register, status: int) -> None:
    register.script = [reply(status), None, reply(status, "<html>bad gateway</html>")]
    assert whole(source) == RECORDS


def test_a_server_in_trouble_all_the_time_ends_as_one_error(source: HttpApiSource, register: Register) -> None:
    register.script = [reply(500)] * 99
    with pytest.raises(SourceError, match="no answer: HTTP 500 at"):
        pull(source)
    assert len(register.requests) == retry.TRIES


def test_each_attempt_is_signed_anew(source: HttpApiSource, register: Register) -> None:
    register.script = [reply(500), reply(500)]
    pull(source)
    nonces = [request.headers["X-Nonce"] for request in register.requests]
    assert len(set(nonces)) == len(nonces) == 2 + 2 * 3


def test_a_server_that_hangs_is_given_up_and_asked_again(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "TRIES", 2)

    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        raise AssertionError

    register.script = [hang]
    source = source_at(register.base, timeout=0.8)
    assert whole(source) == RECORDS
    register.script = [hang] * 9
    began = time.monotonic()
    with pytest.raises(SourceError, match="ReadTimeout"):
        pull(source)
    assert 1.6 <= time.monotonic() - began < 20
    source.close()


def test_an_answer_that_drips_is_given_up(register: Register) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    register.script = [drip]
    source = source_at(register.base, timeout=0.5)
    assert whole(source) == RECORDS
    source.close()


def test_an_answer_that_breaks_off_is_asked_for_again(source: HttpApiSource, register: Register) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"code": 0, "data"')
        assert request.transport is not None
        request.transport.close()
        return response

    register.script = [None, break_off]
    assert whole(source) == RECORDS


def test_a_huge_page_is_refused_before_it_fills_the_memory(
    source: HttpApiSource, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)
            sent += 65_536

    monkeypatch.setattr(client, "MAX_BYTES", 1_000_000)
    register.script = [flood]
    with pytest.raises(SourceError, match=r"more than 1,000,000 bytes; use a smaller source.paging.page_size in the contract"):
        pull(source)
    assert sent < 20_000_000


def test_html_instead_of_json_is_named_and_not_quoted(source: HttpApiSource, register: Register) -> None:
    register.script = [reply(200, "<html>请登录 441302199001010023</html>", Content_Type="text/html; charset=utf-8")]
    with pytest.raises(SourceError, match="found HTTP 200, text/html; charset=utf-8, 41 bytes") as failure:
        pull(source)
    assert "4413021990" not in full_error_text(failure.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"code": 0}',
        '{"code": 0, "data": null}',
        '{"code": 0, "data": {"total": -1, "records": []}}',
        '{"code": 0, "data": {"total": "1 ", "records": [{}, {}]}}',
        '{"code": 0, "data": {"total": "one", "records": [{}]}}',
        '{"code": 0, "data": {"total": 1.5, "records": [{}]}}',
        '{"code": 0, "data": {"total": true, "records": [{}]}}',
        '{"code": 0, "data": {"total": 1, "records": [1]}}',
        '{"code": 0, "data": {"total": 1, "records": {"id": "1"}}}',
        '{"code": 0, "data": {"total": 1, "records": [{"id": "1", "money": NaN}]}}',
        '{"code": 500, "message": "系统繁忙", "data": {"total": 0, "records": []}}',
        "[" * 200_000,
        '{"code": 0, "data": {"total": ' + "9" * 5_000 + ', "records": []}}',
    ],
)
def test_an_answer_of_another_form_is_refused(source: HttpApiSource, register: Register, text: str) -> None:
    register.script = [reply(200, text)]
    register.script *= 9
    with pytest.raises(SourceError, match=r"change source\.") as failure:
        pull(source)
    assert "ask the owner" not in str(failure.value).replace("ask the owner of the system for a quiet hour", "")


def test_the_fault_that_the_server_names_is_reported_without_long_numbers(source: HttpApiSource, register: Register) -> None:
    register.rejects_signatures = True
    refused = r"HTTP 401: what source.auth.kind: hmac sends is not accepted, saying .签名无效, ….; check key and secret"
    with pytest.raises(SourceError, match=refused) as failure:
        pull(source)
    assert len(register.requests) == 1
    for secret in (SECRET, quote(SECRET, safe=""), "13800138000"):
        assert secret not in full_error_text(failure.value)


def test_a_wrong_secret_is_refused_by_the_server(register: Register) -> None:
    with pytest.raises(SourceError, match=r"HTTP 401: what source.auth.kind: hmac sends is not accepted"):
        pull(source_at(register.base, secret="another"))


def test_a_redirect_to_another_host_is_not_followed(source: HttpApiSource, register: Register) -> None:
    with Background() as background:
        other = Register(background, [])
        register.script = [reply(302, Location=f"http://{other.base}{PATH}")]
        with pytest.raises(
            SourceError, match=r"found HTTP 302, a redirect to http://127.*; none is followed; change source.request.path"
        ):
            pull(source)
        assert not other.requests
        other.close()


def test_a_proxy_of_the_environment_is_not_used(source_env: HttpApiSource) -> None:
    assert whole(source_env) == RECORDS


@pytest.fixture
def source_env(register: Register, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpApiSource]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    made = source_at(register.base)
    yield made
    made.close()


def test_a_server_that_is_not_there_is_reported_without_the_secret() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceError, match="no answer: ConnectError") as failure:
        pull(source_at(f"127.0.0.1:{port}"))
    assert SECRET not in full_error_text(failure.value)


def test_a_page_that_comes_twice_in_a_row_is_broken_paging(source: HttpApiSource, register: Register) -> None:
    async def first_again(request: web.Request) -> web.Response:
        return data({"total": 10, "records": RECORDS[:SIZE]})

    register.script = [first_again] * 9
    with pytest.raises(SourceError, match=r"page 2 is the same as page 1; change the names of the parameters in source\.paging"):
        pull(source)


def test_a_page_that_shifts_is_noticed_and_pulled_again(source: HttpApiSource, register: Register) -> None:
    """A record is put in at the front after page 1: page 2 begins with the last record of page 1."""

    async def after_insertion(request: web.Request) -> web.Response:
        return page_of([{"id": "000a", "updatedAt": "2023-05-11T00:00:00+08:00"}, *RECORDS[:9]], request)

    register.script = [None, after_insertion, after_insertion]
    assert whole(source) == RECORDS


def test_a_page_that_shifts_while_the_total_grows_is_noticed_and_pulled_again(source: HttpApiSource, register: Register) -> None:
    async def insert(request: web.Request) -> web.Response:
        register.records.insert(0, {"id": "000a", "updatedAt": "2023-05-11T00:00:00+08:00"})
        return page_of(register.records, request)

    register.script = [None, insert]
    assert [record["id"] for record in whole(source)] == ["000a", *(record["id"] for record in RECORDS)]


def test_a_record_that_is_removed_while_paging_is_noticed(source: HttpApiSource, register: Register) -> None:
    """Without noticing, the record that slid from page 2 to page 1 would be missing."""

    async def remove(request: web.Request) -> web.Response:
        del register.records[0]
        return page_of(register.records, request)

    register.script = [None, remove]
    assert whole(source) == RECORDS[1:]


def test_a_register_that_never_keeps_still_ends_as_one_error(source: HttpApiSource, register: Register) -> None:
    async def grow(request: web.Request) -> web.Response:
        register.records.append({"id": f"new{len(register.records)}", "updatedAt": "2023-05-11T00:00:00+08:00"})
        return page_of(register.records, request)

    register.script = [grow] * 99
    with pytest.raises(SourceError, match=r"changed under each of 4 pulls .the total went from"):
        pull(source)


def test_a_key_that_the_register_itself_holds_twice_is_taken(source: HttpApiSource, register: Register) -> None:
    register.records[6] = dict(register.records[1])
    assert whole(source) == register.records


@pytest.mark.parametrize(
    "last",
    [{"total": 10, "records": []}, {"total": 10, "records": [*RECORDS[8:], {"id": "x"}, {"id": "y"}]}],
    ids=["ends early", "brings more"],
)
def test_a_number_of_records_that_never_fits_the_total_is_refused(
    source: HttpApiSource, register: Register, last: dict[str, Any]
) -> None:
    first, second = {"total": 10, "records": RECORDS[:4]}, {"total": 10, "records": RECORDS[4:8]}
    rest = [last] if last["records"] else [last] * 3
    register.script = pages(first, second, *rest) * one_state.PASSES
    with pytest.raises(SourceError, match=rf"of 10 records had come by page {2 + len(rest)}"):
        pull(source)


def test_a_record_without_its_key_is_left_to_the_validation(source: HttpApiSource, register: Register) -> None:
    del register.records[2]["id"], register.records[5]["id"]
    assert whole(source) == register.records


def test_an_empty_register_is_an_empty_document(source: HttpApiSource, register: Register) -> None:
    register.records.clear()
    found = pull(source)
    assert found.cursor_to is None
    assert fetched(source, found.remote_documents[0]) == []


def test_half_a_character_and_odd_letters_survive(source: HttpApiSource, register: Register) -> None:
    register.records[0]["name"] = "\ud83d 半个字 \u0000 \u2028 \U0001f600"
    assert whole(source)[0]["name"] == register.records[0]["name"]
    target = io.BytesIO()
    source.fetch(pull(source).remote_documents[0], target)
    target.getvalue().decode("utf-8")


@pytest.mark.parametrize("url", ["ftp://k:s@h", "http://k:se/cret@h:80", "k:secret"])
def test_a_url_that_cannot_be_used_is_not_reported(url: str) -> None:
    contract = report(signed_register(PATH))
    with pytest.raises(SourceError, match='connection "register"') as failure:
        HttpApiSource(contract, contract.source, url, 1)
    assert "secret" not in full_error_text(failure.value) and "'se'" not in full_error_text(failure.value)
