"""Enterprises, projects, trainees, culture and community organisations: do their documents add up to the city's facts?"""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from sample_city.city import City
from sample_city.civil_affairs.organizations.community_plan import plan_community_organizations
from sample_city.civil_affairs.villages.cultural_activities import build_cultural_activities
from sample_city.civil_affairs.villages.enterprises import build_enterprises
from sample_city.civil_affairs.villages.project_plan import plan_projects
from sample_city.civil_affairs.villages.trainees import build_trainees
from sample_city.facts import Facts
from sample_city.reference.geography import LUCUN, LUZHOU, statutory_towns
from sample_city.reference.timetable import FULL_SPAN, Span

OTHER = Facts(
    disabled_trainees=13,
    farm_investment_yuan=7_654_300,
    reclaimed_area_mu=911,
    village_centre_yuan=333_000,
    hiking_loop_km=21,
    couplet_pairs=77,
    community_organizations=2_000,
    hub_organizations=80,
)
CITIES = pytest.mark.parametrize(("seed", "facts"), [(7, Facts()), (11, OTHER)], ids=["as it was", "another city"])
Rows = list[dict[str, str]]


def truth(city: City, build: Callable[[City], None], name: str) -> Rows:
    build(city)
    with (city.folder / "for_tests_only" / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@CITIES
def test_what_enterprises_did_so_far_ends_at_the_facts(tmp_path: Path, seed: int, facts: Facts) -> None:
    rows = truth(City(tmp_path, seed, FULL_SPAN, facts), build_enterprises, "enterprise")
    last = [row for row in rows if row["period"] == "2023Q4"]
    assert sum(Decimal(row["invested_cumulative_yuan"]) for row in last) == facts.farm_investment_yuan
    assert sum(Decimal(row["area_cumulative_mu"]) for row in last) == facts.reclaimed_area_mu
    assert {"瑞和农业发展有限公司", "惠州市鸿茂科技有限公司"} < {row["enterprise_name"] for row in last}
    assert {row["brand"] for row in rows if row["brand"]} == {"新芦悠品"}
    for name in {row["enterprise_name"] for row in rows}:
        invested = [Decimal(row["invested_cumulative_yuan"]) for row in rows if row["enterprise_name"] == name]
        assert invested == sorted(invested)


@CITIES
def test_disabled_trainees_are_so_many_different_people_of_luzhou(tmp_path: Path, seed: int, facts: Facts) -> None:
    rows = truth(City(tmp_path, seed, FULL_SPAN, facts), build_trainees, "skills_trainee")
    disabled = [row for row in rows if row["is_disabled"] == "True"]
    assert len({row["resident_id"] for row in disabled}) == facts.disabled_trainees < len(disabled)
    assert {row["town_code"] for row in disabled} == {LUZHOU}
    assert len({row["town_code"] for row in rows}) > 3


@CITIES
def test_couplets_are_given_in_luzhou_before_spring_festival(tmp_path: Path, seed: int, facts: Facts) -> None:
    rows = truth(City(tmp_path, seed, FULL_SPAN, facts), build_cultural_activities, "cultural_activity")
    given = [row for row in rows if row["couplet_pairs"]]
    assert sum(int(row["couplet_pairs"]) for row in given) == facts.couplet_pairs
    assert {(row["town_code"], row["period"]) for row in given} == {(LUZHOU, "2023-01")}
    assert len({row["activity_code"] for row in rows}) == len(rows)


@CITIES
def test_projects_hold_those_that_the_account_names(tmp_path: Path, seed: int, facts: Facts) -> None:
    projects = plan_projects(City(tmp_path, seed, FULL_SPAN, facts))
    loops = [project for project in projects if project.kind == "徒步环线"]
    assert [(loop.town.code, loop.scale) for loop in loops] == [(LUZHOU, (Decimal(facts.hiking_loop_km), "公里"))]
    (centre,) = (project for project in projects if project.village and project.village.code == LUCUN and "中心" in project.kind)
    assert centre.raised_by(FULL_SPAN.last.end) == facts.village_centre_yuan
    assert Decimal(0) < centre.raised_by(centre.started) < facts.village_centre_yuan
    assert centre.completed <= FULL_SPAN.last.end
    assert len({project.code for project in projects}) == len(projects) > 100


@CITIES
def test_community_organizations_since_2021_and_their_hubs(tmp_path: Path, seed: int, facts: Facts) -> None:
    everyone = plan_community_organizations(City(tmp_path, seed, FULL_SPAN, facts))
    recent = [one for one in everyone if one.founded >= FULL_SPAN.first.start]
    hubs = [one for one in everyone if one.is_hub]
    assert len(recent) == facts.community_organizations < len(everyone)
    assert len(hubs) == facts.hub_organizations
    assert {one.mode for one in hubs} <= {"登记", "备案"}
    assert not [one for one in hubs if one.ended or one.founded < FULL_SPAN.first.start]
    assert {one.town.code for one in recent} == {town.code for town in statutory_towns()}
    assert len({(one.town.code, one.name) for one in everyone}) == len(everyone)
    assert len({one.filing_code for one in everyone if one.filing_code}) == sum(one.mode == "备案" for one in everyone)


def test_a_shorter_span_sends_the_same_rows_of_its_months(tmp_path: Path) -> None:
    small = truth(City(tmp_path / "a", 7, Span.parse("2022-10:2023-03"), Facts()), build_cultural_activities, "cultural_activity")
    whole = truth(City(tmp_path / "b", 7, FULL_SPAN, Facts()), build_cultural_activities, "cultural_activity")
    assert small == [row for row in whole if "2022-10" <= row["period"] <= "2023-03"]
    assert small


def test_a_city_with_few_community_organizations_has_federations_only(tmp_path: Path) -> None:
    facts = Facts(community_organizations=40, hub_organizations=12)
    everyone = plan_community_organizations(City(tmp_path, 7, FULL_SPAN, facts))
    recent = [one for one in everyone if one.founded >= FULL_SPAN.first.start]
    assert len(recent) == 40
    assert sum(one.is_hub for one in recent) == 12
    assert {one.village for one in recent} == {None}
