"""What BI's readers see: every table under Chinese names, and for a county the rows of its own areas, whatever it asks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import ensure_roles, migrate
from loaders.warehouse.schema.roles import county_role
from tests.dbt import raw_rows
from tests.dbt.conftest import PASSWORD, MakePlace, Place
from tests.support.warehouse.county_rows import EVERYONE, differing_tables, own_areas

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
COUNTY, OTHER = "441302", "441303"
TOWN, TOWN_OF_OTHER = "441302112", "441303101"
_COLUMNS = """
    select table_schema, table_name, column_name from information_schema.columns
    where table_schema like 'bi%' order by ordinal_position
"""


@dataclass(frozen=True)
class Readers:
    place: Place
    county_url: str

    def as_county(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.county_url) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def readers(make_place: MakePlace) -> Iterator[Readers]:
    """A warehouse with visits in towns of two counties."""
    place = make_place("readers", PROJECT_ROOT / "dbt_project")
    ensure_roles(place.admin_url, {county_role(COUNTY): PASSWORD})
    assert migrate(place.admin_url, (COUNTY, "HZ-ZK")) == ()
    with psycopg.connect(place.admin_url) as connection:
        for county, town in ((COUNTY, TOWN), (OTHER, TOWN_OF_OTHER)):
            visits = [raw_rows.visit(f"V{town}", town, dt.date(2023, 1, 2), 5)]
            raw_rows.load(connection, "home_visit", county, "2023-01", visits)
    pipeline.build(place.settings)
    yield Readers(place, place.admin_url.replace(*_userinfo(place.admin_url, county_role(COUNTY))))


def _userinfo(url: str, user: str) -> tuple[str, str]:
    found = re.search(r"//[^@]*@", url)
    assert found is not None
    return found.group(), f"//{user}:{PASSWORD}@"


@pytest.fixture(scope="module")
def columns(readers: Readers) -> dict[str, dict[str, list[str]]]:
    """By schema and table, the columns in their order."""
    found: dict[str, dict[str, list[str]]] = {}
    for schema, table, column in readers.place.query(_COLUMNS):
        found.setdefault(schema, {}).setdefault(table, []).append(column)
    return found


def test_every_table_has_its_three_other_forms(columns: dict[str, dict[str, list[str]]]) -> None:
    assert len(columns["bi"]) > 30
    assert columns["bi_county"] == columns["bi"]
    assert columns["bi_zh"] == columns["bi_county_zh"]
    assert {table: len(names) for table, names in columns["bi_zh"].items()} == {
        table: len(names) for table, names in columns["bi"].items()
    }


def test_every_column_has_a_chinese_name(columns: dict[str, dict[str, list[str]]]) -> None:
    plain = {f"{table}.{name}" for table, names in columns["bi_zh"].items() for name in names if name.isascii()}
    assert plain == set()
    assert columns["bi_zh"]["indicator_value"][:2] == ["指标代码", "指标名称"]


def test_a_county_finds_its_own_rows_alone(readers: Readers) -> None:
    wrong, divided = differing_tables(readers.place.admin_url, readers.county_url, COUNTY)
    assert wrong == {}
    assert divided >= {"indicator_value", "programme_scoreboard", "figure_evidence", "reporting_status", "document_account"}


def test_dictionaries_are_for_everyone_and_brands_for_the_city(readers: Readers) -> None:
    for table in EVERYONE:
        assert readers.as_county(f"select count(*) from {table}") == readers.place.query(f"select count(*) from bi.{table}")
    definition = readers.place.query("select pg_get_viewdef('bi_county.charity_brands'::regclass)")[0][0]
    assert re.search(r"WHERE false", definition)


FUNCTIONS = ["indicator_value_as_of", "indicator_value_then_as_of"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_values_of_a_time_are_those_of_its_own_areas(readers: Readers, function: str) -> None:
    found = readers.as_county(f"select area_code, value from {function}(now()) where indicator_code = 'SW-HV-01'")
    assert found and {area for area, _ in found} <= own_areas(COUNTY)
    everywhere = readers.place.query_as_reader(
        f"select area_code, value from bi.{function}(now()) where indicator_code = 'SW-HV-01'"
    )
    assert {OTHER, "4413"} <= {area for area, _ in everywhere}


# Each fails, or writes out a value, as soon as it is asked of a row of the other county.
LEAKS = [
    "select count(*) from {} where 1 / (case when area_code = '441303' then 0 else 1 end) = 1",
    "select count(*) from {} where area_code::integer / (area_code <> '441303')::integer > 0",
    "select count(*) from {} where case when area_code like '441303%' then ('x' || area_code)::integer > 0 else true end",
]


@pytest.mark.parametrize("leak", LEAKS)
def test_no_error_tells_of_other_rows(readers: Readers, leak: str) -> None:
    with psycopg.connect(readers.place.admin_url) as connection, pytest.raises(psycopg.DataError):
        connection.execute(leak.format("bi.indicator_value").encode())
    assert readers.as_county(leak.format("bi_county.indicator_value")) != [(0,)]


FORBIDDEN = [
    "select * from bi.indicator_value limit 1",
    "select * from bi_zh.indicator_value limit 1",
    "select * from bi.indicator_value_as_of(now()) limit 1",
    "select * from core.reader_area limit 1",
    "select * from indicators.indicator_area_period limit 1",
    "select * from ops.submission limit 1",
    "set role bi_reader",
    "set role bi_county_hz_zk",
    "set session authorization bi_reader",
    "create or replace view bi_county.indicator_value as select 1",
    "create function bi_county.f() returns int language sql as 'select 1'",
    "create temp table t (a int)",
    "insert into bi_county.area (area_code) values ('1')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_county_may_not(readers: Readers, statement: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
        readers.as_county(statement)


def test_membership_gives_the_rows_of_each_county(readers: Readers) -> None:
    role = county_role(COUNTY)
    readers.place.execute(f"create role clerk login password '{PASSWORD}' in role {role}, bi_county_hz_zk")
    try:
        url = readers.place.admin_url.replace(*_userinfo(readers.place.admin_url, "clerk"))
        with psycopg.connect(url) as connection:
            found = connection.execute("select distinct area_code from bi_county.indicator_value").fetchall()
        assert {"HZ-ZK", COUNTY} <= {area for (area,) in found} and OTHER not in {area for (area,) in found}
    finally:
        readers.place.execute("drop role clerk")
