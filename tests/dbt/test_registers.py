"""Registers are valid from their date on: an entry that a later one lacks ends then, and the months before keep it."""

from __future__ import annotations

import datetime as dt
import json

import psycopg
import pytest

from loaders.dbt.runner import build_models
from loaders.settings import PROJECT_ROOT
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place

pytestmark = [pytest.mark.integration, pytest.mark.slow]
TOWN = "441302112"
OPENED = dt.date(2022, 6, 1)
UNIT, OTHER_UNIT = "441302", "HZ-ZK"


def register(connection: psycopg.Connection[object], unit: str, period: str, *codes: str, **others: object) -> int:
    """Loads a register of stations; it supersedes those of the unit that were loaded before."""
    query = "select submission_id from ops.submission where report = 'station' and unit_code = %s and state = 'accepted'"
    for (before,) in connection.execute(query, (unit,)).fetchall():
        raw_rows.supersede(connection, "station", before)
    rows = [raw_rows.station(code, TOWN, OPENED, **others) for code in codes]
    return raw_rows.load(connection, "station", unit, period, rows)


@pytest.fixture(scope="module")
def place(make_place: MakePlace) -> Place:
    made = make_place("registers", PROJECT_ROOT / "dbt_project")
    with psycopg.connect(made.admin_url) as connection:
        fill(connection)
    build_models(made.settings, ("--select", "+dim_station", "--exclude-resource-type", "unit_test"))
    return made


def fill(connection: psycopg.Connection[object]) -> None:
    """Three months of one unit, the first of them corrected, and the last of another unit."""
    replaced = register(connection, UNIT, "2023-01", "KEPT", "DROPPED", "CLOSED", "REJECTED", "MOVED", "BACK", "REPLACED")
    connection.execute("update ops.submission set source_uri = source_uri || '0' where submission_id = %s", (replaced,))
    january = "KEPT", "DROPPED", "CLOSED", "REJECTED", "MOVED", "BACK", "ADDED"
    register(connection, UNIT, "2023-01", *january)
    connection.execute("update raw.station set closed_date = '2023-01-20' where station_code = 'CLOSED'")
    register(connection, UNIT, "2023-02", "KEPT", "DROPPED", "REJECTED", "MOVED", worker_persons=7)
    march = register(connection, UNIT, "2023-03", "KEPT", "BACK")
    statement = "insert into quarantine.row (submission_id, sheet, row_number, record) values (%s, '表1', 20, %s)"
    connection.execute(statement, (march, json.dumps({"station_code": "REJECTED", "station_name": None})))
    register(connection, OTHER_UNIT, "2023-03", "MOVED")


def test_each_entry_has_one_row_and_the_span_in_which_it_was_listed(place: Place) -> None:
    day = dt.date
    found = place.query(
        "select station_code, first_listed_date, absent_from_date, unit_code, worker_persons"
        " from staging.stg_social_work__station"
    )
    assert sorted(found, key=str) == sorted(
        [
            ("KEPT", day(2023, 1, 1), None, UNIT, None),
            ("BACK", day(2023, 1, 1), None, UNIT, None),
            ("MOVED", day(2023, 1, 1), None, OTHER_UNIT, None),
            # The newest register that lists it has its values; March lists it no more.
            ("DROPPED", day(2023, 1, 1), day(2023, 3, 1), UNIT, 7),
            ("CLOSED", day(2023, 1, 1), day(2023, 2, 1), UNIT, None),
            ("ADDED", day(2023, 1, 1), day(2023, 2, 1), UNIT, None),
            # March lists it in a row that was rejected.
            ("REJECTED", day(2023, 1, 1), None, UNIT, 7),
        ],
        key=str,
    )


def test_an_entry_ends_at_its_own_date_or_when_it_is_listed_no_more(place: Place) -> None:
    found = dict(place.query("select station_code, closed_date from core.dim_station"))
    assert (found["CLOSED"], found["DROPPED"], found["KEPT"]) == (dt.date(2023, 1, 20), dt.date(2023, 3, 1), None)


def test_the_register_of_an_earlier_period_can_be_asked_for(place: Place) -> None:
    february = place.query(
        "select r.station_code from raw.station as r inner join ops.register_span as g on g.submission_id = r._submission_id"
        " where g.report = 'station' and g.unit_code = %s and g.period = '2023-02' order by 1",
        UNIT,
    )
    assert [code for (code,) in february] == ["DROPPED", "KEPT", "MOVED", "REJECTED"]
    spans = place.query(
        "select period, valid_from_date, valid_until_date from ops.register_span where report = 'station' and unit_code = %s"
        " order by valid_from_date",
        UNIT,
    )
    assert [(period, str(since), str(until)) for period, since, until in spans] == [
        ("2023-01", "2023-01-01", "2023-02-01"),
        ("2023-02", "2023-02-01", "2023-03-01"),
        ("2023-03", "2023-03-01", "None"),
    ]
