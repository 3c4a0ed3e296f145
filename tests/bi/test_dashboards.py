"""The dashboards in Superset itself, over a loaded warehouse: imported twice, asked chart by chart, attacked, and looked at."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml

from demo.processes import Processes
from demo.superset.dashboards import ENVIRONMENT, bundle_of_deployment
from demo.superset.server import SupersetServer, SupersetUser
from loaders.dashboards import read_definitions
from loaders.dashboards.definitions import Chart, Dataset
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import ensure_roles, migrate
from loaders.warehouse.schema.roles import READER, county_role
from tests.support.city.city_site import CityWarehouse, running_city

pytestmark = [pytest.mark.bi, pytest.mark.timeout(3600)]
COUNTY = "441302"
PASSWORD = "for-tests"
CITY_USER, COUNTY_USER, STRANGER = "city", "huicheng", "stranger"
DEFINITIONS = read_definitions(PROJECT_ROOT / "dbt_project" / "dashboards")
CHARTS = [chart for dashboard in DEFINITIONS.dashboards for row in dashboard.rows for chart in row]
SLUGS = [dashboard.slug for dashboard in DEFINITIONS.dashboards]
PICTURES = ENVIRONMENT / "pictures"


@dataclass(frozen=True)
class World:
    warehouse: CityWarehouse
    superset: SupersetServer
    users: tuple[SupersetUser, ...]

    def role_url(self, role: str) -> str:
        return self.warehouse.city_site.server.url("warehouse", role, PASSWORD)

    def import_bundle(self, bundle: dict[str, str]) -> None:
        self.superset.prepare(bundle, self.role_url(READER), self.users)

    def client(self, user: str, password: str = PASSWORD) -> httpx.Client:
        given = {"username": user, "password": password, "provider": "db"}
        answer = httpx.post(f"{self.superset.url}/api/v1/security/login", json=given, timeout=120)
        answer.raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=self.superset.url, headers=headers, timeout=120)

    def administrator(self) -> httpx.Client:
        user = self.superset.administrator()
        return self.client(user.name, user.password)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two months of the sample city, and Superset with a user of the city, one of a county, and one without a role of ours."""
    folder = tmp_path_factory.mktemp("bi")
    with running_city(folder, "--months", "2023-11:2023-12") as city:
        warehouse = city.open_warehouse("warehouse", batch_size=100)
        url = city.server.url("warehouse")
        ensure_roles(url, {county_role(COUNTY): PASSWORD})
        assert migrate(url, (COUNTY,)) == ()
        warehouse.load()
        warehouse.huimin("build")
        home = folder / "superset"
        processes = Processes(home, home / "logs")
        users = (
            SupersetUser(CITY_USER, PASSWORD, ("Gamma", "huimin_city")),
            SupersetUser(COUNTY_USER, PASSWORD, ("Gamma", county_role(COUNTY))),
            SupersetUser(STRANGER, PASSWORD, ("Gamma", "huimin_stranger")),
        )
        made = World(warehouse, SupersetServer(home, ENVIRONMENT, processes), users)
        made.import_bundle(bundle_of_deployment(made.role_url(READER)))
        try:
            made.superset.start({county_role(COUNTY): PASSWORD}, outlive=False)
            yield made
        finally:
            processes.stop_all()


def exported(client: httpx.Client) -> dict[str, Any]:
    """Every asset as Superset exports it, by its kind and identifier; without the time of the export."""
    answer = client.get("/api/v1/assets/export/")
    answer.raise_for_status()
    found = {}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        for name in archive.namelist():
            content = yaml.safe_load(archive.read(name))
            if "uuid" in content:
                found[f"{name.split('/')[1]} {content['uuid']}"] = content
    return found


def test_a_second_import_changes_nothing_and_a_changed_bundle_replaces(world: World) -> None:
    bundle = bundle_of_deployment(world.role_url(READER))
    with world.administrator() as client:
        first = exported(client)
        assert Counter(key.split()[0] for key in first) == Counter(
            path.split("/")[0] for path in bundle if path != "metadata.yaml"
        )
        world.import_bundle({path: text.replace("公益慈善品牌", "慈善品牌一览") for path, text in bundle.items()})
        changed = exported(client)
        assert changed.keys() == first.keys() and changed != first
        world.import_bundle(bundle)
        assert exported(client) == first


def own_query(chart: Chart, dataset: Dataset) -> str:
    """What a chart must show, written without Superset, in the columns of the tables themselves."""
    table = f"({dataset.sql})" if dataset.sql else dataset.name
    named = {"indicator_code": chart.indicator} if chart.indicator else {}
    wanted = {
        column: [value] if isinstance(value, str) else list(value) for column, value in {**named, **chart.where}.items() if value
    }
    conditions = [f"{column} in ({', '.join(repr(value) for value in values)})" for column, values in wanted.items()]
    where = f"where {' and '.join(conditions)}" if conditions else ""
    if chart.kind == "table":
        return f"select {', '.join(map(plain, chart.columns))} from {table} as t {where}"
    groups = [plain(column) for column in ([chart.x] if chart.x else []) + list(chart.series)]
    sums = [metric.sql for metric in chart.metrics] or [f"sum({chart.measure})"]
    return f"select {', '.join([*groups, *sums])} from {table} as t {where}" + (
        f" group by {', '.join(groups)}" if groups else ""
    )


def plain(column: str) -> str:
    return column.removesuffix("_zh") if column != "name_zh" else column


def shown(client: httpx.Client, chart: Chart) -> list[list[Any]]:
    """The rows of a chart, as its own query gets them from Superset."""
    (found,) = client.get("/api/v1/chart/", params={"q": f"(filters:!((col:slice_name,opr:eq,value:'{chart.title}')))"}).json()[
        "result"
    ]
    detail = client.get(f"/api/v1/chart/{found['id']}").json()["result"]
    answer = client.post("/api/v1/chart/data", json=json.loads(detail["query_context"]))
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["result"]
    return [list(row.values()) for row in result["data"]]


def comparable(rows: list[Any], skipped: frozenset[int]) -> Counter[tuple[str, ...]]:
    """Rows whatever their order; numbers by six digits, days by their date, and without the columns of words for codes."""
    return Counter(tuple(_text(value) for place, value in enumerate(row) if place not in skipped) for row in rows)


def _text(value: Any) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{float(value):.6g}"
    return str(value)


def own_rows(world: World, role: str, chart: Chart) -> list[Any]:
    with psycopg.connect(world.role_url(role)) as connection:
        return connection.execute(own_query(chart, DEFINITIONS.datasets[chart.dataset]).encode()).fetchall()


def _worded(chart: Chart) -> frozenset[int]:
    listed = chart.columns if chart.kind == "table" else (*([chart.x] if chart.x else []), *chart.series)
    dates = {"founded_date", "as_of_date"}
    return frozenset(
        place for place, column in enumerate(listed) if (column.endswith("_zh") and column != "name_zh") or column in dates
    )


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
@pytest.mark.parametrize(("user", "role"), [(CITY_USER, READER), (COUNTY_USER, county_role(COUNTY))], ids=["city", "county"])
def test_each_chart_shows_what_our_own_query_finds(world: World, user: str, role: str, chart: Chart) -> None:
    with world.client(user) as client:
        found = shown(client, chart)
    own = own_rows(world, role, chart)
    if len(own) > chart.rows:
        assert len(found) == chart.rows
        return
    assert comparable(found, _worded(chart)) == comparable(own, _worded(chart))


def test_a_county_sees_less_than_the_city_and_nothing_of_others(world: World) -> None:
    board = next(chart for chart in CHARTS if chart.title == "各县（区）服务人次")
    with world.client(CITY_USER) as city, world.client(COUNTY_USER) as county:
        everywhere, own = shown(city, board), shown(county, board)
    assert [row[0] for row in own] == ["惠城区"]
    assert len(everywhere) > 1


ATTACKS = [
    "select area_code from bi.indicator_value where area_code = '441303'",
    "select area_code from bi_zh.indicator_value",
    "select 1 from pg_authid",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_a_county_gets_nothing_by_a_query_of_its_own(world: World, statement: str) -> None:
    with world.client(COUNTY_USER) as client:
        answer = client.post("/api/v1/sqllab/execute/", json={"database_id": 1, "sql": statement})
    assert answer.status_code >= 400
    assert "441303" not in answer.text.replace(statement, "")


def test_a_filter_of_sql_brings_no_other_rows(world: World) -> None:
    with world.client(COUNTY_USER) as client:
        (found,) = client.get(
            "/api/v1/dataset/", params={"q": "(filters:!((col:table_name,opr:eq,value:latest_scoreboard)))"}
        ).json()["result"]
        query = {"columns": ["area_code"], "metrics": [], "row_limit": 10000, "extras": {"where": "area_code = '441303' or true"}}
        body = {
            "datasource": {"id": found["id"], "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
        }
        answer = client.post("/api/v1/chart/data", json=body)
    rows = answer.json()["result"][0]["data"] if answer.status_code == 200 else []
    assert {row["area_code"][:6] for row in rows} <= {COUNTY}


def test_who_has_no_role_of_ours_sees_nothing(world: World) -> None:
    with world.administrator() as client:
        (found,) = client.get("/api/v1/chart/", params={"q": "(filters:!((col:slice_name,opr:eq,value:指标与目标)))"}).json()[
            "result"
        ]
        context = json.loads(client.get(f"/api/v1/chart/{found['id']}").json()["result"]["query_context"])
    with world.client(STRANGER) as client:
        answer = client.post("/api/v1/chart/data", json=context)
    assert answer.status_code >= 400 or not answer.json()["result"][0]["data"]


def test_pages_are_whole_and_ask_no_other_host(world: World) -> None:
    assert Path("/usr/bin/chromium").exists(), "apt-get install chromium fonts-noto-cjk"
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    given = {"url": world.superset.url, "user": CITY_USER, "password": PASSWORD, "slugs": SLUGS, "folder": str(PICTURES)}
    command = [ENVIRONMENT / "bin" / "python", Path(__file__).with_name("take_pictures.py")]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True, timeout=1200)
    found = json.loads(done.stdout)
    assert found["refused"] == []
    # Superset's pages still try to show the picture that counts visitors, which the policy keeps from asking. They try to save
    # the colors of lines, too, which a reader may not do.
    assert [url for url in found["failed"] if "/colors?" not in url] == []
    expected = ("violates the following Content Security Policy", "Failed to load resource", "Response")
    assert [error for error in found["errors"] if not any(words in error for words in expected)] == []
    for dashboard in DEFINITIONS.dashboards:
        text = found["texts"][dashboard.slug]
        assert {chart.title for row in dashboard.rows for chart in row if chart.title not in text} == set()
        assert "Error" not in text and "错误：" not in text
        assert (PICTURES / f"{dashboard.slug}.png").stat().st_size > 20_000
