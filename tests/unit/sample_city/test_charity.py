"""What the charity's documents are drawn from: other facts make other totals, and the accounts agree with each other."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.period import Period, PeriodKind
from sample_city.charity.giving.donations import Gift, plan_donations
from sample_city.charity.spending import brands
from sample_city.charity.spending.brand_quarters import Ledgers
from sample_city.charity.spending.demonstration_points import Point, plan_points
from sample_city.charity.spending.expenses import Expense, plan_expenses
from sample_city.charity.spending.goods_deliveries import CARTS, Delivery, plan_deliveries
from sample_city.charity.spending.medical_aid import Aid, plan_aid
from sample_city.charity.spending.student_grants import Grant, plan_grants
from sample_city.city import City
from sample_city.facts import Facts
from sample_city.reference.timetable import FULL_SPAN
from sample_city.servers.charity_database import report_views
from sample_city.social_work.station_network.station_plan import plan_stations

FACTS = Facts(
    medical_aid_persons=120,
    medical_aid_yuan=700_050,
    student_grant_persons=400,
    student_grant_yuan=1_500_030,
    demonstration_points=9,
    demonstration_fund_yuan=5_000_001,
    charity_carts=50,
)


@dataclass(frozen=True)
class Planned:
    city: City
    aid: list[Aid]
    grants: list[Grant]
    points: list[Point]
    deliveries: list[Delivery]
    expenses: list[Expense]
    gifts: list[Gift]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    city = City(tmp_path_factory.mktemp("city"), 11, FULL_SPAN, FACTS)
    taken: set[str] = set()
    aid, grants = plan_aid(city, taken), plan_grants(city, taken)
    points, deliveries = plan_points(city), plan_deliveries(city)
    expenses = plan_expenses(city, aid, grants)
    return Planned(city, aid, grants, points, deliveries, expenses, plan_donations(city, expenses, deliveries, points))


def test_aid_adds_up_to_the_facts_and_some_people_are_helped_again(planned: Planned) -> None:
    assert sum(aid.yuan for aid in planned.aid) == FACTS.medical_aid_yuan
    assert len({aid.patient.resident_id for aid in planned.aid}) == FACTS.medical_aid_persons < len(planned.aid)
    assert all(0 < aid.yuan <= aid.self_paid_yuan and aid.approved < aid.paid for aid in planned.aid)
    assert {aid.paid.year for aid in planned.aid} == {2021, 2022, 2023}


def test_grants_add_up_to_the_facts_and_nobody_gets_two_in_a_year(planned: Planned) -> None:
    assert sum(grant.yuan for grant in planned.grants) == FACTS.student_grant_yuan
    assert len({grant.student.resident_id for grant in planned.grants}) == FACTS.student_grant_persons < len(planned.grants)
    assert max(Counter((grant.student.resident_id, grant.year) for grant in planned.grants).values()) == 1
    patients = {aid.patient.resident_id for aid in planned.aid}
    assert not patients & {grant.student.resident_id for grant in planned.grants}


def test_points_are_completed_and_paid_for_in_2022(planned: Planned) -> None:
    tranches = [tranche for point in planned.points for tranche in point.tranches]
    assert len({point.code for point in planned.points}) == FACTS.demonstration_points
    assert sum(tranche.yuan for tranche in tranches) == FACTS.demonstration_fund_yuan
    assert {tranche.day.year for tranche in tranches} == {point.completed.year for point in planned.points} == {2022}


def test_carts_go_to_points_in_villages_that_are_open(planned: Planned) -> None:
    stations = {station.code: station for station in plan_stations(planned.city.seed, FACTS.social_work_points)}
    carts = [delivery for delivery in planned.deliveries if delivery.project == CARTS]
    assert sum(cart.quantity for cart in carts) == FACTS.charity_carts
    for cart in carts:
        station = stations[cart.station_code or ""]
        assert station.village is not None and station.village.code == cart.village_code
        assert station.opened <= cart.day and (station.closed is None or station.closed > cart.day)


def test_no_project_has_ever_paid_more_than_it_was_given(planned: Planned) -> None:
    held: Counter[str | None] = Counter()
    for month in FULL_SPAN.months():
        for gift in planned.gifts:
            if month.start <= gift.day <= month.end:
                held[gift.project_code] += gift.yuan
        for expense in planned.expenses:
            if month.start <= expense.paid <= month.end:
                held[None if expense.project_code == brands.ADMINISTRATION[0] else expense.project_code] -= expense.yuan
        assert min(held.values()) >= 0, month


def test_what_was_handed_over_was_given(planned: Planned) -> None:
    goods = sum((gift.yuan for gift in planned.gifts if gift.goods is not None), start=Decimal(0))
    assert goods == sum(delivery.yuan for delivery in planned.deliveries)


def test_the_brands_spend_what_the_accounts_say(planned: Planned) -> None:
    ledgers = Ledgers(planned.expenses, planned.aid, planned.grants)
    for brand in brands.BRANDS:
        quarters = sum(ledgers.spent(brand, quarter) for quarter in FULL_SPAN.quarters())
        last = Period.containing(dt.date(2023, 12, 31), PeriodKind.QUARTER)
        assert brand.earlier_yuan + quarters == ledgers.spent_to_date(brand, last)
    aid = sum(aid.yuan for aid in planned.aid if aid.patient.brand == brands.HEARTS.name)
    assert ledgers.spent_to_date(brands.HEARTS, last) >= brands.HEARTS.earlier_yuan + aid > brands.HEARTS.earlier_yuan


def test_views_are_typed_as_their_contracts_say(tmp_path: Path) -> None:
    views = {view.report: view for view in report_views(City(tmp_path, 1, FULL_SPAN, FACTS).contracts.values())}
    assert set(views) == {"charity_organization", "community_fund", "fundraising"}
    types = views["fundraising"].types
    assert (types["start_on"], types["raised"], types["is_joint"]) == ("date", "numeric(16,2)", "boolean")
    assert (types["filing_no"], types["update_time"]) == ("text", "timestamptz")
