"""The documents of the civil-affairs offices, one module per kind of report."""

from __future__ import annotations

from sample_city.city import City
from sample_city.civil_affairs.organizations.annual_reports import build_annual_reports
from sample_city.civil_affairs.organizations.community_organizations import build_community_organizations
from sample_city.civil_affairs.organizations.contest_projects import build_contest_projects
from sample_city.civil_affairs.organizations.gradings import build_gradings
from sample_city.civil_affairs.organizations.party_activities import build_party_activities
from sample_city.civil_affairs.organizations.party_returns import build_party_returns
from sample_city.civil_affairs.organizations.town_coverage import build_town_coverage
from sample_city.civil_affairs.organizations.trainings import build_trainings
from sample_city.civil_affairs.villages.cultural_activities import build_cultural_activities
from sample_city.civil_affairs.villages.demands import build_demands
from sample_city.civil_affairs.villages.enterprises import build_enterprises
from sample_city.civil_affairs.villages.pairing_plan import plan_pairings
from sample_city.civil_affairs.villages.pairings import build_pairing_inputs, build_pairings
from sample_city.civil_affairs.villages.projects import build_projects
from sample_city.civil_affairs.villages.task_force import build_task_force
from sample_city.civil_affairs.villages.trainees import build_trainees


def build_documents(city: City) -> None:
    """Builds and delivers all of them."""
    build_town_coverage(city)
    pairings = plan_pairings(city)
    build_gradings(city, pairings)
    build_party_returns(city)
    build_party_activities(city, pairings)
    build_pairings(city, pairings)
    build_pairing_inputs(city, pairings)
    build_demands(city)
    build_task_force(city)
    build_contest_projects(city)
    build_trainings(city)
    build_enterprises(city)
    build_projects(city)
    build_cultural_activities(city)
    build_community_organizations(city)
    build_annual_reports(city)
    build_trainees(city)
