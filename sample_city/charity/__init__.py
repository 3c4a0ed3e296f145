"""The documents and views of the charity federation, a module for each kind of report."""

from __future__ import annotations

from sample_city.charity.brand_quarters import Books, build_brand_quarters
from sample_city.charity.campaigns import build_campaigns
from sample_city.charity.deliveries import build_deliveries, plan_deliveries
from sample_city.charity.donations import build_donations, plan_donations
from sample_city.charity.expenses import build_expenses, plan_expenses
from sample_city.charity.medical_aid import build_medical_aid, plan_aid
from sample_city.charity.organizations import build_charities, plan_charities
from sample_city.charity.points import build_points, plan_points
from sample_city.charity.student_grants import build_student_grants, plan_grants
from sample_city.city import City


def build_documents(city: City) -> None:
    """Build and deliver all of them; they agree, because the accounts are added up from what was paid and given."""
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
    build_brand_quarters(city, Books(expenses, aid, grants))
    build_points(city, points)
    build_deliveries(city, deliveries)
    build_campaigns(city, charities, gifts)
