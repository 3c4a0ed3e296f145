"""The social-work side of another city: other seed, other totals. What its reports say of each other must hold there too."""

import csv
import datetime as dt
import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from sample_city.city import City, Organization
from sample_city.documents.workbook import Form, render_form
from sample_city.facts import Facts
from sample_city.reference.people import make_uscc
from sample_city.reference.timetable import FULL_SPAN, months_between
from sample_city.social_work.client_services.case_plan import Case, months_of, plan_cases
from sample_city.social_work.client_services.meals import build_meals
from sample_city.social_work.client_services.visit_plan import VisitPlan, plan_visits
from sample_city.social_work.station_network.rescues import build_rescues
from sample_city.social_work.station_network.staff_plan import Worker, plan_staff
from sample_city.social_work.station_network.station_plan import Station, plan_stations

SEED, POINTS, PERSONS, CASES = 11, 120, 50_003, 90
FACTS = Facts(
    rescue_callouts=40, rescued_persons=3, recovered_persons=13, meal_serving_persons=5_001, meals_delivered=40_003, cases=CASES
)
TEAMS = {"惠州市心连心公益救捞队", "惠州市蓝天救援志愿者协会"}


@pytest.fixture(scope="module")
def stations() -> tuple[Station, ...]:
    return plan_stations(SEED, POINTS)


@pytest.fixture(scope="module")
def workers(stations: tuple[Station, ...]) -> tuple[Worker, ...]:
    return plan_staff(SEED, stations)


@pytest.fixture(scope="module")
def visits(stations: tuple[Station, ...], workers: tuple[Worker, ...]) -> VisitPlan:
    return plan_visits(SEED, PERSONS, stations, workers)


@pytest.fixture(scope="module")
def cases(stations: tuple[Station, ...], visits: VisitPlan) -> tuple[Case, ...]:
    return plan_cases(SEED, CASES, stations, visits)


def truth(city: City, name: str) -> list[dict[str, str]]:
    with (city.folder / "for_tests_only" / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_as_many_points_are_alive_at_the_end_as_the_facts_say(stations: tuple[Station, ...]) -> None:
    alive = [station for station in stations if station.closed is None]
    assert Counter(station.village is None for station in alive) == {True: 71, False: POINTS}
    assert len(stations) > len(alive)


def test_every_post_is_held_in_every_month_that_a_station_works(stations: tuple[Station, ...], visits: VisitPlan) -> None:
    for station in stations:
        for month in FULL_SPAN.months():
            held = visits.workers.get((station.code, month), [])
            assert len(set(held)) == (station.workers if station.is_open_throughout(month) else 0), (station.code, month)


def test_some_workers_leave_and_are_followed_on_the_next_day(workers: tuple[Worker, ...], stations: tuple[Station, ...]) -> None:
    closed = {station.code: station.closed for station in stations}
    left = [worker.post for worker in workers if worker.post.left and worker.post.left != closed[worker.post.station_code]]
    hired = Counter((worker.post.station_code, worker.post.hired) for worker in workers)
    assert len(left) > 20
    assert all(hired[post.station_code, post.left + dt.timedelta(days=1)] for post in left if post.left)
    assert len({worker.post.worker_code for worker in workers}) == len(workers)


def test_the_visits_of_all_towns_and_months_add_up(visits: VisitPlan) -> None:
    assert sum(visits.persons.values()) == PERSONS
    months = Counter()
    for (_, month), persons in visits.persons.items():
        months[str(month)] += persons
    assert months["2022-02"] < 0.8 * months["2022-03"], "Spring Festival"


def test_a_case_has_a_client_with_a_file_and_a_worker_who_is_there(cases: tuple[Case, ...], visits: VisitPlan) -> None:
    assert len({case.code for case in cases}) == CASES
    for case in cases:
        first = months_of(case)[0]
        assert case.worker_code in visits.workers[case.station_code, first]
        assert case.client in visits.clients[case.station_code[2:11]]
        assert case.client.opened <= case.opened
        assert case.client.closed is None
        assert case.ended is None or case.opened <= case.ended


def test_the_months_between_two_days() -> None:
    assert [str(month) for month in months_between(dt.date(2022, 11, 30), dt.date(2023, 1, 1))] == [
        "2022-11",
        "2022-12",
        "2023-01",
    ]
    assert [str(month) for month in months_between(dt.date(2023, 11, 5), None)] == ["2023-11", "2023-12"]
    assert months_between(dt.date(2020, 5, 1), dt.date(2020, 12, 31)) == []


def test_two_teams_at_one_event_are_two_call_outs_and_one_rescue(tmp_path: Path) -> None:
    city = City(tmp_path, SEED, FULL_SPAN, FACTS)
    build_rescues(city)
    calls = [row for row in truth(city, "rescue") if row["organization_name"] in TEAMS]
    assert len(calls) == FACTS.rescue_callouts
    events = {(row["called_at"][:10], row["place"], row["event_type"]): row for row in calls}
    assert len(events) < len(calls), "some events were attended by both"
    assert sum(int(row["rescued_persons"]) for row in events.values()) == FACTS.rescued_persons
    assert sum(int(row["recovered_persons"]) for row in events.values()) == FACTS.recovered_persons
    assert sum(int(row["recovered_persons"]) for row in calls) > FACTS.recovered_persons, "both teams tell of the same people"


def test_meals_and_persons_served_are_totals_of_their_own(tmp_path: Path) -> None:
    carrier, closed = (
        Organization(
            make_uscc("52", "441302", number), name, "民办非企业单位", "其他", "441302", False, dt.date(2015, 3, 2), status
        )
        for number, (name, status) in enumerate((("惠州市东江养老服务中心", "正常"), ("惠州市西湖养老服务中心", "注销")))
    )
    city = City(tmp_path, SEED, FULL_SPAN, FACTS, organizations=[closed, carrier])
    build_meals(city)
    rows = truth(city, "meal_service")
    assert sum(int(row["serving_persons"]) for row in rows) == FACTS.meal_serving_persons
    assert sum(int(row["meal_delivered_count"]) for row in rows) == FACTS.meals_delivered
    assert {row["organization_name"] for row in rows} == {carrier.name}
    months = Counter()
    for row in rows:
        months[row["period_month"]] += int(row["meal_delivered_count"])
    assert months["2022-02"] < 0.75 * months["2022-03"], "Spring Festival"


def test_a_header_below_a_group_does_not_repeat_its_words() -> None:
    form = Form(
        title="表",
        line=["填报单位：惠城区"],
        header=["站点", "小组节数", "小组人次", "社区活动人次"],
        rows=[],
        footer=(),
        date_style="iso_cell",
        groups=[("小组节数", "小组人次", "小组"), ("社区活动人次", "社区活动人次", "社区活动")],
    )
    sheet = openpyxl.load_workbook(io.BytesIO(render_form(form))).active
    assert [cell.value for cell in sheet[3]] == ["站点", "小组", None, "社区活动"]
    assert [cell.value for cell in sheet[4]] == [None, "节数", "人次", "人次"]
