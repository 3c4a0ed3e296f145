"""The documents of the civil-affairs offices, a module for each kind of report."""

from __future__ import annotations

from sample_city.city import City
from sample_city.civil_affairs.annual_reports import build_annual_reports
from sample_city.civil_affairs.community_organizations import build_community_organizations
from sample_city.civil_affairs.contests import build_contests
from sample_city.civil_affairs.cultural_activities import build_cultural_activities
from sample_city.civil_affairs.demands import build_demands
from sample_city.civil_affairs.enterprises import build_enterprises
from sample_city.civil_affairs.gradings import build_gradings
from sample_city.civil_affairs.pairing_plan import plan_pairings
from sample_city.civil_affairs.pairings import build_pairing_inputs, build_pairings
from sample_city.civil_affairs.party_activities import build_party_activities
from sample_city.civil_affairs.party_returns import build_party_returns
from sample_city.civil_affairs.projects import build_projects
from sample_city.civil_affairs.task_force import build_task_force
from sample_city.civil_affairs.trainees import build_trainees
from sample_city.civil_affairs.trainings import build_trainings


def build_documents(city: City) -> None:
    """Build and deliver all of them."""
    pairings = plan_pairings(city)
    build_gradings(city, pairings)
    build_party_returns(city)
    build_party_activities(city, pairings)
    build_pairings(city, pairings)
    build_pairing_inputs(city, pairings)
    build_demands(city)
    build_task_force(city)
    build_contests(city)
    build_trainings(city)
    build_enterprises(city)
    build_projects(city)
    build_cultural_activities(city)
    build_community_organizations(city)
    build_annual_reports(city)
    build_trainees(city)
