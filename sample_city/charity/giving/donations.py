"""CH02: receipts for donations. At the end of each month, each project has received more than it has spent."""

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
from sample_city.charity.giving.donors import Donor, draw_donors, organization_donor
from sample_city.charity.spending import brands, goods_deliveries
from sample_city.charity.spending.demonstration_points import Point
from sample_city.charity.spending.expenses import Expense
from sample_city.charity.spending.goods_deliveries import Delivery
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, NOT_NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.apportionment import apportion
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng, make_uscc
from sample_city.reference.timetable import FULL_SPAN

CASH, GOODS = "现金", "物资"
_LEAST_COVER, _LASTING_COVER = 1.03, 1.15
"""The least ratio of donations to spending at the end of each month, and the ratio at the end of the three years."""
_SEASONS = {1: 1.3, 6: 2.4, 9: 2.1, 12: 1.5}
"""Spring Festival, 30 June (Guangdong's day of poverty relief), Charity Day on 5 September, and the end of the year."""
_USUAL_GIFT_YUAN = 8_500
_PROJECT_OF_GOODS = {
    goods_deliveries.CARTS: brands.CARTS_CODE,
    goods_deliveries.RAILINGS: brands.RAILINGS_CODE,
    goods_deliveries.OTHER: brands.GOODS_CODE,
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
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-02"): (fault_kinds.USCC_WRONG, _WITHOUT_PROJECT),
    (CITY_CODE, "2021-08"): (fault_kinds.LATE,),
    (CITY_CODE, "2021-09"): (fault_kinds.DUPLICATE_ROW, fault_kinds.FUTURE_DATE, _GOODS_UNCOUNTED),
    (CITY_CODE, "2022-01"): (fault_kinds.WRONG_UTF8,),
    (CITY_CODE, "2022-06"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2022-08"): (_NO_CHARITY,),
    (CITY_CODE, "2022-11"): (fault_kinds.OUT_OF_RANGE, fault_kinds.TYPE_FAULT),
    (CITY_CODE, "2023-04"): (fault_kinds.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-12"): (_WITHOUT_PROJECT, fault_kinds.USCC_WRONG, _GOODS_UNCOUNTED),
}


@dataclass(frozen=True, slots=True)
class Gift:
    """A donation. Goods have a name, a quantity and a unit. An unrestricted donation has no project."""

    day: dt.date
    donor: Donor
    yuan: Decimal
    project_code: str | None
    goods: tuple[str, int, str] | None = None


def plan_donations(
    city: City, expenses: Sequence[Expense], deliveries: Sequence[Delivery], points: Sequence[Point]
) -> list[Gift]:
    """Plans all donations of the three years, ordered by day."""
    planned = [*_money(city, expenses), *_goods(deliveries), *_for_points(city, points)]
    return sorted(planned, key=lambda gift: gift.day)


def build_donations(city: City, gifts: Sequence[Gift]) -> None:
    """Writes a CSV per month."""
    report = city.contracts["donation"]
    writer = DocumentWriter(city, report, FormTemplate("捐赠收入明细表", "捐赠收入明细表"), _FAULT_PLAN)
    for month in city.span.months():
        first, last = month.start, month.end
        mine = [gift for gift in gifts if first <= gift.day <= last]
        rows = (_row(gift, month, number) for number, gift in enumerate(mine, start=1))
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows)))
    writer.write_truth()


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
    """Yields donations of money per project; unrestricted donations cover the administration."""
    months = FULL_SPAN.months()
    spent: dict[str, Counter[tuple[int, int]]] = {}
    for expense in expenses:
        spent.setdefault(expense.project_code, Counter())[expense.paid.year, expense.paid.month] += expense.yuan
    for code, by_month in sorted(spent.items()):
        rng = city.stream("donation", code)
        project = None if code == brands.ADMINISTRATION[0] else code
        paid = np.array([by_month[month.year, month.ordinal] for month in months], dtype=float)
        for month, yuan in zip(months, _donated_per_month(paid), strict=True):
            yield from _month_of_gifts(rng, month, yuan, project)


def _donated_per_month(paid: NDArray[np.float64]) -> list[int]:
    """Computes the sum per month. It follows the seasons, and always covers what was spent so far."""
    seasons = np.array([_SEASONS.get(month.ordinal, 1.0) for month in FULL_SPAN.months()])
    wanted = np.cumsum(seasons) / seasons.sum() * paid.sum() * _LASTING_COVER
    donated_to_date = np.ceil(np.maximum(wanted, np.cumsum(paid) * _LEAST_COVER))
    return [int(yuan) for yuan in np.diff(donated_to_date, prepend=0)]


def _month_of_gifts(rng: Rng, month: Period, yuan: int, project: str | None) -> Iterator[Gift]:
    """Yields a month's sum as donations of different sizes, exact to the fen."""
    if yuan == 0:
        return
    count = min(90, max(2, yuan // _USUAL_GIFT_YUAN))
    donors = draw_donors(rng, count)
    weights = rng.lognormal(0, 0.8, count) * [donor.size for donor in donors]
    days = rng.integers((month.end - month.start).days + 1, size=count).tolist()
    for donor, fen, day in zip(donors, apportion(weights, yuan * 100), days, strict=True):
        if fen:
            yield Gift(month.start + dt.timedelta(days=day), donor, Decimal(fen) / 100, project)


def _goods(deliveries: Sequence[Delivery]) -> Iterator[Gift]:
    """Yields donations of goods: one receipt per day, donor and kind of goods that were delivered."""

    def one_receipt(delivery: Delivery) -> tuple[dt.date, str, str]:
        return delivery.day, delivery.donor.uscc, delivery.goods

    for (day, _, goods), group in groupby(sorted(deliveries, key=one_receipt), one_receipt):
        parts = list(group)
        quantity = sum(part.quantity for part in parts)
        yuan = Decimal(sum(part.yuan for part in parts))
        project = _PROJECT_OF_GOODS[parts[0].project]
        yield Gift(day, organization_donor(parts[0].donor), yuan, project, (goods, quantity, parts[0].unit))


def _for_points(city: City, points: Sequence[Point]) -> Iterator[Gift]:
    """Yields donations for the demonstration points. Their other sources are public money."""
    rng = city.stream("donation", "points")
    giver = organization_donor(known_organizations()["commerce"])
    for point in points:
        for tranche in point.tranches:
            if tranche.source in {"慈善捐赠", "社会组织"}:
                donor = giver if tranche.source == "社会组织" else draw_donors(rng, 1)[0]
                yield Gift(tranche.day, donor, Decimal(tranche.yuan), point.code)
