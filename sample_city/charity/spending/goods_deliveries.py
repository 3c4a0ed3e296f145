"""CH10: deliveries of goods: the carts of 百车进百村, the railings of Dongsheng, and other donations of organizations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.period import Period, PeriodKind
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, IN_SET, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.known_organizations import KnownOrganization, known_organizations
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN
from sample_city.social_work.station_network.station_plan import Station, plan_stations

CARTS, RAILINGS, OTHER = "百车进百村", "村道护栏", "其他"
_CART_YUAN = 38_500
_DONGSHENG = "441302112205"
_HANDED_OVER = ("2022-06-28", "2022-09-22", "2022-12-08", "2023-03-16", "2023-05-25", "2023-08-17", "2023-10-26", "2023-12-07")
_GOODS = (
    ("轮椅", "件", 780),
    ("护理床", "套", 2_600),
    ("爱心书包", "套", 120),
    ("棉被冬衣", "套", 260),
    ("血压计", "件", 180),
    ("健康防护包", "套", 90),
)
_GIVERS = ("private_entrepreneurs", "commerce", "banking", "zhongde", "calligraphy", "hiking")
_CART = {"project_name": CARTS, "qty_unit": "辆", "station_code": "SZ44130200100", "village_code": "441302001001"}
_CART_IN_SETS = Fault("cart_in_wrong_unit", {**_CART, "qty_unit": "套"}, [("qty_unit", IN_SET)])
_CART_NOWHERE = Fault("cart_without_station", {**_CART, "station_code": None}, [("station_code", NOT_NULL)])
_NO_STATION = Fault(
    "station_is_open", {"station_code": "SZ44130200199"}, [("station_code", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-05"): (fault_kinds.TYPE_FAULT,),
    (CITY_CODE, "2021-08"): (_NO_STATION,),
    (CITY_CODE, "2021-11"): (fault_kinds.DUPLICATE_ROW,),
    (CITY_CODE, "2022-06"): (_CART_IN_SETS, _CART_NOWHERE),
    (CITY_CODE, "2022-08"): (fault_kinds.LATE,),
    (CITY_CODE, "2022-12"): (fault_kinds.FUTURE_DATE, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2023-02"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-06"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2023-10"): (fault_kinds.OUT_OF_RANGE,),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that an organization donated, with the day of delivery."""

    day: dt.date
    project: str
    goods: str
    quantity: int
    unit: str
    yuan: int
    donor: KnownOrganization
    station_code: str | None
    village_code: str | None


def plan_deliveries(city: City) -> list[Delivery]:
    """Plans all deliveries of the three years, ordered by day."""
    stations = plan_stations(city.seed, city.facts.social_work_points)
    planned = [*_carts(city, stations), *_railings(), *_others(city, stations)]
    return sorted(planned, key=lambda delivery: delivery.day)


def build_deliveries(city: City, deliveries: Sequence[Delivery]) -> None:
    """Writes a workbook per month."""
    report = city.contracts["goods_delivery"]
    template = FormTemplate("惠州市捐赠物资（车辆）配发台账（{period}）", "捐赠物资配发台账", totals=("value_yuan",))
    writer = DocumentWriter(city, report, template, _FAULT_PLAN)
    for month in city.span.months():
        first, last = month.start, month.end
        mine = [delivery for delivery in deliveries if first <= delivery.day <= last]
        rows = (
            {
                "delivery_code": f"PF{month.year}{month.ordinal:02d}{number:03d}",
                "project_name": delivery.project,
                "goods_name": delivery.goods,
                "quantity": delivery.quantity,
                "qty_unit": delivery.unit,
                "value_yuan": delivery.yuan,
                "donor_name": delivery.donor.name,
                "station_code": delivery.station_code,
                "village_code": delivery.village_code,
                "delivered_date": delivery.day,
            }
            for number, delivery in enumerate(mine, start=1)
        )
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


def _carts(city: City, stations: Sequence[Station]) -> Iterator[Delivery]:
    """Yields the carts of the banking association for village points: usually one each, and no second one before all have one."""
    rng = city.stream("goods_delivery", "carts")
    donor = known_organizations()["banking"]
    served: set[str] = set()
    for text, carts in zip(_HANDED_OVER, apportion([1.0] * len(_HANDED_OVER), city.facts.charity_carts), strict=True):
        day = dt.date.fromisoformat(text)
        month = Period.containing(day, PeriodKind.MONTH)
        points = [station for station in stations if station.village is not None and station.is_open_throughout(month)]
        waiting = [point for point in points if point.code not in served] or points
        chosen = sorted(rng.choice(len(waiting), size=min(len(waiting), max(1, carts * 24 // 25)), replace=False).tolist())
        for place, quantity in zip(chosen, apportion([1.0] * len(chosen), carts), strict=True):
            point = waiting[place]
            served.add(point.code)
            if point.village is not None and quantity:
                yuan = quantity * _CART_YUAN
                yield Delivery(day, CARTS, "社工服务电瓶车", quantity, "辆", yuan, donor, point.code, point.village.code)


def _railings() -> Iterator[Delivery]:
    """Yields the railings for the village roads of Dongsheng, which two village projects (CA12) were built with."""
    known = known_organizations()
    for text, giver, metres, yuan in (
        ("2022-04-08", "private_entrepreneurs", 640, 86_000),
        ("2023-03-15", "commerce", 800, 52_500),
    ):
        yield Delivery(dt.date.fromisoformat(text), RAILINGS, "村道安全护栏", metres, "米", yuan, known[giver], None, _DONGSHENG)


def _others(city: City, stations: Sequence[Station]) -> Iterator[Delivery]:
    rng = city.stream("goods_delivery", "others")
    known = known_organizations()
    for month in FULL_SPAN.months():
        places = [station for station in stations if station.is_open_throughout(month)]
        for _ in range(int(rng.integers(4, 9))):
            yield _other(rng, month, places[int(rng.integers(len(places)))], known[_GIVERS[int(rng.integers(len(_GIVERS)))]])


def _other(rng: Rng, month: Period, place: Station, donor: KnownOrganization) -> Delivery:
    goods, unit, price = _GOODS[int(rng.integers(len(_GOODS)))]
    quantity = int(rng.integers(5, 61))
    day = month.start + dt.timedelta(days=int(rng.integers(3, 26)))
    village = place.village.code if place.village is not None else None
    return Delivery(day, OTHER, goods, quantity, unit, quantity * price, donor, place.code, village)
