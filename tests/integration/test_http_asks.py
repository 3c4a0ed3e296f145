"""What one request asks for: a period, a unit, or both; what is known is not asked again without reason."""

import datetime as dt
import io
from typing import Any

import pytest
from aiohttp import web

from loaders.model import KnownVersion, Pull, Selection
from loaders.period import Period, PeriodKind
from loaders.sources import DocumentError, SourceError, retry
from loaders.sources.http.api_source import HttpApiSource
from tests.support.servers.little import Handler, LittleServer, serving
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration

UNITS = ["441302", "441303"]
THIS_MONTH = Period.containing(dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date(), PeriodKind.MONTH)
LAST, BEFORE, EARLIER = (THIS_MONTH.previous(), THIS_MONTH.previous().previous(), THIS_MONTH.previous().previous().previous())


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(retry, "TRIES", 2)


async def echo(request: web.Request) -> web.Response:
    """One record, whose fields are the parameters of the request."""
    return web.json_response([{"id": request.query_string, "at": "2023-06-01T08:00:00"}])


def source_of(server: LittleServer, query: dict[str, str], asks_for: str, facts: dict[str, Any], **changes: Any) -> HttpApiSource:
    described = {"kind": "http_api", "connection": "api", "request": {"path": "/q", "query": query}, "asks_for": asks_for}
    contract = report(described | facts, **({"units": UNITS, "unit_level": "county"} | changes))
    return HttpApiSource(contract, contract.source, server.url(), 10.0)


def documents(source: HttpApiSource, pulled: Pull) -> dict[str, bytes]:
    content = {}
    for remote_document in pulled.remote_documents:
        target = io.BytesIO()
        source.fetch(remote_document, target)
        content[remote_document.uri] = target.getvalue()
    return content


def known(pulled: Pull) -> list[KnownVersion]:
    return [KnownVersion(one.uri, one.size, one.modified_at) for one in pulled.remote_documents]


def asked(server: LittleServer) -> list[str]:
    queries = [request.query_string for request in server.requests]
    server.requests.clear()
    return queries


def test_each_period_is_a_document_until_it_is_known() -> None:
    with serving(echo) as server:
        source = source_of(server, {"m": "{period:%Y%m}"}, "period", {"periods": {"back": 3, "again": 1}})
        first = source.pull(None, (), None)
        months = [f"m={period.start:%Y%m}" for period in (EARLIER, BEFORE, LAST)]
        assert asked(server) == months
        assert [(one.uri, one.period, one.unit) for one in first.remote_documents] == [
            (f"api:/q/{period}", period, "441302") for period in (EARLIER, BEFORE, LAST)
        ]
        assert documents(source, first)[f"api:/q/{LAST}"].startswith(f'{{"id": "{months[2]}"'.encode())
        source.pull(first.cursor_to, known(first), None)
        assert asked(server) == months[2:], "only the newest may still change"
        source.pull(first.cursor_to, known(first)[1:], None)
        assert asked(server) == [months[0], months[2]], "what is not known is asked for"
        source.pull(first.cursor_to, known(first), None, is_full=True)
        assert asked(server) == months
        source.close()


def test_the_running_period_is_asked_for_where_the_contract_says_so() -> None:
    with serving(echo) as server:
        window = {"from": "{window_start:%Y/%m/%d}", "to": "{window_end}"}
        source = source_of(server, window, "period", {"periods": {"back": 1, "again": 1, "current": True}})
        pulled = source.pull(None, (), None)
        assert [one.period for one in pulled.remote_documents] == [LAST, THIS_MONTH]
        assert asked(server)[0] == f"from={LAST.start:%Y/%m/%d}&to={LAST.end.isoformat()}"
        source.pull(None, known(pulled), None)
        assert len(asked(server)) == 2, "the running one and the last"
        source.close()


def test_a_quarter_has_a_number() -> None:
    with serving(echo) as server:
        query = {"q": "{period:%Y}-{period:%q}", "p": "{period}"}
        source = source_of(server, query, "period", {"periods": {"back": 1}}, period_kind="quarter")
        source.pull(None, (), Selection(periods=(Period.parse("2019Q3"),)))
        assert asked(server) == ["q=2019-3&p=2019Q3"], "a chosen period may lie further back"
        source.close()


def test_each_unit_is_a_document_under_the_name_that_the_system_gives_it() -> None:
    with serving(echo) as server:
        source = source_of(server, {"org": "{unit}"}, "unit", {"updated_field": "at"}, period_kind=None)
        assert source.pull(None, (), None).remote_documents[1].uri == "api:/q/441303"
        asked(server)
        source.close()
        facts = {"request": {"path": "/{unit}/q", "unit_codes": {"441303": "HY"}}, "updated_field": "at"}
        source = source_of(server, {}, "unit", facts, period_kind=None)
        pulled = source.pull(None, (), Selection(units=("441303",)))
        assert [(one.uri, one.unit) for one in pulled.remote_documents] == [("api:/{unit}/q/441303", "441303")]
        assert [request.path for request in server.requests] == ["/HY/q"]
        assert pulled.remote_documents[0].modified_at == dt.datetime(2023, 6, 1, tzinfo=dt.UTC)
        source.close()


def test_unit_and_period_and_a_document_that_is_fetched_again() -> None:
    with serving(echo) as server:
        query = {"org": "{unit}", "m": "{period}"}
        source = source_of(server, query, "unit_and_period", {"periods": {"back": 2}})
        assert len(source.pull(None, (), None).remote_documents) == 4
        asked(server)
        uri = "api:/q/441303/2019-05"
        pulled = source.pull(None, (), Selection(uris=(uri,)))
        assert asked(server) == ["org=441303&m=2019-05"] and pulled.remote_documents[0].uri == uri
        source.close()


def handler_for(answers: dict[str, Any]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        found = answers.get(request.query["org"], [])
        return web.json_response(found) if isinstance(found, list) else web.Response(status=int(found))

    return handler


def test_what_one_unit_lacks_costs_the_others_nothing() -> None:
    with serving(handler_for({"441302": 404, "441303": [{"id": "1"}]})) as server:
        source = source_of(server, {"org": "{unit}"}, "unit", {}, period_kind=None)
        broken, sound = source.pull(None, (), None).remote_documents
        with pytest.raises(DocumentError, match="HTTP 404"):
            source.fetch(broken, io.BytesIO())
        target = io.BytesIO()
        source.fetch(sound, target)
        assert target.getvalue() == b'{"id": "1"}\n'
        source.close()


def test_a_fault_of_all_units_is_one_of_the_source() -> None:
    with serving(handler_for({"441302": 403, "441303": 403})) as server:
        source = source_of(server, {"org": "{unit}"}, "unit", {}, period_kind=None)
        with pytest.raises(SourceError, match=r"say in source\.auth"):
            source.pull(None, (), None)
        source.close()


def test_a_server_that_is_down_is_not_asked_for_every_period() -> None:
    with serving(handler_for({"441302": 503, "441303": 503})) as server:
        source = source_of(server, {"org": "{unit}", "m": "{period}"}, "unit_and_period", {"periods": {"back": 24}})
        with pytest.raises(SourceError, match="no answer: HTTP 503"):
            source.pull(None, (), None)
        assert len(server.requests) == 2
        source.close()


@pytest.mark.parametrize(("empty_batch", "offered"), [("refuse", 0), ("accept", 2)])
def test_a_period_of_which_there_is_nothing_yet_is_no_document(empty_batch: str, offered: int) -> None:
    with serving(handler_for({})) as server:
        source = source_of(server, {"org": "{unit}"}, "unit", {}, period_kind=None, empty_batch=empty_batch)
        assert len(source.pull(None, (), None).remote_documents) == offered
        seen = [KnownVersion("api:/q/441302", 3, dt.datetime(2023, 6, 1, tzinfo=dt.UTC))]
        assert "api:/q/441302" in {one.uri for one in source.pull(None, seen, None).remote_documents}, "it is empty by now"
        source.close()


def test_changes_are_asked_for_in_the_format_of_the_api() -> None:
    async def handler(request: web.Request) -> web.Response:
        rows = [] if "since" in request.query else [{"id": "1", "at": "1685577600000"}]
        return web.json_response({"n": len(rows), "rows": rows})

    with serving(handler) as server:
        facts = {
            "request": {"path": "/q", "query": {"since": "{since:%Y-%m-%d %H:%M:%S}", "raw": "{since}", "all": "1"}},
            "records": "rows",
            "total": "n",
            "updated_field": "at",
            "updated_format": "epoch_ms",
        }
        source = source_of(server, {}, "register", facts, period_kind=None)
        first = source.pull(None, (), None)
        assert first.cursor_to == "1685577600000"
        assert first.remote_documents[0].modified_at == dt.datetime(2023, 6, 1, tzinfo=dt.UTC)
        assert asked(server) == ["all=1"]
        assert source.pull(first.cursor_to, known(first), None) == Pull(first.cursor_to)
        assert asked(server) == ["since=2023-06-01 08:00:00&raw=1685577600000&all=1", "all=1"]
        source.close()


def test_a_watermark_in_another_format_is_no_watermark() -> None:
    with serving(echo) as server:
        facts = {"updated_field": "at", "updated_format": "%Y-%m-%dT%H:%M:%S"}
        source = source_of(server, {}, "register", facts, period_kind=None)
        assert source.pull("1685577600000", (), None).cursor_to == "2023-06-01T08:00:00"
        source.close()
