"""The documents and views of the charity federation, one module per kind of report."""

from __future__ import annotations

from sample_city.charity.giving.campaigns import build_campaigns
from sample_city.charity.giving.charity_organizations import build_charities, plan_charities
from sample_city.charity.giving.community_funds import build_community_funds
from sample_city.charity.giving.donations import build_donations, plan_donations
from sample_city.charity.spending.brand_quarters import Ledgers, build_brand_quarters
from sample_city.charity.spending.demonstration_points import build_points, plan_points
from sample_city.charity.spending.expenses import build_expenses, plan_expenses
from sample_city.charity.spending.goods_deliveries import build_deliveries, plan_deliveries
from sample_city.charity.spending.medical_aid import build_medical_aid, plan_aid
from sample_city.charity.spending.student_grants import build_student_grants, plan_grants
from sample_city.city import City


def build_documents(city: City) -> None:
    """Builds and delivers all of them. The accounts are the sums of the payments and donations, so that the reports agree."""
    build_community_funds(city)
    taken: set[str] = set()
    aid, grants = plan_aid(city, taken), plan_grants(city, taken)
    points, deliveries = plan_points(city), plan_deliveries(city)
    expenses = plan_expenses(city, aid, grants)
    gifts = plan_donations(city, expenses, deliveries, points)
    charities = plan_charities(city)
    build_charities(city, charities)
    build_donations(city, gifts)
    build_expenses(city, expenses)
    build_medical_aid(city, aid)
    build_student_grants(city, grants)
    build_brand_quarters(city, Ledgers(expenses, aid, grants))
    build_points(city, points)
    build_deliveries(city, deliveries)
    build_campaigns(city, charities, gifts)
