"""CH02: receipts for donations. Each project has had, by the end of every month, more than it has spent."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from loaders.period import Period
from sample_city import planting
from sample_city.charity import brands, deliveries
from sample_city.charity.deliveries import Delivery
from sample_city.charity.donors import Donor, draw_donors, organization_donor
from sample_city.charity.expenses import Expense
from sample_city.charity.points import Point
from sample_city.city import City
from sample_city.defects import CROSS_REPORT, NOT_NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.named import named_organizations
from sample_city.pages import Look
from sample_city.people import Rng, make_uscc
from sample_city.shares import shared_out
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import WHOLE

CASH, GOODS = "现金", "物资"
_LEAST_COVER, _LASTING_COVER = 1.03, 1.15
"""How much more than spent is there at the end of every month, and how much more was given than spent in the end."""
_SEASONS = {1: 1.3, 6: 2.4, 9: 2.1, 12: 1.5}
"""Spring Festival, 30 June, when Guangdong gives for its poor regions, Charity Day on 5 September, and the year's end."""
_USUAL_GIFT_YUAN = 8_500
_PROJECT_OF_GOODS = {
    deliveries.CARTS: brands.CARTS_CODE,
    deliveries.RAILINGS: brands.RAILINGS_CODE,
    deliveries.OTHER: brands.GOODS_CODE,
}
_WITHOUT_PROJECT = Fault(
    "restricted_without_project", {"is_restricted": True, "project_code": None}, [("project_code", NOT_NULL)]
)
_GOODS_UNCOUNTED = Fault(
    "goods_without_quantity", {"form": GOODS, "goods_name": "大米", "goods_quantity": None}, [("goods_quantity", NOT_NULL)]
)
_NO_CHARITY = Fault(
    "receiver_is_a_charity",
    {"receiver_uscc": make_uscc("51", "441300", 96_001)},
    [("receiver_uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_PLANTED: Kinds = {
    (CITY_CODE, "2021-02"): (planting.USCC_WRONG, _WITHOUT_PROJECT),
    (CITY_CODE, "2021-08"): (planting.LATE,),
    (CITY_CODE, "2021-09"): (planting.DUPLICATE_ROW, planting.FUTURE_DATE, _GOODS_UNCOUNTED),
    (CITY_CODE, "2022-01"): (planting.WRONG_UTF8,),
    (CITY_CODE, "2022-06"): (planting.CORRECTED,),
    (CITY_CODE, "2022-08"): (_NO_CHARITY,),
    (CITY_CODE, "2022-11"): (planting.OUT_OF_RANGE, planting.TYPE_FAULT),
    (CITY_CODE, "2023-04"): (planting.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-12"): (_WITHOUT_PROJECT, planting.USCC_WRONG, _GOODS_UNCOUNTED),
}


@dataclass(frozen=True, slots=True)
class Gift:
    """A donation. Goods have a name, a quantity and a unit; money for no purpose has no project."""

    day: dt.date
    donor: Donor
    yuan: Decimal
    project_code: str | None
    goods: tuple[str, int, str] | None = None


def plan_donations(
    city: City, expenses: Sequence[Expense], handed_over: Sequence[Delivery], points: Sequence[Point]
) -> list[Gift]:
    """All gifts of the three years, in the order of their days."""
    planned = [*_money(city, expenses), *_goods(handed_over), *_for_points(city, points)]
    return sorted(planned, key=lambda gift: gift.day)


def build_donations(city: City, gifts: Sequence[Gift]) -> None:
    """Send a CSV for each month."""
    report = city.contracts["donation"]
    desk = Desk(city, report, Look("捐赠收入明细表", "捐赠收入明细表"), _PLANTED)
    for month in city.span.months():
        first, last = month.start, month.end
        mine = [gift for gift in gifts if first <= gift.day <= last]
        rows = (_row(gift, month, number) for number, gift in enumerate(mine, start=1))
        desk.send(Sending(CITY_CODE, month, records_of(report, rows)))
    desk.close()


def _row(gift: Gift, month: Period, number: int) -> Record:
    goods, quantity, unit = gift.goods or (None, None, None)
    code = gift.project_code
    return {
        "donation_code": f"JZ{month.year}{month.ordinal:02d}-{number:05d}",
        "donated_date": gift.day,
        "donor_type": gift.donor.kind,
        "donor_name": gift.donor.name,
        "donor_uscc": gift.donor.uscc,
        "form": CASH if gift.goods is None else GOODS,
        "amount_yuan": gift.yuan,
        "goods_name": goods,
        "goods_quantity": quantity,
        "goods_unit": unit,
        "is_restricted": code is not None,
        "project_code": code,
        "receiver_uscc": brands.RECEIVERS.get(code or "", brands.FEDERATION_USCC),
        "receipt_code": f"{month.year % 100:02d}{month.ordinal:02d}{number:06d}",
    }


def _money(city: City, expenses: Sequence[Expense]) -> Iterator[Gift]:
    """Money for each project that pays, and for no purpose what its administration costs."""
    months = WHOLE.months()
    spent: dict[str, Counter[tuple[int, int]]] = {}
    for expense in expenses:
        spent.setdefault(expense.project_code, Counter())[expense.paid.year, expense.paid.month] += expense.yuan
    for code, by_month in sorted(spent.items()):
        rng = city.stream("donation", code)
        project = None if code == brands.ADMINISTRATION[0] else code
        paid = np.array([by_month[month.year, month.ordinal] for month in months], dtype=float)
        for month, yuan in zip(months, _given(paid), strict=True):
            yield from _gifts(rng, month, yuan, project)


def _given(paid: NDArray[np.float64]) -> list[int]:
    """What is given month by month: as the seasons go, but never so little that the accounts run dry."""
    seasons = np.array([_SEASONS.get(month.ordinal, 1.0) for month in WHOLE.months()])
    wanted = np.cumsum(seasons) / seasons.sum() * paid.sum() * _LASTING_COVER
    held = np.ceil(np.maximum(wanted, np.cumsum(paid) * _LEAST_COVER))
    return [int(yuan) for yuan in np.diff(held, prepend=0)]


def _gifts(rng: Rng, month: Period, yuan: int, project: str | None) -> Iterator[Gift]:
    """A month's money as gifts of many sizes, to the fen."""
    if yuan == 0:
        return
    count = min(90, max(2, yuan // _USUAL_GIFT_YUAN))
    donors = draw_donors(rng, count)
    weights = rng.lognormal(0, 0.8, count) * [donor.size for donor in donors]
    days = rng.integers((month.end - month.start).days + 1, size=count).tolist()
    for donor, fen, day in zip(donors, shared_out(weights, yuan * 100), days, strict=True):
        if fen:
            yield Gift(month.start + dt.timedelta(days=day), donor, Decimal(fen) / 100, project)


def _goods(handed_over: Sequence[Delivery]) -> Iterator[Gift]:
    """Goods are given on the day on which they are handed over: those of one kind by one giver on one receipt."""

    def one_receipt(delivery: Delivery) -> tuple[dt.date, str, str]:
        return delivery.day, delivery.donor.uscc, delivery.goods

    for (day, _, goods), group in groupby(sorted(handed_over, key=one_receipt), one_receipt):
        parts = list(group)
        quantity = sum(part.quantity for part in parts)
        yuan = Decimal(sum(part.yuan for part in parts))
        project = _PROJECT_OF_GOODS[parts[0].project]
        yield Gift(day, organization_donor(parts[0].donor), yuan, project, (goods, quantity, parts[0].unit))


def _for_points(city: City, points: Sequence[Point]) -> Iterator[Gift]:
    """What charity and social organisations gave for the demonstration points; the other sources are public money."""
    rng = city.stream("donation", "points")
    giver = organization_donor(named_organizations()["commerce"])
    for point in points:
        for tranche in point.tranches:
            if tranche.source in {"慈善捐赠", "社会组织"}:
                donor = giver if tranche.source == "社会组织" else draw_donors(rng, 1)[0]
                yield Gift(tranche.day, donor, Decimal(tranche.yuan), point.code)
