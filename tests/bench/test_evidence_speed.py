"""How long the way back from a figure takes over the whole city: of a town in a month, and of the city in a year."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence

import psycopg
import pytest

from loaders.commands.console import MOST_ROWS
from loaders.period import Period
from loaders.warehouse.queries.evidence_queries import figure_evidence
from tests.support.city.city_site import running_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]
SAMPLE = 200
LONGEST_OF_A_TOWN_MONTH_SECONDS = 0.05
LONGEST_OF_A_CITY_YEAR_SECONDS = 0.5
_CASES = """
    select v.indicator_code, v.area_code, v.period_code
    from bi.indicator_value as v
    where v.area_level = %s and v.period_kind = %s and v.value > 0
    order by v.indicator_code, v.area_code, v.period_code
"""


def cases(url: str, area_level: str, period_kind: str) -> list[tuple[str, str, str]]:
    """Random values of areas and periods of a kind: indicator, area, period."""
    with psycopg.connect(url) as connection:
        found = connection.execute(_CASES, [area_level, period_kind]).fetchall()
    return random.Random(7).sample(found, min(SAMPLE, len(found)))


def p95_seconds(url: str, chosen: Sequence[tuple[str, str, str]]) -> float:
    """The 95th percentile of the time that `huimin evidence` waits for its rows, the connection included."""
    seconds = []
    for indicator, area, period in chosen:
        started = time.perf_counter()
        figure_evidence(url, indicator, area=area, period_bounds=Period.parse(period), most=MOST_ROWS)
        seconds.append(time.perf_counter() - started)
    return statistics.quantiles(seconds, n=20)[-1]


def test_evidence_is_there_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_city(tmp_path_factory.mktemp("evidence")) as city:
        warehouse = city.open_warehouse("warehouse", batch_size=100)
        warehouse.load()
        warehouse.huimin("build")
        url = city.server.url("warehouse")
        town_month = p95_seconds(url, cases(url, "town", "month"))
        city_year = p95_seconds(url, cases(url, "city", "year"))
    print(f"\nevidence, p95: town and month {town_month * 1000:.0f} ms, city and year {city_year * 1000:.0f} ms")
    assert town_month <= LONGEST_OF_A_TOWN_MONTH_SECONDS
    assert city_year <= LONGEST_OF_A_CITY_YEAR_SECONDS
