"""The drop-downs of divisions: those of the unit that existed in the document's period."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.contract import Column, ColumnType
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.template.choice_lists import choices_of
from loaders.template.request import TemplateRequest
from tests.support.documents.contracts import make_report

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
SPELLS = (
    "code,name,short_name,level,kind,is_statutory,parent_code,zone_code,valid_from_date,valid_until_date,successor_code,note\n"
    "441302199,芦洲乡,旧芦洲,town,乡,1,441302,,,2021-06-30,441302112,\n"
    "441302112,,,,,,441302,,2021-07-01,,,\n"
)
CODES = {"name": "town_code", "header": "镇代码", "type": "division_code", "known_in": "divisions.town"}
NAMES = {"name": "town_name", "header": "镇名", "type": "text", "known_in": "divisions.town_name"}
REPORT = make_report([CODES, NAMES, {"name": "day", "header": "日期", "key": True}], units=["441302", "4413", "FUND-1"])


@pytest.fixture(scope="module")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Divisions:
    path = tmp_path_factory.mktemp("divisions") / "divisions.csv"
    path.write_bytes((SEEDS / "divisions.csv").read_bytes())
    path.with_name("division_spells.csv").write_text(SPELLS, encoding="utf-8")
    return Divisions.load(path)


def listed(divisions: Divisions, column: str, unit: str, period: str) -> list[str]:
    request = TemplateRequest(REPORT, divisions, unit, Period.parse(period))
    return list(map(str, choices_of(request, REPORT.column(column))))


def test_a_town_with_a_new_code_has_the_code_of_the_period(divisions: Divisions) -> None:
    before, after = (listed(divisions, "town_code", "441302", period) for period in ("2021-05", "2021-08"))
    assert set(before) - set(after) == {"441302199"}
    assert set(after) - set(before) == {"441302112"}
    assert "芦洲乡" in listed(divisions, "town_name", "441302", "2021-05")
    assert "芦洲乡" not in listed(divisions, "town_name", "441302", "2021-08")


def test_a_county_is_offered_its_own_towns_and_the_city_all(divisions: Divisions) -> None:
    own, all_towns = (listed(divisions, "town_code", unit, "2023-06") for unit in ("441302", "4413"))
    assert all(code.startswith("441302") for code in own)
    assert set(all_towns) == {division.code for division in divisions.level("town")} > set(own)


def test_a_unit_without_a_place_is_offered_all(divisions: Divisions) -> None:
    assert listed(divisions, "town_code", "FUND-1", "2023-06") == listed(divisions, "town_code", "4413", "2023-06")


def test_a_name_that_two_towns_have_is_offered_once(divisions: Divisions) -> None:
    names = listed(divisions, "town_name", "4413", "2023-06")
    assert names.count("龙华镇") == 1
    assert len(names) == len(set(names))


def test_free_texts_have_no_list(divisions: Divisions) -> None:
    request = TemplateRequest(REPORT, divisions, "4413", Period.parse("2023-06"))
    assert choices_of(request, REPORT.column("day")) == ()
    truth = Column(name="is_hub", header="枢纽", type=ColumnType.BOOLEAN)
    assert choices_of(request, truth) == ("是", "否")
