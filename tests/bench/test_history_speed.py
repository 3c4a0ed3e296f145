"""What one corrected document costs, from the load to the figure: with one year of history, and with ten years of it."""

from __future__ import annotations

import statistics
import time

import pytest

from tests.bench.repeated_years import repeat_first_year
from tests.support.city.city_site import CityWarehouse, running_city
from tests.support.city.corrected_visits import COUNTY, REPORT, correct_visits

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
MONTH, KEY = "2021-06", "visit_code"
RUNS = 3
# A tenth of the sample city from nothing; here is one of its three years.
MOST_OF_TEN_YEARS, MOST_OF_EVERYTHING, YEARS_OF_THE_CITY = 1.3, 0.1, 3
_VALUE = f"""
    select value from bi.indicator_value where (indicator_code, area_code, period_code) = ('SW-HV-01', '{COUNTY}', '{MONTH}')
"""


def seconds_of_correction(warehouse: CityWarehouse) -> float:
    """The median of the time that load and build of one corrected document take, by one command."""
    seconds = []
    for _ in range(RUNS):
        ((before,),) = warehouse.query(_VALUE)
        correct_visits(warehouse.city_site.folder / "city", MONTH)
        started = time.monotonic()
        warehouse.huimin("load", REPORT)
        seconds.append(time.monotonic() - started)
        assert warehouse.query(_VALUE) == [(before + 1,)]
    return statistics.median(seconds)


def test_a_correction_costs_little_however_long_the_history(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_city(tmp_path_factory.mktemp("history"), "--months", "2021-01:2021-12") as city:
        warehouse = city.open_warehouse("warehouse", batch_size=100)
        started = time.monotonic()
        warehouse.load()
        warehouse.huimin("build")
        everything = time.monotonic() - started
        one_year = seconds_of_correction(warehouse)
        rows = repeat_first_year(city.server.url("warehouse"), REPORT, KEY, years=9)
        warehouse.huimin("build")
        ten_years = seconds_of_correction(warehouse)
    print(
        f"\ncorrection, load and build: one year {one_year:.1f} s, ten years of {REPORT} ({rows:,} rows more) {ten_years:.1f} s,"
        f" ratio {ten_years / one_year:.2f}; a year of the city from nothing {everything:.0f} s,"
        f" ratio {one_year / everything:.3f}"
    )
    assert ten_years <= MOST_OF_TEN_YEARS * one_year
    assert one_year <= MOST_OF_EVERYTHING * YEARS_OF_THE_CITY * everything
