"""`huimin source try`: one request, what came, what the paths found, and what the contract makes of it; no value unmasked."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from tests.support.documents.contracts import VISIT
from tests.support.servers.little import Handler, LittleServer, fixed, serving

pytestmark = pytest.mark.integration

PERSON, NAME = "441302199001010023", "欧阳修远"
COLUMNS = [
    {"name": "code", "header": "编号", "required": True, "key": True},
    {"name": "person_name", "header": "姓名", "field": "personName", "pii": "personal"},
    {"name": "visit_persons", "header": "人次", "field": "persons", "type": "integer", "required": True},
    {"name": "remark", "header": "备注"},
]
SOURCE = {
    "kind": "http_api",
    "connection": "tried_api",
    "request": {"path": "/list", "query": {"month": "{period}", "org": "{unit}"}},
    "asks_for": "unit_and_period",
    "auth": {"kind": "api_key", "query": "appkey"},
    "success": {"path": "code", "values": [0]},
    "records": "data.list",
    "updated_field": "at",
}
GOOD = {"code": "k1", "personName": NAME, "persons": 3, "remark": f"[/red] 电话13800138000 {PERSON}", "at": "2023-06-01"}
UNKNOWN = {"contact": NAME}


def tried(handler: Handler | None, tmp_path: Path, *arguments: str, **changes: Any) -> tuple[int, str, list[web.Request]]:
    """The exit code and the output of the command, run as people run it, and the requests that it made."""
    facts = {
        "columns": COLUMNS,
        "source": SOURCE,
        "format": {"kind": "records"},
        "units": ["441302", "441303"],
        "unit_level": "county",
    }
    path = tmp_path / "expectations" / "social_work" / "visit.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(VISIT | facts | {"ignored_headers": ["at"]} | changes, allow_unicode=True), encoding="utf-8")
    if handler is None:
        return *run(tmp_path, None, *arguments), []
    with serving(handler) as server:
        code, output = run(tmp_path, server, *arguments)
        return code, output, list(server.requests)


def run(tmp_path: Path, server: LittleServer | None, *arguments: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW_"))}
    environment |= {"HUIMIN_EXPECTATIONS": str(tmp_path / "expectations"), "HUIMIN_HOME": str(tmp_path / "home")}
    if server is not None:
        environment["AIRFLOW_CONN_TRIED_API"] = server.url("huimin", "s3cret-value")
    command = [sys.executable, "-c", "from loaders.cli import main; main()", "source", "try", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    for secret in ("s3cret-value", PERSON, "13800138000", NAME, "欧阳"):
        assert secret not in output
    return done.returncode, output


def test_a_good_answer(tmp_path: Path) -> None:
    answer = {"code": 0, "data": {"list": [GOOD, GOOD | {"code": "k2"}]}}
    code, output, requests = tried(fixed(answer), tmp_path, "visit", "--period", "2023-06", "--unit", "441303", "--lang", "en")
    assert code == 0, output
    (request,) = requests
    assert dict(request.query) == {"month": "2023-06", "org": "441303", "appkey": "s3cret-value"}
    for expected in (
        "GET http://127.0.0.1:",
        "asked for: unit 441303, period 2023-06",
        "came: HTTP 200, application/json; charset=utf-8",
        "✓ success: code: 0",
        "✓ records: data.list: 2 records",
        "✓ key: code: in 2 of 2 records",
        "✓ updated_field: at (iso): a time in 2 of 2 records",
        "[/red] 电话138****8000 441302********0023",
        "ready to send",
    ):
        assert expected in output, output


def test_fields_that_are_unknown_or_missing(tmp_path: Path) -> None:
    answer = {"code": 0, "data": {"list": [{"code": "k1", "count": 3, "at": "yesterday"} | UNKNOWN]}}
    code, output, _ = tried(fixed(answer), tmp_path, "visit", "--lang", "en")
    assert code == 2
    assert "✗ updated_field: at (iso): a time in 0 of 1 records" in output
    for field, note in (
        ("count", "unknown: add a column with this field, or name it in ignored_headers"),
        ("contact", "unknown: add a column"),
        ("persons", "missing, and required: change the column's field"),
        ("remark", "missing in this answer"),
        ("at", "ignored_headers"),
    ):
        assert any(field in line and note in line for line in output.splitlines()), (field, output)


def test_rows_that_would_be_rejected(tmp_path: Path) -> None:
    answer = {
        "code": 0,
        "data": {"list": [GOOD | {"code": f"k{number}", "persons": 3 if number else "很多"} for number in range(9)]},
    }
    code, output, _ = tried(fixed(answer), tmp_path, "visit", "--lang", "en")
    assert code == 1 and "expected a whole number" in output and "First rows as they would be loaded" in output


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"code": 0, "data": {"rows": [GOOD]}}, "found keys code, data, data.rows (list of 1); change source.records"),
        ({"code": 7, "message": f"无权 {PERSON}"}, "the answer says code 7, expected 0"),
    ],
)
def test_a_path_that_finds_nothing(tmp_path: Path, answer: Any, expected: str) -> None:
    code, output, _ = tried(fixed(answer), tmp_path, "visit")
    assert code == 2 and expected in output


def test_a_path_to_the_next_page_that_is_not_there(tmp_path: Path) -> None:
    answer = {"code": 0, "data": {"list": [GOOD], "page": {"next": "c1"}}}
    source = SOURCE | {"paging": {"kind": "cursor", "next": "data.nextCursor"}}
    code, output, _ = tried(fixed(answer), tmp_path, "visit", source=source)
    assert code == 2
    assert "✗ paging.next: data.nextCursor: not in the answer, and data.page.next seems to lead to more" in output


@pytest.mark.parametrize("status", [401, 404, 302])
def test_a_status(tmp_path: Path, status: int) -> None:
    code, output, _ = tried(fixed("", status=status, Location="/login?x=1"), tmp_path, "visit")
    assert code == 2 and f"HTTP {status}" in output and " source." in output


def test_a_file(tmp_path: Path) -> None:
    source = {name: value for name, value in SOURCE.items() if name not in {"records", "updated_field", "success"}} | {
        "answer": "file"
    }
    columns = [{name: value for name, value in column.items() if name != "field"} for column in COLUMNS]
    body = f"编号,姓名,人次,备注\nk1,{NAME},3,\n".encode("gb18030")
    code, output, _ = tried(
        fixed(body, content_type="text/csv"),
        tmp_path,
        "visit",
        source=source,
        columns=columns,
        format={"kind": "delimited", "encoding": "gb18030"},
        ignored_headers=[],
    )
    assert code == 0 and "came: HTTP 200, text/csv" in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("other",), "no such report: other"),
        (("visit", "--unit", "4413"), "visit has no unit 4413; it has: 441302, 441303"),
        (("visit", "--period", "2023Q1"), "comes by month, found 2023Q1"),
        (("visit", "--period", "yesterday"), "expected a period like 2023-06"),
        (("visit",), 'connection "tried_api" is not set: set AIRFLOW_CONN_TRIED_API'),
    ],
)
def test_what_cannot_be_tried(tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    code, output, _ = tried(None, tmp_path, *arguments)
    assert code == 2 and expected in " ".join(output.replace("│", " ").split()), output


def test_a_report_of_another_kind_of_source(tmp_path: Path) -> None:
    code, output, _ = tried(None, tmp_path, "visit", source=VISIT["source"], format=VISIT["format"], columns=COLUMNS[:1])
    assert code == 2 and "file_drop" in output


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    async def gone(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    code, output, _ = tried(gone, tmp_path, "visit")
    assert code == 2 and "no answer" in output
