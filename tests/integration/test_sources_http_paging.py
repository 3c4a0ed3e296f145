"""A pull of several pages is of one state of the register, whatever happens between the pages, or it fails."""

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from loaders.model import KnownVersion, Pull
from loaders.sources import SourceError, retry
from loaders.sources.http.api_source import HttpApiSource
from loaders.sources.http.paging import one_state
from tests.support.servers.api import KEY, PATH, SECRET, Answer, Register, data, page_of
from tests.support.servers.background import Background
from tests.support.servers.source_contracts import report, signed_register

pytestmark = pytest.mark.integration

SIZE = 4
RECORDS = [
    {"id": f"{number:03d}", "name": f"组织{number}", "updatedAt": f"2023-05-{number + 1:02d}T08:00:00+08:00"}
    for number in range(10)
]
ADDED = {"id": "999", "name": "新登记", "updatedAt": "2023-05-10T08:00:00+08:00"}


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
    contract = report(signed_register(PATH, page_size=SIZE), period_kind=None)
    made = HttpApiSource(contract, contract.source, f"http://{KEY}:{quote(SECRET, safe='')}@{register.base}", 10.0)
    yield made
    made.close()


def pull(source: HttpApiSource, before: Pull | None = None, *, is_full: bool = False) -> Pull:
    cursor = before.cursor_to if before else None
    return source.pull(cursor, known(before) if before else (), None, is_full=is_full)


def known(pulled: Pull) -> list[KnownVersion]:
    return [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in pulled.remote_documents
    ]


def whole(source: HttpApiSource) -> list[dict[str, Any]]:
    target = io.BytesIO()
    source.fetch(pull(source).remote_documents[0], target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def before_answering(register: Register, change: Callable[[], None]) -> Answer:
    """An answer as usual, just after something changed."""

    async def answer(request: web.Request) -> web.Response:
        change()
        return page_of(register.records, request)

    return answer


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def replace_one(register: Register, place: int = 0) -> None:
    """One record is deleted, another added: the total stays."""
    del register.records[place]
    register.records.append(ADDED | {"id": f"9{len(register.requests):02d}"})


def to_front(register: Register, place: int) -> None:
    """A record is changed and moves, in a register that shows the newest change first."""
    record = register.records.pop(place) | {"name": "改名", "updatedAt": "2023-06-01T08:00:00+08:00"}
    register.records.insert(0, record)


CHANGES: dict[str, Callable[[Register], None]] = {
    "deleted and added, total unchanged": replace_one,
    "deleted on a page that came, added at the front": lambda r: (r.records.pop(1), r.records.insert(0, dict(ADDED)))[0],
    "a record moves from a later page to an earlier one": lambda r: to_front(r, 8),
    "a record moves from an earlier page to a later one": lambda r: r.records.append(r.records.pop(0)),
    "one more": lambda r: r.records.append(dict(ADDED)),
    "one less": lambda r: r.records.pop(2),
    "changed without its update time": lambda r: r.records[1].update(name="改名"),
    "order turned round": lambda r: r.records.reverse(),
}


@pytest.mark.parametrize("answer_number", [1, 2])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_two_pages_ends_in_one_state(
    source: HttpApiSource, register: Register, change: str, answer_number: int
) -> None:
    usual: list[Answer | None] = [None] * answer_number
    register.script = [*usual, before_answering(register, lambda: CHANGES[change](register))]
    found = whole(source)
    assert sorted(found, key=lambda record: record["id"]) == sorted(register.records, key=lambda record: record["id"])


def test_a_change_in_the_second_pass_ends_in_one_state(source: HttpApiSource, register: Register) -> None:
    register.script = [None, None, None, None, before_answering(register, lambda: replace_one(register))]
    assert whole(source) == register.records


def test_a_register_that_changes_all_the_time_with_the_same_total_is_an_error(source: HttpApiSource, register: Register) -> None:
    register.script = [before_answering(register, lambda: replace_one(register))] * 99
    with pytest.raises(SourceError, match=r"the register changed under each of 4 pulls \(.*\); the next run tries again"):
        pull(source)
    assert len(register.requests) <= one_state.PASSES * 3


def test_an_answer_of_one_page_is_one_state_and_asked_for_once(source: HttpApiSource, register: Register) -> None:
    del register.records[SIZE:]
    assert whole(source) == RECORDS[:SIZE]
    assert len(register.requests) == 1


@pytest.mark.parametrize("offset_by", ["asked", "given"])
def test_a_page_size_that_the_server_caps_loses_nothing(source: HttpApiSource, register: Register, offset_by: str) -> None:
    async def capped(request: web.Request) -> web.Response:
        page, asked = int(request.query["page"]), int(request.query["pageSize"])
        given = min(asked, 3)
        start = (page - 1) * (asked if offset_by == "asked" else given)
        return data({"total": len(RECORDS), "records": RECORDS[start : start + given]})

    register.script = [capped] * 99
    assert whole(source) == RECORDS


def test_an_empty_page_in_the_middle_is_not_the_end(source: HttpApiSource, register: Register) -> None:
    """The server counts and pages before it leaves out what we may not see."""
    hidden = set(range(SIZE, 2 * SIZE))

    async def with_a_hole(request: web.Request) -> web.Response:
        page, size = int(request.query["page"]), int(request.query["pageSize"])
        shown = [
            record for place, record in enumerate(RECORDS) if (page - 1) * size <= place < page * size and place not in hidden
        ]
        return data({"total": len(RECORDS) - len(hidden), "records": shown})

    register.script = [with_a_hole] * 99
    assert whole(source) == RECORDS[:SIZE] + RECORDS[2 * SIZE :]


def test_an_empty_page_that_comes_by_accident_loses_nothing(source: HttpApiSource, register: Register) -> None:
    async def empty(request: web.Request) -> web.Response:
        return data({"total": 10, "records": []})

    register.script = [None, empty]
    assert whole(source) == RECORDS


def test_pages_without_a_fixed_order_are_an_error(source: HttpApiSource, register: Register) -> None:
    """Each page is cut from an order of its own: some records come twice and others never, and each pass says the same."""

    async def by_its_own_order(request: web.Request) -> web.Response:
        page, size = int(request.query["page"]), int(request.query["pageSize"])
        turned = RECORDS[page:] + RECORDS[:page]
        return data({"total": 10, "records": turned[(page - 1) * size : page * size]})

    register.script = [by_its_own_order] * 99
    with pytest.raises(SourceError, match=r"brings a record that came before.*whether its pages have a fixed order"):
        pull(source)


def test_records_that_come_in_another_order_each_time_are_one_state(source: HttpApiSource, register: Register) -> None:
    """Two passes with the same records, none of them twice: the order says nothing."""
    register.script = [None, None, before_answering(register, lambda: None), before_answering(register, register.records.reverse)]
    assert sorted(ids(whole(source))) == ids(RECORDS)
    assert len(register.requests) == 6


def test_a_young_change_is_followed_by_another_look(source: HttpApiSource, register: Register) -> None:
    """A record changed in the watermark's own second, or committed late with an earlier time, is newer than nothing."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    register.records[9]["updatedAt"] = now.isoformat()
    first = pull(source)
    register.records[8] |= {"name": "同一秒", "updatedAt": now.isoformat()}
    register.records[7] |= {"name": "迟交", "updatedAt": (now - dt.timedelta(minutes=5)).isoformat()}
    assert {record["name"] for record in whole_of(source, pull(source, first))} >= {"同一秒", "迟交"}


def test_a_full_comparison_finds_what_changed_without_its_update_time(source: HttpApiSource, register: Register) -> None:
    first = pull(source)
    register.records[3]["name"] = "改名"
    assert pull(source, first).remote_documents == ()
    assert whole_of(source, pull(source, first, is_full=True))[3]["name"] == "改名"


def test_a_register_whose_newest_record_is_gone_does_not_go_back_in_time(source: HttpApiSource, register: Register) -> None:
    first = pull(source)
    del register.records[9]
    again = pull(source, first)
    assert again.remote_documents[0].modified_at == first.remote_documents[0].modified_at
    seen = [*known(first), *known(again)]
    assert source.pull(again.cursor_to, seen, None) == Pull(again.cursor_to), "and is unchanged from then on"


def whole_of(source: HttpApiSource, pulled: Pull) -> list[dict[str, Any]]:
    target = io.BytesIO()
    source.fetch(pulled.remote_documents[0], target)
    return [json.loads(line) for line in target.getvalue().splitlines()]
