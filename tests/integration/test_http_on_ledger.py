"""APIs described by a contract alone, from the first request to rows, ledger and landing."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from loaders.landing import landed_path, read_records
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.period import Period
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.support.servers.little import Handler, fixed, serving
from tests.support.warehouse.api_world import COLUMNS, ROWS, ApiWorld, as_json

pytestmark = pytest.mark.integration


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[ApiWorld]:
    yield ApiWorld(tmp_path, warehouse_url)


async def bearer_and_cursor(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != "Bearer t0ken":
        return web.Response(status=401)
    is_first = "cursor" not in request.query
    rows = as_json(ROWS[:2] if is_first else ROWS[2:])
    return web.Response(
        text=f'{{"items": {rows}, "next": {json.dumps("c2" if is_first else "")}}}', content_type="application/json"
    )


def test_bearer_and_cursor(world: ApiWorld) -> None:
    with serving(bearer_and_cursor) as server:
        world.contract(server, {"auth": {"kind": "bearer"}, "paging": {"kind": "cursor", "next": "next"}, "records": "items"})
        world.load()
        assert world.rows() == ROWS, "no digit is lost"
        world.load()
        assert world.submissions() == [("api:/list", "4413", None, "accepted")], "the same bytes are no second document"
        world.check()


async def key_and_next_url(request: web.Request) -> web.Response:
    if request.headers.get("X-Api-Key") != "t0ken":
        return web.Response(status=403)
    is_first = "after" not in request.query
    content: dict[str, Any] = {"rows": json.loads(as_json(ROWS[:1] if is_first else ROWS[1:2]))}
    return web.json_response(content | ({"next": "/list?after=k1"} if is_first else {}))


def test_api_key_and_next_url(world: ApiWorld) -> None:
    with serving(key_and_next_url) as server:
        source = {"auth": {"kind": "api_key", "header": "X-Api-Key"}, "paging": {"kind": "next_url", "next": "next"}}
        world.contract(server, source | {"records": "rows"})
        world.load()
        assert world.rows() == ROWS[:2]
        world.check()


def test_xml(world: ApiWorld) -> None:
    rows = "".join(f'<row code="{code}"><amount>{amount}</amount></row>' for code, amount in ROWS)
    body = f'<?xml version="1.0" encoding="GB18030"?><resp xmlns="urn:x"><code>0</code><rows>{rows}</rows></resp>'.encode(
        "gb18030"
    )
    with serving(fixed(body, content_type="text/xml")) as server:
        columns = [COLUMNS[0] | {"field": "@code"}, COLUMNS[1]]
        success = {"path": "code", "values": [0]}
        world.contract(server, {"answer": "xml", "records": "rows.row", "success": success}, columns=columns)
        world.load()
        assert world.rows() == ROWS
        world.check()


async def body_is_asked(request: web.Request) -> web.Response:
    asked = await request.json()
    start = (asked["page"] - 1) * asked["size"]
    rows = as_json(ROWS[start : start + asked["size"]])
    text = f'{{"code": "0000", "data": {{"total": {len(ROWS)}, "list": {rows}}}}}' if asked["open"] else '{"code": "9"}'
    return web.Response(text=text, content_type="application/json")


def test_post_with_a_body(world: ApiWorld) -> None:
    with serving(body_is_asked) as server:
        world.contract(
            server,
            {
                "request": {"method": "POST", "path": "/list", "body": {"json": {"open": True}}},
                "paging": {"kind": "page_number", "page": "page", "size": "size", "page_size": 2, "in": "body"},
                "success": {"path": "code", "values": [0, "0000"]},
                "records": "data.list",
                "total": "data.total",
            },
        )
        world.load()
        assert world.rows() == ROWS
        world.check()


def per_unit_and_period(answers: dict[tuple[str, str], list[tuple[str, str]]]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(
            text=as_json(answers.get((request.query["org"], request.query["month"]), [])), content_type="application/json"
        )

    return handler


def test_a_document_per_unit_and_period(world: ApiWorld) -> None:
    with serving(fixed([])) as server:
        source = {
            "request": {
                "path": "/list",
                "query": {"org": "{unit}", "month": "{period:%Y%m}"},
                "unit_codes": {"441302": "HC", "441303": "HY"},
            },
            "asks_for": "unit_and_period",
            "periods": {"back": 2, "again": 1},
        }
        facts = {"replaces": "period", "period_kind": "month", "units": ["441302", "441303"], "unit_level": "county"}
        world.contract(server, source, **facts)
        newest = newest_month()
        earlier = newest.previous()
        answers = {
            ("HC", f"{earlier.start:%Y%m}"): ROWS[:1],
            ("HY", f"{earlier.start:%Y%m}"): ROWS[1:2],
            ("HC", f"{newest.start:%Y%m}"): ROWS[2:],
        }
        server.handler = per_unit_and_period(answers)
        world.load()
        assert world.rows() == ROWS
        assert world.submissions() == [
            (f"api:/list/441302/{earlier}", "441302", str(earlier), "accepted"),
            (f"api:/list/441303/{earlier}", "441303", str(earlier), "accepted"),
            (f"api:/list/441302/{newest}", "441302", str(newest), "accepted"),
        ], "of what nothing is there yet there is no document"
        answers["HC", f"{newest.start:%Y%m}"] = [("k3", "5.00")]
        answers["HY", f"{newest.start:%Y%m}"] = [("k4", "4.00")]
        server.requests.clear()
        world.load()
        assert world.rows() == [*ROWS[:2], ("k3", "5.00"), ("k4", "4.00")]
        assert [request.query["org"] for request in server.requests] == ["HC", "HY"], "the earlier month is known"
        assert [state for *_, state in world.submissions()] == ["accepted", "accepted", "superseded", "accepted", "accepted"]
        world.check()


def newest_month() -> Period:
    from tests.integration.test_http_asks import LAST

    return LAST


def test_a_csv_file(world: ApiWorld) -> None:
    body = ("编号,金额\n" + "".join(f"{code},{amount}\n" for code, amount in ROWS)).encode("gb18030")
    with serving(fixed(body, content_type="text/csv")) as server:
        world.contract(server, {"answer": "file"}, format={"kind": "delimited", "encoding": "gb18030"})
        world.load()
        assert world.rows() == ROWS
        assert world.query("select answers_sha256 from ops.submission") == [(None,)], "the document is what came"
        (path,) = [path for path in world.settings.landing.rglob("*") if path.is_file() and len(path.name) == 64]
        assert path.read_bytes() == body
        world.check()


def test_the_answers_stay_beside_the_document(world: ApiWorld) -> None:
    with serving(bearer_and_cursor) as server:
        world.contract(server, {"auth": {"kind": "bearer"}, "paging": {"kind": "cursor", "next": "next"}, "records": "items"})
        world.load()
        ((sha256,),) = world.query("select answers_sha256 from ops.submission")
        with zipfile.ZipFile(landed_path(world.settings.landing, sha256)) as archive:
            assert [json.loads(archive.read(name))["next"] for name in archive.namelist()] == ["c2", ""]
        (record,) = [record for _, record in read_records(world.settings.landing)]
        assert getattr(record, "answers_sha256", None) == sha256, "the record of the landing names it too"
        landed_path(world.settings.landing, sha256).unlink()
        ((row),) = verify_landing(world.settings, repair=True)
        assert (row["kind"], row["documents"], row["is_repaired"]) == ("missing", ["api:/list"], False)


def test_a_ledger_that_is_rebuilt_knows_the_answers(world: ApiWorld, postgres: Any) -> None:
    from tests.integration.conftest import fresh_database

    with serving(bearer_and_cursor) as server:
        world.contract(server, {"auth": {"kind": "bearer"}, "paging": {"kind": "cursor", "next": "next"}, "records": "items"})
        world.load()
        before = world.query("select source_uri, sha256, answers_sha256 from ops.submission")
        world.settings = Settings(
            home=world.settings.home,
            warehouse_url=postgres.url(fresh_database(postgres)),
            pii_key=world.settings.pii_key,
            expectations=world.settings.expectations,
            connections=world.settings.connections,
        )
        rebuild_ledger(world.settings)
        assert world.query("select source_uri, sha256, answers_sha256 from ops.submission") == before
        assert world.rows() == ROWS
        world.check()
