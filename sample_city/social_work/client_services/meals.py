"""SW07: meals delivered to old people at home, by meal point and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import GREATER
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE, Town, Village, statutory_towns
from sample_city.reference.timetable import FULL_SPAN, month_weight

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
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-05"): (fault_kinds.UNKNOWN_TOWN, _FEWER_MEALS),
    (CITY_CODE, "2021-10"): (fault_kinds.UNREADABLE,),
    (CITY_CODE, "2022-04"): (_MORE_SUBSIDIZED, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2022-08"): (fault_kinds.LATE,),
    (CITY_CODE, "2023-03"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-10"): (_FEWER_MEALS, fault_kinds.OUT_OF_RANGE),
}
_TEMPLATE = FormTemplate(
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
    """A canteen that delivers meals to the old people of a village, with its first day."""

    code: str
    town: Town
    village: Village
    carrier: str
    elders: int
    opened: dt.date


def build_meals(city: City) -> None:
    """Writes a workbook per month. The persons served and the meals of all months are the numbers in the facts."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    rows = _plan(city)
    for month in city.span.months():
        writer.write(Submission(CITY_CODE, month, complete_records(report, (row for of, row in rows if of == month))))
    writer.write_truth()


def _points(city: City) -> list[MealPoint]:
    """Plans meal points in different villages: a third is open from the beginning, the others open within two years."""
    rng = city.stream(REPORT, "points")
    places = [(town, village) for town in statutory_towns() for village in town.villages]
    chosen = sorted(rng.choice(len(places), size=_POINTS, replace=False).tolist())
    carriers = [
        organization.name
        for organization in city.organizations
        if any(word in organization.name for word in _CARRIERS)
        and organization.status == "正常"
        and organization.founded < FULL_SPAN.first.start
    ]
    numbers: dict[str, int] = {}
    points = []
    for town, village in (places[place] for place in chosen):
        numbers[town.code] = number = numbers.get(town.code, 0) + 1
        days = 0 if rng.random() < 1 / 3 else int(rng.integers(31, 700))
        opened = FULL_SPAN.first.start + dt.timedelta(days=days)
        place = town.name.removesuffix("街道").removesuffix("镇")
        near = [name for name in carriers if place in name] or carriers
        carrier = near[int(rng.integers(len(near)))]
        points.append(MealPoint(f"ZC{town.code}{number:02d}", town, village, carrier, int(rng.integers(8, 46)), opened))
    return points


def _plan(city: City) -> list[tuple[Period, Record]]:
    rng = city.stream(REPORT, "plan")
    places = [(point, month) for point in _points(city) for month in FULL_SPAN.months() if point.opened <= month.start]
    size = np.array([point.elders * month_weight(month) for point, month in places])
    served = apportion(size * rng.uniform(0.8, 1.25, len(places)), city.facts.meal_serving_persons)
    meals = apportion(size * rng.uniform(0.85, 1.2, len(places)), city.facts.meals_delivered)
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
