"""A report from a SOAP service by its contract alone: from the server over landing and validation to the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from aiohttp import web

from loaders import pipeline
from loaders.checking.source_check import check_source
from loaders.contract import Report
from loaders.period import Period
from loaders.settings import Settings
from tests.support.documents.contracts import VISIT
from tests.support.servers.background import Background
from tests.support.servers.guarded_api import GuardedApi
from tests.support.servers.soap_service import Question, response, soap_service, write_wsdl

pytestmark = pytest.mark.integration

USER, SECRET = "huimin", "s3cret"
ROWS = {("441302", "202305"): [("k1", "1"), ("k2", "2")], ("441303", "202305"): [("k3", "many")]}
CONTRACT: dict[str, Any] = {
    "units": ["441302", "441303"],
    "period_kind": "month",
    "replaces": "period",
    "reject_limit_pct": 100,
    "format": {"kind": "records"},
    "columns": [
        {"name": "code", "header": "编号", "field": "code", "required": True, "key": True},
        {"name": "amount", "header": "数量", "field": "amount", "type": "integer"},
    ],
    "source": {
        "kind": "soap",
        "connection": "service",
        "wsdl": "wsdl/register.wsdl",
        "operation": "Query",
        "arguments": {"areaCode": "{unit}", "month": "{period:%Y%m}"},
        "asks_for": "unit_and_period",
        "auth": {"kind": "username_token", "digest": True},
        "records": "list.item",
        "key": "code",
    },
}


def answer(asked: Question) -> web.Response:
    rows = ROWS.get((asked.arguments["areaCode"], asked.arguments["month"]), [])
    items = "".join(f"<item><code>{code}</code><amount>{amount}</amount></item>" for code, amount in rows)
    return response(asked.version, f"<list>{items}</list>")


@pytest.fixture
def api() -> Iterator[GuardedApi]:
    with Background() as background:
        running = GuardedApi(background, soap_service(answer, {USER: SECRET}))
        yield running
        running.close()


def write_contract(settings: Settings, **changes: Any) -> None:
    folder = settings.expectations / "social_work"
    write_wsdl(folder / "wsdl")
    source = CONTRACT["source"] | changes
    text = yaml.safe_dump(VISIT | CONTRACT | {"source": source}, allow_unicode=True)
    (folder / "visit.yml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("port", ["Soap11", "Soap12"])
def test_documents_of_units_and_periods_are_loaded(
    api: GuardedApi, tmp_path: Path, warehouse_url: str, port: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = api.with_credentials(USER, SECRET, "/ws/register")
    settings = Settings(
        home=tmp_path / "home",
        warehouse_url=warehouse_url,
        pii_key=b"k" * 48,
        connections={"service": url},
        expectations=tmp_path / "expectations",
    )
    write_contract(settings, port=port)
    caplog.set_level("DEBUG")
    for _ in range(2):
        for batch in pipeline.extract("visit", settings, periods=["2023-05"]):
            pipeline.load_batch("visit", batch, settings)
    with psycopg.connect(warehouse_url) as connection:
        rows = connection.execute(
            "select _unit_code, to_char(_period_start, 'YYYY-MM'), code, amount from raw.visit"
            " where _superseded_at is null order by code"
        ).fetchall()
        submissions = connection.execute(
            "select source_uri, unit_code, period, rows_loaded, rows_quarantined from ops.submission"
            " where state <> 'duplicate' order by source_uri"
        ).fetchall()
        differences = connection.execute("select from ops.account where difference is distinct from 0").fetchall()
    assert rows == [("441302", "2023-05", "k1", 1), ("441302", "2023-05", "k2", 2)]
    assert submissions == [
        ("service:Query/441302/2023-05", "441302", "2023-05", 2, 0),
        ("service:Query/441303/2023-05", "441303", "2023-05", 0, 1),
    ]
    assert differences == []
    assert SECRET not in caplog.text


def test_a_service_is_tried_as_an_api_is(api: GuardedApi, tmp_path: Path) -> None:
    source = CONTRACT["source"]
    contract = Report.model_validate(VISIT | CONTRACT | {"source": source})
    write_wsdl(tmp_path / "wsdl")
    url = api.with_credentials(USER, SECRET, "/ws/register")
    check = check_source(contract, contract.source, url, 10.0, tmp_path, unit="441302", period=Period.parse("2023-05"))
    assert check.exit_code == 0 and len(check.accepted_rows()) == 2
    assert [(path.field, path.found) for path in check.trial.paths] == [
        ("records: list.item", "2 records"),
        ("key: code", "in 2 of 2 records"),
    ]
