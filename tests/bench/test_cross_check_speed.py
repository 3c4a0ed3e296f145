"""How long the rules between reports take over a whole city: 700,000 current rows, 25 rules, hardly a fault."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.warehouse import migrate
from tests.support.warehouse.cross_report_driver import MONTHLY, STATION, VISIT, CrossReportDriver, make_report

VISITS, MONTHS, STATIONS = 650_000, 37, 1_350
LONGEST_SECONDS = 5.0

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

_BY = {"station_code": "station_code"}
_OPEN = {"from": "opened_date", "until": "closed_date", "day": "visited_date"}
_VISIT_RULES: tuple[dict[str, Any], ...] = (
    *({"name": f"known_{n}", "kind": "references", "columns": ["station_code"], "other_report": "station"} for n in range(3)),
    *(
        {"name": f"open_{n}", "kind": "references", "columns": ["station_code"], "other_report": "station", "valid_during": _OPEN}
        for n in range(3)
    ),
    *(
        {
            "name": f"named_{n}",
            "kind": "matches",
            "columns": {"station_name": "station_name"},
            "other_report": "station",
            "join_on": _BY,
        }
        for n in range(3)
    ),
)
_MONTH_RULES: tuple[dict[str, Any], ...] = (
    *({"name": f"known_{n}", "kind": "references", "columns": ["station_code"], "other_report": "station"} for n in range(6)),
    *(
        {"name": f"grows_{n}", "kind": "non_decreasing", "column": "total_persons", "group_by": ["station_code"]}
        for n in range(6)
    ),
    *(
        {
            "name": f"adds_up_{n}",
            "kind": "reconciles",
            "column": "visit_persons",
            "other_report": "visit",
            "sum": "persons",
            "join_on": _BY,
        }
        for n in range(4)
    ),
)
_ROWS = {
    "station": f"""
        insert into raw.station (station_code, station_name, opened_date, _submission_id, _sheet, _row, _unit_code, _period_end)
        select 'S' || n, '第' || n || '站', '2020-12-01', %s, '', n, 'A', '2024-12-31' from generate_series(1, {STATIONS}) as n
    """,
    "visit": f"""
        insert into raw.visit (
            visit_code, visited_date, station_code, station_name, persons, _submission_id, _sheet, _row, _unit_code,
            _period_start, _period_end
        )
        select 'V' || n, m.first + 3, 'S' || 1 + n %% {STATIONS}, '第' || 1 + n %% {STATIONS} || '站', 1, %s, '', n, 'A', m.first,
            (m.first + interval '1 month')::date - 1
        from generate_series(1, {VISITS}) as n,
            lateral (select ('2021-01-01'::date + (n / {STATIONS} %% {MONTHS}) * interval '1 month')::date as first) as m
    """,
    "station_month": """
        insert into raw.station_month (
            period_month, station_code, visit_persons, total_persons, _submission_id, _sheet, _row, _unit_code, _period_start,
            _period_end
        )
        select to_char(v._period_start, 'YYYY-MM'), v.station_code, sum(v.persons),
            sum(sum(v.persons)) over (partition by v.station_code order by v._period_start), %s, '', row_number() over (), 'A',
            v._period_start, v._period_end
        from raw.visit as v group by v.station_code, v._period_start, v._period_end
    """,
}


def test_a_whole_city_is_checked_in_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        server.create_database("warehouse")
        url = server.url("warehouse")
        migrate(url)
        city = CrossReportDriver(
            url, make_report(STATION), make_report(VISIT, *_VISIT_RULES), make_report(MONTHLY, *_MONTH_RULES)
        )
        fill(url, city)
        seconds = []
        for _ in range(2):
            started = time.perf_counter()
            assert city.warehouse.cross_check(city.reports, again=True) == {"station_month": 4, "visit": 9}
            seconds.append(time.perf_counter() - started)
    rules = len(_VISIT_RULES) + len(_MONTH_RULES)
    with capsys.disabled():
        print(f"\n{rules} rules over {VISITS + MONTHS * STATIONS:,} rows: {seconds[0]:.1f} s, again {seconds[1]:.1f} s")
    assert min(seconds) < LONGEST_SECONDS


def fill(url: str, city: CrossReportDriver) -> None:
    """Fill the raw tables with a sound city in which one visit names a station that there is not."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, rows in _ROWS.items():
            number = city.send(name)
            connection.execute(rows, [number])
            connection.execute(f"analyze raw.{name}")
        connection.execute("update raw.visit set station_code = 'S0' where visit_code = 'V1' and station_code <> 'S0'")
        connection.execute("update raw.visit set station_name = '他站' where visit_code = 'V2'")
        connection.execute("vacuum analyze raw.visit")
