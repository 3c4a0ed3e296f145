"""What one corrected document costs, from the load to the figure: with one year of history, and with ten years of it."""

from __future__ import annotations

import os
import statistics
import time

import pytest

from tests.bench.repeated_years import repeat_first_year
from tests.support.city.city_site import CityWarehouse, running_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
REPORT, KEY = "home_visit", "visit_code"
PLACE = ("social_work", REPORT, "2021-06", "441302_入户探访记录_2021-06.csv")
PERSONS = 8
RUNS = 3
MOST_OF_TEN_YEARS, MOST_OF_EVERYTHING = 1.3, 0.1
_VALUE = """
    select value from bi.indicator_value where (indicator_code, area_code, period_code) = ('SW-HV-01', '441302', '2021-06')
"""


def correct(warehouse: CityWarehouse) -> None:
    """Adds a person to one visit at home of one document."""
    path = warehouse.city_site.folder.joinpath("city", "sftp", *PLACE)
    lines = path.read_bytes().decode("gb18030").split("\r\n")
    number = next(number for number, line in enumerate(lines) if ",入户," in line)
    fields = lines[number].split(",")
    fields[PERSONS] = str(int(fields[PERSONS]) + 1)
    lines[number] = ",".join(fields)
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    # A file that was just written may not be whole.
    earlier = time.time() - 86_400
    os.utime(path, (earlier, earlier))


def seconds_of_correction(warehouse: CityWarehouse) -> float:
    """The median of the time that load and build of one corrected document take, by one command."""
    seconds = []
    for _ in range(RUNS):
        ((before,),) = warehouse.query(_VALUE)
        correct(warehouse)
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
    assert one_year <= MOST_OF_EVERYTHING * everything
