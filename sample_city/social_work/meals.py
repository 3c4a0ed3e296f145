"""SW07: meals brought to old people who cannot leave the house, by meal point and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.defects import GREATER
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE, Town, Village, statutory_towns
from sample_city.pages import Look
from sample_city.shares import shared_out
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import WHOLE, month_weight

REPORT = "meal_service"
_POINTS = 64
_YUAN_PER_MEAL = 5
_CARRIERS = ("养老服务中心", "社会工作服务中心")
_FEWER_MEALS = Fault(
    "fewer_meals_than_persons",
    {"serving_persons": 12, "meal_delivered_count": 5, "meal_subsidized_count": 0},
    [("meal_delivered_count", GREATER)],
)
_MORE_SUBSIDIZED = Fault("subsidized_beyond_delivered", {"meal_subsidized_count": 90_000}, [("meal_delivered_count", GREATER)])
_PLANTED: Kinds = {
    (CITY_CODE, "2021-05"): (planting.UNKNOWN_TOWN, _FEWER_MEALS),
    (CITY_CODE, "2021-10"): (planting.UNREADABLE,),
    (CITY_CODE, "2022-04"): (_MORE_SUBSIDIZED, planting.DUPLICATE_ROW),
    (CITY_CODE, "2022-08"): (planting.LATE,),
    (CITY_CODE, "2023-03"): (planting.CORRECTED,),
    (CITY_CODE, "2023-10"): (_FEWER_MEALS, planting.OUT_OF_RANGE),
}
_LOOK = Look(
    "惠州市送餐助老服务月报表",
    "送餐助老服务月报表",
    totals=(
        "elder_persons",
        "serving_persons",
        "meal_delivered_count",
        "meal_subsidized_count",
        "volunteer_persons",
        "subsidy_yuan",
    ),
)


@dataclass(frozen=True, slots=True)
class MealPoint:
    """A canteen that brings meals to the old people of a village, from a day on."""

    code: str
    town: Town
    village: Village
    carrier: str
    elders: int
    opened: dt.date


def build_meals(city: City) -> None:
    """Send a workbook for each month; the persons served and the meals of all months are the city's facts, each for itself."""
    report = city.contracts[REPORT]
    desk = Desk(city, report, _LOOK, _PLANTED)
    rows = _plan(city)
    for month in city.span.months():
        desk.send(Sending(CITY_CODE, month, records_of(report, (row for of, row in rows if of == month))))
    desk.close()


def _points(city: City) -> list[MealPoint]:
    """Meal points in different villages; a third of them work from the beginning, the others open within two years."""
    rng = city.stream(REPORT, "points")
    places = [(town, village) for town in statutory_towns() for village in town.villages]
    chosen = sorted(rng.choice(len(places), size=_POINTS, replace=False).tolist())
    carriers = [
        organization.name
        for organization in city.organizations
        if any(word in organization.name for word in _CARRIERS)
        and organization.status == "正常"
        and organization.founded < WHOLE.first.start
    ]
    numbers: dict[str, int] = {}
    points = []
    for town, village in (places[place] for place in chosen):
        numbers[town.code] = number = numbers.get(town.code, 0) + 1
        days = 0 if rng.random() < 1 / 3 else int(rng.integers(31, 700))
        opened = WHOLE.first.start + dt.timedelta(days=days)
        place = town.name.removesuffix("街道").removesuffix("镇")
        near = [name for name in carriers if place in name] or carriers
        carrier = near[int(rng.integers(len(near)))]
        points.append(MealPoint(f"ZC{town.code}{number:02d}", town, village, carrier, int(rng.integers(8, 46)), opened))
    return points


def _plan(city: City) -> list[tuple[Period, Record]]:
    rng = city.stream(REPORT, "plan")
    places = [(point, month) for point in _points(city) for month in WHOLE.months() if point.opened <= month.start]
    size = np.array([point.elders * month_weight(month) for point, month in places])
    served = shared_out(size * rng.uniform(0.8, 1.25, len(places)), city.facts.meal_serving_persons)
    meals = shared_out(size * rng.uniform(0.85, 1.2, len(places)), city.facts.meals_delivered)
    shares = rng.uniform(0.3, 0.8, len(places)).tolist()
    return [
        (month, _record(point, month, (persons, delivered, int(delivered * share))))
        for (point, month), persons, delivered, share in zip(places, served, meals, shares, strict=True)
    ]


def _record(point: MealPoint, month: Period, figures: Sequence[int]) -> Record:
    persons, delivered, subsidized = figures
    return {
        "period_month": str(month),
        "county_name": point.town.county_label,
        "town_name": point.town.name,
        "village_name": point.village.name,
        "meal_point_code": point.code,
        "meal_point": f"{point.village.label}长者助餐点",
        "organization_name": point.carrier,
        "elder_persons": point.elders,
        "serving_persons": persons,
        "meal_delivered_count": delivered,
        "meal_subsidized_count": subsidized,
        "volunteer_persons": delivered // 25,
        "subsidy_yuan": subsidized * _YUAN_PER_MEAL,
    }
