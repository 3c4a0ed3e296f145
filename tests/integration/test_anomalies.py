"""Anomalies of a warehouse: found after a build, reported once, gone when a correction comes. And measured on whole cities."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from loaders import pipeline
from loaders.anomalies import Panel, find_value_anomalies, season_of
from loaders.anomalies.expected_band import expected_bands
from loaders.contract import Report, load_reports
from loaders.period import Period, PeriodKind
from loaders.settings import PROJECT_ROOT
from tests.support.warehouse.world import World, running_world

pytestmark = pytest.mark.integration

MONTHS = [f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13)]
NEW_YEARS = [Period.parse(month).start for month in ("2021-02", "2022-02", "2023-01")]
# What dbt would make of the documents below: one indicator, two counties and their city.
TABLES = """
    create schema if not exists indicators; create schema if not exists core;
    create table indicators.measure (
        measure_code text, name_zh text, is_indicator boolean, is_stock boolean, is_ratio boolean, scale integer,
        source_report text
    );
    insert into indicators.measure values ('SW-XX-01', '探访人次', true, false, false, 1, 'SW90');
    create table core.dim_area (area_code text, area_level text);
    insert into core.dim_area values ('4413', 'city'), ('441302', 'county'), ('441303', 'county');
    create table core.dim_period (period_code text, period_kind text);
    create table indicators.indicator_area_period (indicator_code text, area_code text, period_code text, value numeric);
"""
VALUES = """
    truncate core.dim_period, indicators.indicator_area_period;
    insert into core.dim_period select distinct to_char(_period_start, 'YYYY-MM'), 'month' from raw.visit;
    insert into indicators.indicator_area_period
    select 'SW-XX-01', s.unit_code, s.period, sum(r.amount) from raw.visit as r
    inner join ops.submission as s on s.submission_id = r._submission_id
    where r._superseded_at is null group by s.unit_code, s.period;
    insert into ops.build (started_at, ended_at, data_fingerprint) values (now(), now(), 'a test');
"""


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    with running_world(tmp_path, warehouse_url) as running:
        running.settings = dataclasses.replace(running.settings, transformer_url=warehouse_url)
        running.query_all(TABLES)
        yield running


def put(world: World, unit: str, month: str, total: int) -> None:
    world.put(f"{month}/{unit}_visits.csv", *((f"{unit}-{month}-{row}", total // 10 + row) for row in range(10)))


def load_and_check(world: World) -> dict[str, int]:
    world.load()
    world.query_all(VALUES)
    return pipeline.detect_anomalies(world.settings)


def test_an_odd_value_is_reported_once_counts_and_is_gone_when_it_is_corrected(world: World) -> None:
    world.contract()
    rng = np.random.default_rng(5)
    for month in MONTHS:
        for unit, size in (("441302", 900), ("441303", 400)):
            total = int(size * rng.lognormal(0.0, 0.05))
            put(world, unit, month, total * (10 if (unit, month) == ("441303", "2022-09") else 1))

    assert load_and_check(world) == {"visit": 1}
    [row] = world.query("select unit_code, period, kind, indicator_code, value, low, high, history_months from ops.anomaly")
    assert row[:4] == ("441303", "2022-09", "unusual_value", "SW-XX-01")
    assert row[5] < 400 < row[6] < row[4]
    assert row[7] == MONTHS.index("2022-09")
    assert ("2022-09", "441303-2022-09-0") in world.current()

    [mail] = world.reported()
    assert "探访人次" in mail and "2022-09" in mail and "请核对位数和计量单位" in mail
    # Nothing was loaded since: nothing is checked, nothing is told again.
    assert pipeline.detect_anomalies(world.settings) == {}
    assert world.reported() == []

    put(world, "441303", "2022-09", 405)
    assert load_and_check(world) == {"visit": 0}
    assert world.query("select count(*) from ops.anomaly where gone_at is null") == [(0,)]
    assert world.reported() == []


def test_before_the_first_build_nothing_is_checked(tmp_path: Path, warehouse_url: str) -> None:
    with running_world(tmp_path, warehouse_url) as world:
        world.settings = dataclasses.replace(world.settings, transformer_url=warehouse_url)
        world.contract()
        put(world, "441302", "2022-01", 500)
        world.load()
        assert pipeline.detect_anomalies(world.settings) == {"visit": 0}
        assert world.query("select count(*) from ops.anomaly_look") == [(0,)]


def test_a_column_that_is_empty_all_at_once_is_reported_by_its_header(world: World) -> None:
    columns = [
        {"name": "code", "header": "编号", "required": True, "key": True},
        {"name": "amount", "header": "数量", "type": "integer"},
        {"name": "village", "header": "村（社区）"},
    ]
    world.contract(columns=columns)
    for month in MONTHS[:5]:
        village = "" if month == "2021-05" else "汉塘村"
        lines = "".join(f"{month}-{row},{row + 3},{village}\n" for row in range(8))
        world.put_bytes(f"{month}/441302_visits.csv", ("编号,数量,村（社区）\n" + lines).encode())

    assert load_and_check(world) == {"visit": 1}
    assert world.query("select kind, column_name, period, expected::integer from ops.anomaly") == [
        ("empty_column", "village", "2021-05", 100)
    ]
    [mail] = world.reported()
    assert "村（社区）" in mail and "整列为空" in mail


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [777, 778])
def test_on_a_city_that_was_not_tuned_on_few_alarms_are_false_and_planted_errors_are_found(seed: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sample_city", "build", "--home", str(tmp_path / "city"), "--seed", str(seed)]
    subprocess.run(command, check=True, capture_output=True, cwd=PROJECT_ROOT)
    checked = alarms = 0
    planted = found = 0
    rng = np.random.default_rng(seed)
    for values, seasons in _panels(tmp_path / "city"):
        bands = expected_bands(values, seasons)
        checked += int((~np.isnan(bands.score)).sum())
        alarms += len(find_value_anomalies(Panel(values, seasons)))
        for unit, month in _places(values, np.expm1(bands.expected_log), rng):
            for factor in (10.0, 0.1, 0.0):
                wrong = values.copy()
                wrong[unit, month] = round(wrong[unit, month] * factor)
                planted += 1
                found += any((one.unit, one.month) == (unit, month) for one in find_value_anomalies(Panel(wrong, seasons)))

    print(json.dumps({"checked": checked, "false": alarms, "planted": planted, "found": found}))
    assert checked > 3_000 and planted > 300
    assert alarms <= 0.01 * checked
    assert found >= 0.95 * planted


def _places(values: NDArray[np.float64], expected: NDArray[np.float64], rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """One month of each unit of which enough is expected that an error of a digit shows."""
    for unit in range(values.shape[0]):
        months = [month for month in range(12, values.shape[1]) if values[unit, month] >= 10 and expected[unit, month] >= 30]
        if months:
            yield unit, int(rng.choice(months))


def _panels(city: Path) -> Iterator[tuple[NDArray[np.float64], list[int]]]:
    """Flows by month of each report: its rows and the sums of its numbers, for its units, else for the counties of its rows."""
    for report in load_reports(PROJECT_ROOT / "expectations").values():
        path = city / "for_tests_only" / "truth" / f"{report.report}.csv"
        if report.period_kind is PeriodKind.MONTH and path.exists() and report.report not in RUNNING_TOTALS:
            yield from _panels_of(report, path)


# Reports whose rows are carried on from month to month.
RUNNING_TOTALS = {"village_project", "demonstration_point", "pairing", "demand_project", "social_worker", "station", "client"}
STOCKS = {"client_persons", "case_active_count"}


def _panels_of(report: Report, path: Path) -> Iterator[tuple[NDArray[np.float64], list[int]]]:
    by_county = len(report.units) == 1
    sums: dict[str, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    reported = set()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            area = row.get("county_name") or row["unit"] if by_county else row["unit"]
            reported.add(row["period"] if by_county else (row["unit"], row["period"]))
            sums["rows"][area, row["period"]] += 1
            for name in row.keys() - STOCKS:
                if name.endswith(("_persons", "_count", "_yuan")) and row[name]:
                    sums[name][area, row["period"]] += float(row[name])
    months = [f"{year}-{month:02d}" for year in (2021, 2022, 2023) for month in range(1, 13)]
    areas = sorted({area for area, _ in sums["rows"]})
    seasons = [season_of(Period.parse(month).start, NEW_YEARS) for month in months]
    for totals in sums.values():
        known = [[(month if by_county else (area, month)) in reported for month in months] for area in areas]
        numbers = [[totals.get((area, month), 0.0) for month in months] for area in areas]
        yield np.where(known, numbers, np.nan), seasons
