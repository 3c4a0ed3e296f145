"""What is known before a form is filled in, from rows of a real warehouse: what stays and is still there, and registers."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from loaders.contract import load_reports
from loaders.operations.forms.known_rows import known_rows
from loaders.period import Period
from loaders.settings import PROJECT_ROOT
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place

pytestmark = pytest.mark.integration
REPORTS = load_reports(PROJECT_ROOT / "expectations")
COUNTY, OTHER = "441302", "441303"
TOWN = "441302112"
DAY = dt.date


def case(code: str, closed: dt.date | None = None, **others: object) -> dict[str, object]:
    return {
        "period_month": "2023-05",
        "case_code": code,
        "station_code": "S1",
        "worker_code": "W1",
        "client_code": "C1",
        "case_type": "家庭关系",
        "opened_date": DAY(2023, 2, 1),
        "closed_date": closed,
        "status": "已结案" if closed else "跟进中",
        "contact_count": 2,
        **others,
    }


def service(code: str) -> dict[str, object]:
    return {"period_month": "2023-05", "station_code": code, "station_name": "旧名", "service_persons": 3}


@pytest.fixture(scope="module")
def place(make_place: MakePlace) -> Place:
    made = make_place("known_rows", PROJECT_ROOT / "dbt_project")
    stations = [
        raw_rows.station("S1", TOWN, DAY(2019, 5, 1), station_name="甲站", town_name="芦洲镇"),
        raw_rows.station("S2", TOWN, DAY(2020, 5, 1), station_name="乙站", town_name="芦洲镇"),
        raw_rows.station("S3", TOWN, DAY(2018, 5, 1), station_name="丙站", closed_date=DAY(2023, 1, 31)),
    ]
    with psycopg.connect(made.admin_url) as connection:
        raw_rows.load(connection, "casework", "4413", "2023-04", [case("GA0", case_type="其他")])
        raw_rows.load(connection, "casework", "4413", "2023-05", [case("GA1"), case("GA2", DAY(2023, 5, 9)), case("GA3")])
        raw_rows.load(connection, "casework", "4413", "2023-07", [case("GA9")])
        raw_rows.load(connection, "station", COUNTY, "2023-03", stations)
        raw_rows.load(connection, "station", OTHER, "2023-03", [raw_rows.station("X1", "441303101", DAY(2019, 1, 1))])
        raw_rows.load(connection, "station_service", COUNTY, "2023-05", [service("S1")])
    return made


def test_open_cases_of_the_last_document_before_the_period(place: Place) -> None:
    found = known_rows(place.settings, REPORTS, REPORTS["casework"], "4413", Period.parse("2023-06"))
    assert [row["case_code"] for row in found.rows] == ["GA1", "GA3"]
    assert found.rows[0]["case_type"] == "家庭关系" and found.rows[0]["opened_date"] == DAY(2023, 2, 1)
    assert "contact_count" not in found.rows[0] and "status" not in found.rows[0]
    assert found.sources[0] == "casework"


def test_stations_of_the_unit_that_are_open_with_what_the_register_says_of_them(place: Place) -> None:
    found = known_rows(place.settings, REPORTS, REPORTS["station_service"], COUNTY, Period.parse("2023-06"))
    assert sorted((row["station_code"], row["station_name"]) for row in found.rows) == [("S1", "旧名"), ("S2", "乙站")]
    assert {row["town_name"] for row in found.rows} == {"芦洲镇"}
    assert found.sources == ("station_service", "station")


def test_a_register_lists_all_entries_again_without_personal_values(place: Place) -> None:
    found = known_rows(place.settings, REPORTS, REPORTS["station"], COUNTY, Period.parse("2023-06"))
    assert [row["station_code"] for row in found.rows] == ["S1", "S2", "S3"]
    assert found.rows[2]["closed_date"] == DAY(2023, 1, 31)
    assert {"head_name", "phone"} == set(found.withheld)
    assert all(not row.keys() & {"head_name", "phone"} for row in found.rows)


def test_a_form_of_events_knows_nothing_before(place: Place) -> None:
    found = known_rows(place.settings, REPORTS, REPORTS["home_visit"], COUNTY, Period.parse("2023-06"))
    assert (found.rows, found.sources, found.withheld) == ((), (), ())
