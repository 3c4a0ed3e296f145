"""Further styles of APIs that feed a report by its contract alone; test_http_on_ledger.py has the first ones."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from aiohttp import BasicAuth, web

from loaders.landing import landed_path
from tests.support.servers.little import serving
from tests.support.warehouse.api_world import COLUMNS, ROWS, ApiWorld, as_json

pytestmark = pytest.mark.integration

PASSWORD_SM3 = "2940c132650c1ea05b8621da19f6bb625cfe538a37ed081fb713ece143683ed0"
SIZE = 2


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> ApiWorld:
    return ApiWorld(tmp_path, warehouse_url)


def answer_with(content: str) -> web.Response:
    return web.Response(text=content, content_type="application/json")


async def oauth2_and_offset(request: web.Request) -> web.Response:
    if request.path == "/oauth2/token":
        form = await request.post()
        user = BasicAuth.decode(request.headers["Authorization"])
        is_known = form["grant_type"] == "client_credentials" and (user.login, user.password) == ("huimin", "t0ken")
        return web.json_response({"access_token": "a1", "expires_in": 600}, status=200 if is_known else 401)
    if request.headers.get("Authorization") != "Bearer a1":
        return web.Response(status=401)
    start, size = int(request.query["offset"]), int(request.query["limit"])
    return answer_with(f'{{"count": {len(ROWS)}, "items": {as_json(ROWS[start : start + size])}}}')


def test_oauth2_and_offset(world: ApiWorld) -> None:
    with serving(oauth2_and_offset) as server:
        world.contract(
            server,
            {
                "auth": {"kind": "oauth2_client_credentials", "token_url": "/oauth2/token"},
                "paging": {"kind": "offset", "offset": "offset", "size": "limit", "page_size": SIZE},
                "records": "items",
                "total": "count",
            },
        )
        world.load()
        assert world.rows() == ROWS
        assert [request.path for request in server.requests].count("/oauth2/token") == 1
        world.check()


async def token_first(request: web.Request) -> web.Response:
    if request.path == "/api/login":
        asked = await request.json()
        if asked["appId"] != "huimin" or asked["appSecret"] == "t0ken":
            return web.json_response({"code": 401, "msg": "密码错误"})
        return web.json_response({"code": 0, "data": {"accessToken": "b2", "expiresIn": 7200}})
    if request.headers.get("X-Access-Token") != "b2":
        return web.json_response({"code": 40001, "msg": "token已失效"})
    page = int(request.query["pageNo"])
    rows = as_json(ROWS[(page - 1) * SIZE : page * SIZE])
    return answer_with(f'{{"code": 0, "msg": "操作成功", "data": {{"total": {len(ROWS)}, "list": {rows}}}}}')


def test_a_token_first_and_a_list_in_data(world: ApiWorld) -> None:
    with serving(token_first) as server:
        world.contract(
            server,
            {
                "auth": {
                    "kind": "token_request",
                    "token_url": "/api/login",
                    "body": {"appId": "{user}", "appSecret": "{password_sm3}"},
                    "token": "data.accessToken",
                    "success": {"path": "code", "values": [0]},
                    "lifetime": "data.expiresIn",
                    "send_as": {"header": "X-Access-Token"},
                    "expired_when": {"path": "code", "values": [40001]},
                },
                "paging": {"kind": "page_number", "page": "pageNo", "size": "pageSize", "page_size": SIZE},
                "success": {"path": "code", "values": [0], "message": "msg"},
                "records": "data.list",
                "total": "data.total",
            },
        )
        world.load()
        assert world.rows() == ROWS
        assert [json.loads(body) for body in server.bodies if body] == [{"appId": "huimin", "appSecret": PASSWORD_SM3}]
        world.check()


def zip_of_tables(encoding: str = "gbk") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for unit, rows in (("441302", ROWS[:2]), ("441303", ROWS[2:])):
            text = "编号,金额\n" + "".join(f"{code},{amount}\n" for code, amount in rows)
            archive.writestr(f"2023-06/{unit}_探访.csv", text.encode(encoding))
        archive.writestr("说明.txt", "不是报表")
    return target.getvalue()


def test_a_zip_that_is_downloaded(world: ApiWorld) -> None:
    content = zip_of_tables()

    async def download(request: web.Request) -> web.Response:
        user = BasicAuth.decode(request.headers["Authorization"])
        is_known = (user.login, user.password) == ("huimin", "t0ken")
        return web.Response(body=content, status=200 if is_known else 401, content_type="application/octet-stream")

    with serving(download) as server:
        members = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_[^/]*\.csv"
        world.contract(
            server,
            {"auth": {"kind": "basic"}, "answer": "file", "container": {"kind": "zip", "members": members}},
            format={"kind": "delimited", "encoding": "gb18030"},
            replaces="period",
            period_kind="month",
            units=["441302", "441303"],
            unit_level="county",
        )
        world.load()
        assert world.rows() == ROWS
        place = "api:/list!/2023-06/"
        assert world.submissions() == [
            (f"{place}{unit}_探访.csv", unit, "2023-06", "accepted") for unit in ("441302", "441303")
        ], "each member is a document of its own"
        ((sha256,),) = world.query("select sha256 from ops.container")
        assert landed_path(world.settings.landing, sha256).read_bytes() == content
        world.load()
        assert len(world.submissions()) == 2
        world.check()


async def json_lines_and_link(request: web.Request) -> web.Response:
    number = int(request.query.get("from", "0"))
    headers = {"Link": f'</list?from={number + 1}>; rel="next"'} if number + 1 < len(ROWS) else {}
    return web.Response(text=as_json(ROWS[number : number + 1])[1:-1], content_type="application/x-ndjson", headers=headers)


def test_json_lines_and_a_link_header(world: ApiWorld) -> None:
    with serving(json_lines_and_link) as server:
        world.contract(server, {"answer": "json_lines", "paging": {"kind": "link"}})
        world.load()
        assert world.rows() == ROWS
        world.check()


async def objects_in_records(request: web.Request) -> web.Response:
    page = int(request.query["page"])
    rows = [{"id": {"no": code}, "sum": {"yuan": amount}, "at": {"changed": "2023-05-01"}} for code, amount in ROWS]
    return web.json_response({"rows": rows[(page - 1) * SIZE : page * SIZE]})


def test_fields_of_objects_are_key_value_and_update_time(world: ApiWorld) -> None:
    with serving(objects_in_records) as server:
        columns = [COLUMNS[0] | {"field": "id.no"}, COLUMNS[1] | {"field": "sum.yuan"}]
        paging = {"kind": "page_number", "page": "page", "page_size": SIZE}
        source = {"paging": paging, "records": "rows", "key": "id.no", "updated_field": "at.changed"}
        world.contract(server, source, columns=columns, ignored_headers=["at.changed"])
        world.load()
        assert world.rows() == ROWS
        assert world.query("select cursor from ops.watermark") == [("2023-05-01",)]
        world.check()
