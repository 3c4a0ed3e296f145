"""The documents of the social-work stations, one module per kind of report."""

from __future__ import annotations

from sample_city.city import City
from sample_city.social_work.client_services.case_plan import plan_cases
from sample_city.social_work.client_services.casework import build_casework
from sample_city.social_work.client_services.clients import build_clients
from sample_city.social_work.client_services.meals import build_meals
from sample_city.social_work.client_services.visit_plan import plan_visits
from sample_city.social_work.client_services.visits import build_visits
from sample_city.social_work.station_network.linked_services import build_linked_services
from sample_city.social_work.station_network.rescues import build_rescues
from sample_city.social_work.station_network.rosters import build_rosters
from sample_city.social_work.station_network.staff_plan import plan_staff
from sample_city.social_work.station_network.station_plan import plan_stations
from sample_city.social_work.station_network.station_services import build_station_services
from sample_city.social_work.station_network.stations import build_stations


def build_documents(city: City) -> None:
    """Builds and delivers all of them. Stations, workers and visits are planned once, so that the reports agree."""
    stations = plan_stations(city.seed, city.facts.social_work_points)
    workers = plan_staff(city.seed, stations)
    visits = plan_visits(city.seed, city.facts.home_visit_persons, stations, workers)
    build_stations(city, stations)
    visited = build_visits(city, visits)
    cases = plan_cases(city.seed, city.facts.cases, stations, visits)
    build_station_services(city, stations, visits, visited, cases)
    build_meals(city)
    build_rescues(city)
    build_casework(city, cases, visits.workers)
    build_linked_services(city, stations)
    build_rosters(city, workers, stations)
    build_clients(city, visits.clients, stations, workers)
