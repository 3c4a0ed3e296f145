"""How fast the pages answer over five years of the sample city: the server's own time, warm, without the network."""

from __future__ import annotations

import statistics
import time

import psycopg
import pytest
from starlette.testclient import TestClient

from loaders.settings import Settings
from tests.bench.repeated_years import repeat_first_year
from tests.support.city.city_site import running_city
from tests.support.pages.visitors import Visitors

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
LONGEST_SECONDS = 0.3
ROUNDS = 40
LARGEST = {"home_visit": "visit_code", "medical_aid": "aid_code"}
PATHS = (
    "/?until=2025-12",
    "/completeness/home_visit?period=2023-06",
    "/issues",
    "/issues?state=all&report=home_visit&rule=expect_column_values_to_be_between",
    "/reports",
    "/reports/home_visit",
    "/check",
    "/health",
    "/figures?indicator=SW-HV-01&period=2023-06",
    "/figures?indicator=CH-MD-01&period=2023-06&basis=ytd",
    "/evidence?indicator=SW-HV-01&area=441302&period=2023-06",
    "/evidence?indicator=SW-HV-01&area=441302&period=2023-12&basis=to_date",
    "/overlap",
)


def p95_seconds(client: TestClient, path: str) -> float:
    """The 95th percentile of the time of an answer; the first two are not counted."""
    seconds = []
    for _ in range(ROUNDS + 2):
        started = time.perf_counter()
        assert client.get(path).status_code == 200, path
        seconds.append(time.perf_counter() - started)
    return statistics.quantiles(seconds[2:], n=20)[-1]


def test_pages_answer_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_city(tmp_path_factory.mktemp("pages")) as city:
        warehouse = city.open_warehouse("warehouse", batch_size=100)
        warehouse.load()
        # Three years of everything, and of the largest reports two more.
        for report, key in LARGEST.items():
            repeat_first_year(city.server.url("warehouse"), report, key, years=2, since=3)
        warehouse.huimin("build")
        environment = warehouse.environment()
        with psycopg.connect(city.server.url("warehouse"), autocommit=True) as connection:
            connection.execute("alter database warehouse set huimin.today = '2026-01-31'")
        settings = Settings(
            home=city.folder / "warehouse",
            warehouse_url=environment["HUIMIN_WAREHOUSE_URL"],
            transformer_url=environment["HUIMIN_TRANSFORMER_URL"],
        )
        visitors = Visitors(settings)
        times = {(who, path): p95_seconds(visitors.client(who), path) for who in ("city", "county") for path in PATHS}
    for (who, path), seconds in times.items():
        print(f"\n{who} {path}: p95 {seconds * 1000:.0f} ms", end="")
    assert {asked: seconds for asked, seconds in times.items() if seconds > LONGEST_SECONDS} == {}
